/**
 * The server under load is killed (SIGKILL) ten times at random moments and started again, on each database. Then: every
 * accepted job was delivered; what was delivered more than once was in flight at a kill; every attempt is in the log.
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
/** From a delivery to its record: 40 ms of the receiver, 20 ms of lingering, and what a busy machine takes. */
const RECORDED_WITHIN_MS = 4_000

interface LoggedJob {
  readonly status: string
  readonly attempt: number
  readonly logs: readonly { attempt: number; status: string; firedAt: string }[]
}

beforeAll(() => withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT)))

describe.concurrent.each(databases)('killed ten times under load on $name', (database) => {
  let folder: string
  let config: DatabaseConfig
  let drop: () => Promise<void>
  let receiver: Receiver

  beforeEach(async () => {
    folder = await makeFolder()
    ;({ config, drop } = await database.create())
    if (config.kind !== 'sqlite') await migrate(config, { clock: systemClock })
    receiver = await startReceiver({ respond: () => ({ delayMs: randomInt(0, 40) }) })
  })

  afterEach(async () => {
    await receiver.close()
    await drop()
    await removeFolder(folder)
  })

  it('loses nothing, and repeats only what was in flight', { timeout: 300_000 }, async () => {
    const start = (): Promise<ServerProcess> => startServerProcess(folder, settingsFor(config))
    let server = await start()
    const { key } = await signUp(server.url)
    const accepted = new Set<string>()
    const kills: number[] = []
    let isOver = false
    const clients = Array.from({ length: CLIENTS }, () =>
      keepPosting(
        () => server.url,
        key,
        receiver.url,
        accepted,
        () => isOver,
      ),
    )

    for (let kill = 0; kill < KILLS; kill += 1) {
      await pause(randomInt(200, 1_500))
      kills.push(Date.now())
      server.signal('SIGKILL')
      await server.ended()
      server = await start()
      expect(server.url, server.output()).not.toBe('')
    }
    isOver = true
    await Promise.all(clients)

    const jobs = await untilAllEnded(server.url, key, [...accepted])
    server.signal('SIGTERM')
    expect(await server.ended()).toBe(0)
    expect(accepted.size).toBeGreaterThan(KILLS)
    const broken = check(jobs, receiver, kills)
    expect(broken).toEqual([])
  })
})

function settingsFor(config: DatabaseConfig): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl(config),
    ALLOW_PRIVATE_WEBHOOKS: 'true',
    DELIVERY_TIMEOUT: '5s',
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

function check(jobs: ReadonlyMap<string, LoggedJob>, receiver: Receiver, kills: readonly number[]): string[] {
  const received = new Map<string, { attempt: number; atMs: number }[]>()
  for (const { headers, receivedAtMs } of receiver.requests) {
    const id = String(headers['webhook-id'])
    const delivery = { attempt: Number(headers['x-dispatch-attempt']), atMs: receivedAtMs }
    received.set(id, [...(received.get(id) ?? []), delivery])
  }
  return [...jobs].flatMap(([id, job]) => checkJob(id, job, received.get(id) ?? [], kills))
}

function checkJob(
  id: string,
  job: LoggedJob,
  deliveries: readonly { attempt: number; atMs: number }[],
  kills: readonly number[],
): string[] {
  const broken: string[] = []
  const logged = new Map(job.logs.map((log) => [log.attempt, log]))
  if (job.status !== 'SUCCESS') broken.push(`job ${id} ended as ${job.status}`)
  if (deliveries.length === 0) broken.push(`job ${id} was never delivered`)
  if (job.logs.length !== job.attempt)
    broken.push(`job ${id} made ${job.attempt} attempts and logged ${job.logs.length}`)
  for (const { attempt } of deliveries) {
    if (!logged.has(attempt)) broken.push(`attempt ${attempt} of ${id} was delivered but is not logged`)
  }
  for (const { attempt, atMs } of deliveries.slice(0, -1)) {
    const status = logged.get(attempt)?.status
    const wasKilled = kills.some((killedAtMs) => killedAtMs >= atMs - 50 && killedAtMs - atMs < RECORDED_WITHIN_MS)
    if (status !== 'INTERRUPTED' || !wasKilled) {
      broken.push(`job ${id} was delivered again, though attempt ${attempt} (${status}) was not cut short by a kill`)
    }
  }
  return broken
}
