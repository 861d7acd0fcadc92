/** A steady load of new jobs and of reads, through whatever stands in front, by clients that never try a second time. */
import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'

const CLIENTS = 4

export interface Load {
  /** Id and due time of each job that was answered with success. */
  readonly accepted: ReadonlyMap<string, number>
  /** Requests that were answered with anything else, or not at all; as words. */
  readonly refused: readonly string[]
  /** Resolves once there are so many more accepted jobs than now, or one request was refused. */
  more(count: number): Promise<void>
  stop(): Promise<void>
}

export interface LoadTarget {
  readonly url: string
  readonly key: string
  readonly webhookUrl: string
  /** How far ahead the jobs are due, at least and at most. */
  readonly dueInMs: readonly [number, number]
}

export function startLoad(target: LoadTarget): Load {
  const accepted = new Map<string, number>()
  const refused: string[] = []
  let isOver = false
  const client = async (): Promise<void> => {
    while (!isOver) {
      const dueAtMs = Date.now() + randomInt(...target.dueInMs)
      const id = await create(target, dueAtMs, refused)
      if (id !== undefined) {
        accepted.set(id, dueAtMs)
        await read(target, id, refused)
      }
      await pause(randomInt(2, 10))
    }
  }
  const clients = Array.from({ length: CLIENTS }, client)
  return {
    accepted,
    refused,
    async more(count) {
      const enough = accepted.size + count
      while (accepted.size < enough && refused.length === 0) await pause(10)
    },
    async stop() {
      isOver = true
      await Promise.all(clients)
    },
  }
}

async function create(
  { url, key, webhookUrl }: LoadTarget,
  dueAtMs: number,
  refused: string[],
): Promise<string | undefined> {
  const job = { title: 'load', webhookUrl, fireAt: new Date(dueAtMs).toISOString(), payload: { dueAtMs } }
  const headers = { 'x-api-key': key, 'content-type': 'application/json' }
  const answer = await ask(
    `${url}/api/v1/jobs`,
    { method: 'POST', headers, body: JSON.stringify(job) },
    refused,
    dueAtMs,
  )
  return answer?.data.id
}

async function read({ url, key }: LoadTarget, id: string, refused: string[]): Promise<void> {
  await ask(`${url}/api/v1/jobs/${id}`, { headers: { 'x-api-key': key } }, refused)
}

async function ask(
  url: string,
  init: RequestInit,
  refused: string[],
  dueAtMs = Infinity,
): Promise<{ data: { id: string } } | undefined> {
  const what = `${init.method ?? 'GET'} at ${new Date().toISOString()}`
  try {
    const response = await fetch(url, init)
    const text = await response.text()
    if (response.ok) return JSON.parse(text) as { data: { id: string } }
    // We ourselves took so long that the due time had passed: no server refused to work.
    const cameTooLate = text.includes('expected a time in the future') && Date.now() >= dueAtMs
    if (response.status === 400 && cameTooLate) return undefined
    refused.push(`${what}: ${response.status} ${text.slice(0, 200)}`)
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
    refused.push(`${what}: ${String(error)}${cause}`)
  }
  return undefined
}
