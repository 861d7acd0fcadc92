/** deploy/nginx.conf before two servers that lose answers when told to: what is sent again, and under which key. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findNginx, startNginx } from '../../dispatch-backend/src/testing/nginx.js'
import { freePort } from '../../dispatch-backend/src/testing/server-process.js'
import { siteOn } from './nginx-site.js'

interface Arrival {
  readonly port: number
  readonly key: string | undefined
}

const nginx = findNginx()
if (nginx === undefined) console.error('NOT RUN: the site of nginx (no nginx found)')

describe.skipIf(nginx === undefined)('the site of nginx', () => {
  const arrivals: Arrival[] = []
  const closing: (() => Promise<unknown>)[] = []
  /** The next request is read, and its connection ended without an answer. */
  let losesNext = false
  let front: string

  beforeAll(async () => {
    const ports = [await startBehind(), await startBehind()] as const
    const port = await freePort()
    const running = await startNginx(nginx!, await siteOn(port, ports))
    closing.push(() => running.close())
    front = `http://127.0.0.1:${port}`
  })
  afterAll(async () => {
    for (const close of closing.reverse()) await close()
  })
  beforeEach(() => {
    arrivals.length = 0
    losesNext = false
  })

  async function startBehind(): Promise<number> {
    const server: Server = createServer((request, response) => {
      arrivals.push({ port: portOf(server), key: request.headers['idempotency-key']?.toString() })
      const isLost = losesNext
      losesNext = false
      request.resume().on('end', () => {
        if (isLost) request.socket.destroy()
        else response.end('{}')
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => new Promise((resolve) => server.close(resolve)))
    return portOf(server)
  }

  const post = async (path: string, headers: Record<string, string> = {}): Promise<number> => {
    const answer = await fetch(`${front}${path}`, { method: 'POST', headers, body: '{"title":"the same"}' })
    await answer.text()
    return answer.status
  }

  it('gives each new job a key of its own, so that two equal ones stay two', async () => {
    expect([await post('/api/v1/jobs'), await post('/api/v1/jobs')]).toEqual([200, 200])
    const [first, second] = arrivals
    expect(first?.key).toMatch(/^[0-9a-f]{32}$/)
    expect(second?.key).toMatch(/^[0-9a-f]{32}$/)
    expect(first?.key).not.toBe(second?.key)
  })

  it("passes on the caller's own key", async () => {
    await post('/api/v1/jobs', { 'idempotency-key': 'order-17' })
    expect(arrivals.map(({ key }) => key)).toEqual(['order-17'])
  })

  it('sends a new job whose answer was lost to the other process, under the same key', async () => {
    losesNext = true
    expect(await post('/api/v1/jobs')).toBe(200)
    expect(new Set(arrivals.map(({ port }) => port)).size).toBe(2)
    expect(new Set(arrivals.map(({ key }) => key)).size).toBe(1)
  })

  it('sends no other POST again: nobody knows whether it was carried out', async () => {
    losesNext = true
    expect(await post('/api/v1/jobs/cancel')).toBe(502)
    expect(arrivals).toHaveLength(1)
  })
})

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
