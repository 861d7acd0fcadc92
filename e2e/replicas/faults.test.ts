/**
 * Four servers deliver at a steady rate, and a burst. In its midst one is killed (SIGKILL) and one stopped (SIGSTOP) until others
 * have taken over its jobs; then it goes on. Nothing is lost or early; only what was in flight is sent again, and logged as
 * interrupted; the one that goes on neither sends nor records what it had claimed. How punctual it was is printed.
 */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { percentile } from '../../bench/samples.js'
import { databases } from '../../dispatch-backend/src/testing/databases.js'
import { startReceiver, type ReceivedRequest, type Receiver } from '../../dispatch-backend/src/testing/receiver.js'
import { ensureBuilt } from '../../scripts/compile.mjs'
import { ROOT } from '../../scripts/ensure.mjs'
import { withLock } from '../../scripts/lock.mjs'
import { attemptOf, jobIdOf, lostEarlyOrForeign, openFleet, type Fleet, type LoggedJob } from './fleet.js'

const PER_SECOND = 50
const BURST = 600
/** Requests of the burst that one server has in flight at most. */
const AT_A_TIME = 16
/** Time to create the jobs, and for the servers to look ahead. */
const AHEAD_MS = 5_000
/** Goes on so long after the faults that some of it is due once `READ_WITHIN_MS` is over, and is seen when it is sent again. */
const STEADY_MS = 25_000
const FAULT_AT_MS = 4_000
/** How long before a fault something may have been sent and not recorded: the receiver's pause, and a busy machine. */
const RECORDED_WITHIN_MS = 20_000
/** How long after a fault the receiver may still read what was sent before it. */
const READ_WITHIN_MS = 10_000

interface Faults {
  readonly faultMs: number
  readonly goesOnMs: number
}

beforeAll(() => withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT)))

const servers = databases.filter(({ name }) => name !== 'SQLite')

describe.concurrent.each(servers)('replicas of which one is killed and one stopped, on $name', (database) => {
  let fleet: Fleet
  /** Takes the burst, and answers none of it before the faults. */
  let slow: Receiver
  let letAnswer: () => void

  beforeEach(async () => {
    fleet = await openFleet(database, { DELIVERY_TIMEOUT: '15s', MAX_CONCURRENCY_PER_ENDPOINT: String(AT_A_TIME) })
    const answers = new Promise<void>((resolve) => (letAnswer = resolve))
    slow = await startReceiver({ respond: () => answers.then(() => ({})) })
  })

  afterEach(async () => {
    await fleet.close()
    await slow.close()
  })

  it('lose nothing, and repeat only what was in flight', { timeout: 240_000 }, async () => {
    const [killed, stopped] = await fleet.start(3)
    const startMs = Date.now() + AHEAD_MS
    const steady = await fleet.addJobs(dueTimes(startMs, STEADY_MS))
    const burst = await fleet.addJobs(
      Array.from({ length: BURST }, () => startMs + FAULT_AT_MS),
      slow,
    )

    // None is answered, and a server has at most AT_A_TIME of them in flight: these are more than three can have, so each of
    // the four has some.
    await slow.waitFor(3 * AT_A_TIME + 1, 60_000)
    killed!.signal('SIGKILL')
    stopped!.signal('SIGSTOP')
    const faultMs = Date.now()
    slow.respond({ delayMs: 50 })
    letAnswer()
    await fleet.start(1)
    await fleet.receiver.waitFor(hasAll(steady), 120_000)
    await fleet.untilFinished()

    // By now the others have sent what was claimed by the two.
    const goesOnMs = Date.now()
    stopped!.signal('SIGCONT')
    const late = await fleet.addJobs(dueTimes(goesOnMs + 2_000, 4_000))
    await fleet.receiver.waitFor(hasAll(late), 60_000)
    await fleet.untilFinished()
    const requests = [...fleet.receiver.requests, ...slow.requests].sort((a, b) => a.receivedAtMs - b.receivedAtMs)
    expect(lostEarlyOrForeign(requests, new Map([...steady, ...burst, ...late]))).toEqual([])
    report(database.name, fleet.receiver.requests, new Map([...steady, ...late]), { faultMs, goesOnMs })
    expect(await wronglyRepeated(requests, { faultMs, goesOnMs })).toEqual([])
    expect((await fleet.stop()).filter((code) => code !== 0)).toEqual([null])
  })

  /** What is wrong with the jobs that took more than one attempt, read from the log of a server that lives. */
  async function wronglyRepeated(requests: readonly ReceivedRequest[], faults: Faults): Promise<string[]> {
    const deliveries = byJob(requests)
    const again = [...deliveries].filter(([, sent]) => sent.length > 1 || attemptOf(sent[0]!) > 1)
    const wrong: string[] = []
    for (const [id, sent] of again) wrong.push(...checkRepeated(id, await fleet.readJob(id), sent, faults))
    console.log(
      `${database.name}: ${again.length} jobs were taken over, ${requests.length - deliveries.size} sent again`,
    )
    expect(again.length).toBeGreaterThan(0)
    return wrong
  }
})

