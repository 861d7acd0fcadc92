/** What strangers may try at an echo: its address is open to anybody who knows it, and to guesses. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../clock.js'
import { databases } from '../../testing/databases.js'
import { type Account, openTestApi, type TestApi, type TestProject } from '../testing/test-api.js'

const LIMITS = { maxBodyBytes: 1024 * 1024, perMinutePerKey: 0, perMinutePerAddress: 0, authPer15Minutes: 0 }

let api: TestApi
let account: Account
let project: TestProject
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await api.close()
})

/** An echo that is enabled, and its path. */
async function openEcho(limits: object = {}, told: object = {}): Promise<string> {
  api = await openTestApi(databases[0]!, { limits: { ...LIMITS, ...limits } })
  // What a limit gives back is told by time alone.
  api.clock.hold()
  // However slow the machine is, no delay of an answer ends by itself; every other sleep of the app is as much longer.
  vi.spyOn(api.clock, 'sleep').mockImplementation((delayMs, signal) => systemClock.sleep(20 * delayMs, signal))
  account = await api.signUp()
  project = await api.project(account)
  const path = `/projects/${project.id}/echo`
  const answer = await api.call({ method: 'PUT', path, token: account.token, body: { enabled: true, ...told } })
  return new URL(String(answer.json.data.url)).pathname
}

const kept = async (): Promise<number> =>
  (await api.call({ path: `/projects/${project.id}/echo/requests`, token: account.token })).json.data.length as number

async function listen(): Promise<(text: string) => Promise<Socket>> {
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = api.app.server.address() as AddressInfo
  return async (text) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => undefined)
    sockets.push(socket)
    await once(socket, 'connect')
    socket.write(text)
    return socket
  }
}

describe('an echo', () => {
  it('is limited by address for guesses, and by project for who knows it', async () => {
    const path = await openEcho({ perMinutePerAddress: 3, perMinutePerEcho: 4 })
    const from = '203.0.113.9'
    const guess = async () =>
      (await api.call({ path: `//api/v1/echo/${randomBytes(32).toString('base64url')}`, from })).status
    expect([await guess(), await guess()]).toEqual([404, 404])
    const statuses: number[] = []
    for (let n = 0; n < 5; n++) statuses.push((await api.call({ path: `/${path}`, method: 'POST', from })).status)
    // Who knows the token is no stranger: the address keeps its last guess.
    expect(statuses).toEqual([200, 200, 200, 200, 429])
    expect([await guess(), await guess()]).toEqual([404, 429])
    const elsewhere = await api.call({ path: `/${path}`, method: 'POST', from: '198.51.100.7' })
    expect([elsewhere.status, elsewhere.headers['x-error-code']]).toEqual([429, 'RATE_LIMITED'])
    expect(Number(elsewhere.headers['retry-after'])).toBeGreaterThan(0)
    expect(await kept()).toBe(4)
  })

  it('holds 64 at a time and no more, and takes others when they have been answered or given up', async () => {
    const path = await openEcho({}, { delayMs: 30_000 })
    const open = await listen()
    const request = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}`
    const storing = vi.spyOn(api.store, 'addEchoRequest')
    const waiting = await Promise.all(Array.from({ length: 64 }, () => open(request)))
    await expect.poll(() => storing.mock.calls.length).toBe(64)
    const busy = await api.call({ path: `/${path}?delayMs=0`, method: 'POST' })
    expect([busy.status, busy.headers['x-error-code']]).toEqual([503, 'BUSY'])
    for (const socket of waiting) socket.destroy()
    await expect.poll(async () => (await api.call({ path: `/${path}?delayMs=0`, method: 'POST' })).status).toBe(200)
  })

  it('waits for nobody who has gone while the request was stored', async () => {
    const path = await openEcho({}, { delayMs: 30_000 })
    const open = await listen()
    const gone = new Set<Promise<unknown>>()
    api.app.server.on('connection', (socket: Socket) => gone.add(once(socket, 'close')))
    const add = api.store.addEchoRequest.bind(api.store)
    const storing = vi.spyOn(api.store, 'addEchoRequest').mockImplementation(async (request) => {
      await Promise.all(gone)
      return add(request)
    })
    const request = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}`
    const callers = await Promise.all(Array.from({ length: 64 }, () => open(request)))
    await expect.poll(() => storing.mock.calls.length).toBe(64)
    for (const socket of callers) socket.destroy()
    await expect.poll(async () => (await api.call({ path: `/${path}?delayMs=0`, method: 'POST' })).status).toBe(200)
  })

  it('answers at once those whom it was told to keep waiting when the server stops', async () => {
    const path = await openEcho({}, { delayMs: 30_000 })
    const open = await listen()
    const socket = await open(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}`)
    const answer = once(socket, 'data')
    await expect.poll(kept).toBe(1)
    await api.app.close()
    expect(String((await answer)[0])).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('keeps nothing of a body that never ends, or ends too early', async () => {
    const path = await openEcho()
    const open = await listen()
    const unexpected: unknown[] = []
    api.events.on('unexpected', ({ error }) => unexpected.push(error))
    const endless = await open(`POST ${path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`)
    const answer = once(endless, 'data')
    const piece = `10000\r\n${'x'.repeat(65_536)}\r\n`
    for (let n = 0; n < 20 && !endless.destroyed; n++) endless.write(piece)
    expect(String((await answer)[0])).toMatch(/^HTTP\/1\.1 413 /)
    const short = await open(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{`)
    const closed = once(short.resume(), 'close')
    short.end()
    await closed
    const huge = await open(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n`)
    expect(String((await once(huge, 'data'))[0])).toMatch(/^HTTP\/1\.1 413 /)
    expect((await api.call({ path: `/${path}`, method: 'POST' })).status).toBe(200)
    expect(await kept()).toBe(1)
    expect(unexpected).toEqual([])
  })

  it('answers nothing to tokens of another form', async () => {
    const path = await openEcho()
    for (const changed of [
      `${path}x`,
      path.slice(0, -1),
      `${path}/`,
      `${path}%00`,
      path.toUpperCase(),
      '/api/v1/echo/',
    ]) {
      expect((await api.call({ path: `/${changed}` })).status, changed).toBe(404)
    }
    expect(await kept()).toBe(0)
  })
})
