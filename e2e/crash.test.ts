/**
 * The server under load is killed (SIGKILL) ten times at random moments and started again, on each database. Then: every
 * accepted job was delivered; what was delivered more than once was in flight at a kill; every attempt is in the log.
 *
 * In flight is told by order, not by durations, which mean nothing on a busy machine: the request may be noted by the
 * receiver long after its sender is dead.
 */
import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../dispatch-backend/src/clock.js'
import type { DatabaseConfig } from '../dispatch-backend/src/store/database-config.js'
import { migrate } from '../dispatch-backend/src/store/migrate.js'
import { databases } from '../dispatch-backend/src/testing/databases.js'
import { startReceiver, type Receiver } from '../dispatch-backend/src/testing/receiver.js'
import { ensureBuilt } from '../scripts/compile.mjs'
import { ROOT } from '../scripts/ensure.mjs'
import { withLock } from '../scripts/lock.mjs'
import { post, signUp } from './client.js'
import { databaseUrl, makeFolder, removeFolder, startServerProcess, type ServerProcess } from './server-process.js'

const KILLS = 10
/** Posting at the same time; each job is due within the next second and a half. */
const CLIENTS = 4
/** Leases of five seconds' delivery time run out after 35 s; a sweep finds them within 15 s, once it has seen a full lease. */
const RECOVERY_MS = 150_000
const DELIVERY_TIMEOUT_MS = 5_000
/** The receiver's longest pause, well under `IN_ORDER_MS`. */
const ANSWER_MS = 40
/** Of two requests that came this far apart the first was answered first, and so recorded first or together with the second. */
const IN_ORDER_MS = 1_000

interface LoggedJob {
  readonly status: string
  readonly attempt: number
  readonly logs: readonly LoggedAttempt[]
}

interface LoggedAttempt {
  readonly attempt: number
  readonly status: string
  /** Of an attempt that was cut short: when it was claimed. */
  readonly firedAt: string
  readonly responseCode: number | null
  readonly durationMs: number | null
}

interface Delivery {
  readonly attempt: number
  readonly atMs: number
}

/** The process is gone somewhere between the two instants. */
interface Kill {
  readonly fromMs: number
  readonly toMs: number
}

/** What became of all jobs, for the rules that compare them. */
interface Aftermath {
  readonly kills: readonly Kill[]
  readonly deliveries: ReadonlyMap<string, readonly Delivery[]>
  /** When requests came whose attempts have been recorded. */
  readonly recordedMs: readonly number[]
}

beforeAll(() => withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT)))

describe.concurrent.each(databases)('killed ten times under load on $name', (database) => {
  let folder: string
  let config: DatabaseConfig
  let drop: () => Promise<void>
  let receiver: Receiver
  let server: ServerProcess | undefined

  beforeEach(async () => {
    folder = await makeFolder()
    ;({ config, drop } = await database.create())
    if (config.kind !== 'sqlite') await migrate(config, { clock: systemClock })
    receiver = await startReceiver({ respond: () => ({ delayMs: randomInt(0, ANSWER_MS) }) })
  })

  afterEach(async () => {
    // A test that failed half-way leaves it running.
    server?.signal('SIGKILL')
    await receiver.close()
    await drop()
    await removeFolder(folder)
  })

  it('loses nothing, and repeats only what was in flight', { timeout: 600_000 }, async () => {
    const start = (): Promise<ServerProcess> => startServerProcess(folder, settingsFor(config))
    let running = (server = await start())
    const { key } = await signUp(running.url)
    const accepted = new Set<string>()
    const kills: Kill[] = []
    let isOver = false
    const clients = Array.from({ length: CLIENTS }, () =>
      keepPosting(
        () => running.url,
        key,
        receiver.url,
        accepted,
        () => isOver,
      ),
    )

    for (let kill = 0; kill < KILLS; kill += 1) {
      const enough = accepted.size + randomInt(1, 40)
      while (accepted.size < enough) await pause(5)
      await pause(randomInt(1_500))
      const fromMs = Date.now()
      running.signal('SIGKILL')
      await running.ended()
      kills.push({ fromMs, toMs: Date.now() })
      running = server = await start()
      expect(running.url, running.output()).not.toBe('')
    }
    isOver = true
    await Promise.all(clients)

    const jobs = await untilAllEnded(running.url, key, [...accepted])
    running.signal('SIGTERM')
    expect(await running.ended()).toBe(0)
    expect(accepted.size).toBeGreaterThan(KILLS)
    const broken = check(jobs, receiver, kills)
    expect(broken).toEqual([])
  })
})

function settingsFor(config: DatabaseConfig): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl(config),
    ALLOW_PRIVATE_WEBHOOKS: 'true',
    DELIVERY_TIMEOUT: `${DELIVERY_TIMEOUT_MS / 1_000}s`,
    RATE_LIMIT_PER_MINUTE: '0',
    RATE_LIMIT_PER_MINUTE_PER_ADDRESS: '0',
    DISPATCH_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  }
}

