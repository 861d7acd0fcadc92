/** The ceiling of deliveries: `undici.request` and nothing else, posting what a webhook looks like. */
import { Agent, request } from 'undici'
import { serveVerbs } from '../process.js'

export interface RawLoad {
  readonly urls: readonly string[]
  readonly connectionsPerUrl: number
  readonly count: number
}

export interface RawRate {
  readonly durationMs: number
  /** User and system time of this process. */
  readonly cpuMs: number
}

const HEADERS = {
  'content-type': 'application/json',
  'accept-encoding': 'identity',
  'user-agent': 'raw',
  'x-dispatch-attempt': '1',
  'x-dispatch-scheduled-for': '2026-01-01T00:00:00.000Z',
  'x-dispatch-signature': `t=1767225600,v1=${'0'.repeat(64)}`,
  'webhook-timestamp': '1767225600',
  'webhook-signature': `v1,${'A'.repeat(43)}=`,
}
const BODY = JSON.stringify({
  jobId: '0'.repeat(36),
  title: 'Reminder 12345',
  payload: { order: 12_345, filler: 'x'.repeat(170) },
  firedAt: '2026-01-01T00:00:00.000Z',
})

const verbs = {
  async send({ urls, connectionsPerUrl, count }: RawLoad): Promise<RawRate> {
    const dispatcher = new Agent({ connections: connectionsPerUrl, pipelining: 1 })
    let next = 0
    async function sendInTurn(): Promise<void> {
      for (let index = next++; index < count; index = next++) {
        const headers = { ...HEADERS, 'webhook-id': `raw-${index}` }
        const url = urls[index % urls.length]!
        const answer = await request(url, { dispatcher, method: 'POST', headers, body: BODY })
        await answer.body.text()
      }
    }
    const cpuBefore = process.cpuUsage()
    const startedMs = performance.now()
    await Promise.all(Array.from({ length: urls.length * connectionsPerUrl }, sendInTurn))
    const durationMs = performance.now() - startedMs
    const cpu = process.cpuUsage(cpuBefore)
    await dispatcher.close()
    return { durationMs, cpuMs: (cpu.user + cpu.system) / 1000 }
  },
}

export type RawClientVerbs = typeof verbs
serveVerbs(verbs)
