/** Posts jobs as fast as a server takes them, over kept connections. */
import { HttpConnection } from '../http-connection.js'
import { serveVerbs } from '../process.js'

export interface Load {
  readonly port: number
  readonly connections: number
  readonly count: number
  /** Taken in turns, one per job. */
  readonly apiKeys: readonly string[]
  readonly webhookUrls: readonly string[]
  /** Due time of the first job, and how much later each next one is due. */
  readonly firstDueMs: number
  readonly stepMs: number
}

export interface Posted {
  /** From the first request to the last answer. */
  readonly durationMs: number
  readonly endedAtMs: number
  /** Time of each request. */
  readonly latenciesMs: number[]
  readonly jobs: { id: string; dueMs: number }[]
  /** Answers other than 201, by status. */
  readonly refusals: Record<string, number>
}

const ITEMS = [
  { sku: 'A-1043', quantity: 2, price: 19.9 },
  { sku: 'B-220', quantity: 1, price: 4.5 },
]

function bodyOf(load: Load, index: number): string {
  const fireAt = new Date(dueOf(load, index)).toISOString()
  const webhookUrl = load.webhookUrls[index % load.webhookUrls.length]
  const payload = { order: index, customer: 'cus_8f31c0', reason: 'payment reminder', items: ITEMS, attempt: null }
  return JSON.stringify({ title: `Reminder ${index}`, webhookUrl, fireAt, payload })
}

function dueOf({ firstDueMs, stepMs }: Load, index: number): number {
  return Math.floor(firstDueMs + index * stepMs)
}

const verbs = {
  async post(load: Load): Promise<Posted> {
    const { port, connections, count, apiKeys } = load
    const open = await Promise.all(Array.from({ length: connections }, () => HttpConnection.open('127.0.0.1', port)))
    // What is built beforehand does not count as the server's time; nor does reading the answers.
    const bodies = Array.from({ length: count }, (_, index) => bodyOf(load, index))
    const heads = apiKeys.map((key) => headFor(port, key))
    const answers = Array<{ status: number; body: string }>(count)
    const latenciesMs: number[] = []
    let next = 0
    const startedMs = performance.now()
    async function postInTurn(connection: HttpConnection): Promise<void> {
      for (let index = next++; index < count; index = next++) {
        const sentMs = performance.now()
        answers[index] = await connection.post(heads[index % heads.length]!, bodies[index]!)
        latenciesMs.push(performance.now() - sentMs)
      }
    }
    await Promise.all(open.map(postInTurn))
    const durationMs = performance.now() - startedMs
    const endedAtMs = Date.now()
    for (const connection of open) connection.close()
    return { durationMs, endedAtMs, latenciesMs, ...read(answers, load) }
  },
}

function headFor(port: number, apiKey: string): string {
  const headers = { host: `127.0.0.1:${port}`, 'x-api-key': apiKey, 'content-type': 'application/json' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST /api/v1/jobs HTTP/1.1\r\n${lines.join('')}`
}

function read(answers: readonly { status: number; body: string }[], load: Load): Pick<Posted, 'jobs' | 'refusals'> {
  const jobs: Posted['jobs'] = []
  const refusals: Record<string, number> = {}
  for (const [index, { status, body }] of answers.entries()) {
    if (status === 201)
      jobs.push({ id: (JSON.parse(body) as { data: { id: string } }).data.id, dueMs: dueOf(load, index) })
    else refusals[status] = (refusals[status] ?? 0) + 1
  }
  return { jobs, refusals }
}

export type LoadClientVerbs = typeof verbs
serveVerbs(verbs)