function dueTimes(fromMs: number, forMs: number): number[] {
  return Array.from({ length: (forMs * PER_SECOND) / 1_000 }, (_, n) => fromMs + (n * 1_000) / PER_SECOND)
}

function hasAll(jobs: ReadonlyMap<string, number>) {
  return (requests: readonly ReceivedRequest[]): boolean => {
    const ids = new Set(requests.map(jobIdOf))
    return [...jobs.keys()].every((id) => ids.has(id))
  }
}

function byJob(requests: readonly ReceivedRequest[]): Map<string, ReceivedRequest[]> {
  const sent = new Map<string, ReceivedRequest[]>()
  for (const one of requests) sent.set(jobIdOf(one), [...(sent.get(jobIdOf(one)) ?? []), one])
  return sent
}

function checkRepeated(
  id: string,
  job: LoggedJob,
  sent: readonly ReceivedRequest[],
  { faultMs, goesOnMs }: Faults,
): string[] {
  const statusOf = new Map(job.logs.map(({ attempt, status }) => [attempt, status]))
  const wrong: string[] = []
  if (job.status !== 'SUCCESS') wrong.push(`${id} ended as ${job.status}`)
  if (job.logs.length !== job.attempt) wrong.push(`${id} made ${job.attempt} attempts and logged ${job.logs.length}`)
  const others = job.logs.filter(({ status, attempt }) => (status === 'SUCCESS') !== (attempt === job.attempt))
  if (others.length > 0) wrong.push(`${id} has attempts that ended as ${job.logs.map(({ status }) => status).join()}`)
  if (new Set(sent.map(attemptOf)).size !== sent.length) wrong.push(`${id} was sent twice in one attempt`)
  for (const one of sent.slice(0, -1)) {
    const wasInFlight = one.receivedAtMs > faultMs - RECORDED_WITHIN_MS && one.receivedAtMs < faultMs + READ_WITHIN_MS
    if (!wasInFlight) wrong.push(`${id} was sent again, though attempt ${attemptOf(one)} was not in flight at a fault`)
  }
  for (const one of sent) {
    const isStale = statusOf.get(attemptOf(one)) === 'INTERRUPTED' && one.receivedAtMs >= goesOnMs
    if (isStale) wrong.push(`${id} was sent by a server that had lost its claim`)
  }
  return wrong
}

function report(
  name: string,
  requests: readonly ReceivedRequest[],
  dueAt: ReadonlyMap<string, number>,
  { faultMs, goesOnMs }: Faults,
): void {
  const phases = [
    ['four servers', (due: number) => due < faultMs],
    ['after the faults', (due: number) => due >= faultMs && due < goesOnMs],
    ['one goes on', (due: number) => due >= goesOnMs],
  ] as const
  for (const [phase, isIn] of phases) {
    const late = requests.flatMap((one) => {
      const due = dueAt.get(jobIdOf(one))!
      return isIn(due) ? [one.receivedAtMs - due] : []
    })
    if (late.length === 0) continue
    const [p50, p99, most] = [50, 99, 100].map((percent) => percentile(late, percent))
    console.log(`${name}, ${phase}: ${late.length} jobs late by p50 ${p50}, p99 ${p99}, at most ${most} ms`)
  }
}