/** Posts jobs until it is over. What the server did not acknowledge was not accepted, whatever became of it. */
async function keepPosting(
  url: () => string,
  key: string,
  webhookUrl: string,
  accepted: Set<string>,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const fireAt = new Date(Date.now() + randomInt(50, 1_500)).toISOString()
    const job = { title: 'crash', webhookUrl: `${webhookUrl}/hook`, fireAt, payload: { n: accepted.size } }
    try {
      accepted.add((await post<{ id: string }>(`${url()}/api/v1/jobs`, job, { 'x-api-key': key })).id)
      await pause(randomInt(1, 15))
    } catch {
      await pause(50)
    }
  }
}

async function untilAllEnded(url: string, key: string, ids: readonly string[]): Promise<Map<string, LoggedJob>> {
  const ended = new Map<string, LoggedJob>()
  const giveUpAtMs = Date.now() + RECOVERY_MS
  for (let left = ids; left.length > 0; left = left.filter((id) => !ended.has(id))) {
    for (const id of left) {
      const response = await fetch(`${url}/api/v1/jobs/${id}`, { headers: { 'x-api-key': key } })
      const { data } = (await response.json()) as { data: LoggedJob }
      if (data.status === 'SUCCESS' || data.status === 'DEAD' || Date.now() > giveUpAtMs) ended.set(id, data)
      else break
    }
    await pause(100)
  }
  return ended
}

function check(jobs: ReadonlyMap<string, LoggedJob>, receiver: Receiver, kills: readonly Kill[]): string[] {
  const deliveries = new Map<string, Delivery[]>()
  for (const { headers, receivedAtMs } of receiver.requests) {
    const id = String(headers['webhook-id'])
    const delivery = { attempt: Number(headers['x-dispatch-attempt']), atMs: receivedAtMs }
    deliveries.set(id, [...(deliveries.get(id) ?? []), delivery])
  }
  const recordedMs = [...jobs].flatMap(([id, { logs }]) => {
    const recorded = new Set(logs.filter(({ status }) => status === 'SUCCESS').map(({ attempt }) => attempt))
    return (deliveries.get(id) ?? []).filter(({ attempt }) => recorded.has(attempt)).map(({ atMs }) => atMs)
  })
  return [...jobs].flatMap(([id, job]) => checkJob(id, job, { kills, deliveries, recordedMs }))
}

function checkJob(id: string, job: LoggedJob, aftermath: Aftermath): string[] {
  const broken: string[] = []
  const deliveries = aftermath.deliveries.get(id) ?? []
  const logged = new Map(job.logs.map((log) => [log.attempt, log]))
  if (job.status !== 'SUCCESS') broken.push(`job ${id} ended as ${job.status}`)
  if (deliveries.length === 0) broken.push(`job ${id} was never delivered`)
  if (job.logs.length !== job.attempt)
    broken.push(`job ${id} made ${job.attempt} attempts and logged ${job.logs.length}`)
  for (const { attempt } of deliveries) {
    if (!logged.has(attempt)) broken.push(`attempt ${attempt} of ${id} was delivered but is not logged`)
  }
  for (const delivery of deliveries.slice(0, -1)) {
    const log = logged.get(delivery.attempt)
    const next = logged.get(delivery.attempt + 1)
    if (!log || timedOut(log) || (next && wasCutShort(delivery, log, next, aftermath))) continue
    broken.push(
      `job ${id} was delivered again, though nothing cut attempt ${log.attempt} short: ${told(delivery, log)}`,
    )
  }
  return broken
}

/** On a machine that stood still for as long, neither side is to blame. */
function timedOut({ status, responseCode, durationMs }: LoggedAttempt): boolean {
  return status === 'FAILED' && responseCode === null && durationMs !== null && durationMs >= DELIVERY_TIMEOUT_MS
}

/** Its process was killed before the next attempt, and had not recorded what came well after it. */
function wasCutShort(delivery: Delivery, log: LoggedAttempt, next: LoggedAttempt, aftermath: Aftermath): boolean {
  const claimedMs = Date.parse(log.firedAt)
  const kill = aftermath.kills.find(({ toMs }) => toMs >= claimedMs)
  if (log.status !== 'INTERRUPTED' || !kill || kill.fromMs > Date.parse(next.firedAt)) return false
  return !aftermath.recordedMs.some((atMs) => atMs > delivery.atMs + IN_ORDER_MS && atMs < kill.fromMs)
}

function told({ atMs }: Delivery, log: LoggedAttempt): string {
  return `received ${new Date(atMs).toISOString()}, ${JSON.stringify(log)}`
}
