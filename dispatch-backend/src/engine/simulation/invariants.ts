/** What must hold whatever happens; each broken one is a sentence. */
import type { Attempt } from '../../store/store.js'
import { MAX_INTERRUPTIONS } from '../limits.js'
import type { Sending } from './faults.js'
import type { MemoryAttempt, MemoryJob, MemoryStore } from './memory-store.js'
import type { SimProcess } from './world.js'

/**
 * How far the time that a replica corrects by the database's can be wrong: either way of a heartbeat takes 20 ms at the most
 * in the simulation, and of which of them the answer's age consists nobody can know; plus the database's whole milliseconds,
 * plus ours.
 */
export const CLOCK_TOLERANCE_MS = 22
/** Instants and durations are whole milliseconds, each rounded by itself. */
const ROUNDING_MS = 2
/** A fault-free first attempt: timers, latency of claim and connect. */
const PUNCTUAL_MS = 150

/** Who claimed which attempt last, and when: `<job id> <attempt>`. */
export type Claimants = Map<string, { readonly process: SimProcess; readonly atMs: number }>

export interface Rules {
  readonly maxAttempts: number
  readonly retryDelaysMs: readonly number[]
  /** No faults in this run: everything must be punctual. */
  readonly calm: boolean
  /**
   * Two readings of the clock that jobs are timed by, by one process, lie as far apart as its monotonic clock says, less this
   * at the most: nothing for a host's clock that never stepped, what heartbeats between them may correct, or no limit.
   */
  readonly clockErrorMs: number
}

/** Checks at the moment a request goes out. */
export function checkSending(
  sending: Sending,
  memory: MemoryStore,
  cancelledAtMs: ReadonlyMap<string, number>,
  claimants: Claimants,
): string[] {
  const job = memory.jobs.get(sending.jobId)
  if (!job) return [`job ${sending.jobId} was sent but never accepted`]
  const broken: string[] = []
  const name = `attempt ${sending.attempt} of ${job.id}`
  if (cancelledAtMs.has(job.id)) broken.push(`${name} was sent after the job was cancelled`)
  if (job.status !== 'FIRING' || job.attempt !== sending.attempt) {
    broken.push(`${name} was sent while the job was ${job.status} at attempt ${job.attempt}`)
  }
  const dueAtMs = job.nextAttemptAtMs ?? job.fireAtMs
  const earlyMs = memory.capabilities.sharesHostClock
    ? dueAtMs - sending.process.latestWallMs(claimants.get(`${job.id} ${sending.attempt}`)!.atMs)
    : dueAtMs - CLOCK_TOLERANCE_MS - sending.atMs
  if (earlyMs > 0) broken.push(`${name} was sent ${earlyMs} ms early`)
  const expected = `{"jobId":"${job.id}","title":"${job.title}","payload":${job.payload},"firedAt":"`
  if (!sending.body.startsWith(expected)) broken.push(`${name} carried ${sending.body}`)
  return broken
}

/** Checks when all has come to rest. */
export function checkEnd(
  memory: MemoryStore,
  sendings: readonly Sending[],
  claimants: Claimants,
  rules: Rules,
): string[] {
  const sentByJob = new Map<string, Sending[]>()
  for (const sending of sendings) sentByJob.set(sending.jobId, [...(sentByJob.get(sending.jobId) ?? []), sending])
  return [...memory.jobs.values()].flatMap((job) => {
    const attempts = [...(memory.attempts.get(job.id) ?? [])].sort((a, b) => a.attempt - b.attempt)
    return checkJob(job, attempts, sentByJob.get(job.id) ?? [], claimants, rules)
  })
}

function checkJob(
  job: MemoryJob,
  attempts: readonly MemoryAttempt[],
  sendings: readonly Sending[],
  claimants: Claimants,
  rules: Rules,
): string[] {
  const broken: string[] = []
  const require = (holds: boolean, words: string): void => {
    if (!holds) broken.push(`job ${job.id} (${job.status}): ${words}`)
  }
  const failed = attempts.filter(({ status }) => status === 'FAILED').length
  const succeeded = attempts.filter(({ status }) => status === 'SUCCESS').length

  require(['SUCCESS', 'DEAD', 'CANCELLED'].includes(job.status), 'was lost: it never came to an end')
  require(attempts.every(
    ({ attempt }, index) => attempt === index + 1,
  ), `attempts ${attempts.map((a) => a.attempt).join()} have gaps`)
  require(attempts.length === job.attempt, `${job.attempt} attempts were made and ${attempts.length} logged`)
  require(succeeded === (job.status === 'SUCCESS' ? 1 : 0), `${succeeded} attempts are logged as SUCCESS`)
  if (job.status === 'SUCCESS') require(attempts.at(-1)?.status === 'SUCCESS', 'its last attempt is no SUCCESS')
  if (job.status === 'DEAD') {
    require(failed === rules.maxAttempts || job.interruptions === MAX_INTERRUPTIONS, `died after ${failed} failures`)
  }
  const diedOfFailure = job.status === 'DEAD' && failed === rules.maxAttempts
  require(job.retryCount ===
    (diedOfFailure ? failed - 1 : failed), `retryCount ${job.retryCount} after ${failed} failures`)
  broken.push(...checkPauses(job, attempts, rules), ...checkSendings(job, attempts, sendings))
  broken.push(...checkInterruptions(job, attempts, claimants))
  if (rules.calm) {
    for (const { scheduledForMs, latenessMs, attempt } of attempts) {
      require(latenessMs === null ||
        latenessMs <= PUNCTUAL_MS, `attempt ${attempt}, due ${scheduledForMs}, was ${latenessMs} ms late`)
    }
  }
  return broken
}

/** A retry is due its pause after the failure, exactly; what follows an interruption does not wait. */
function checkPauses(job: MemoryJob, attempts: readonly MemoryAttempt[], rules: Rules): string[] {
  let failures = 0
  return attempts.flatMap((attempt, index) => {
    if (attempt.status !== 'FAILED') return []
    const pauseMs = rules.retryDelaysMs[failures] ?? rules.retryDelaysMs.at(-1)!
    failures += 1
    const next = attempts[index + 1]
    if (!next) return []
    const endedMs = attempt.nowMs!
    const broken: string[] = []
    if (next.scheduledForMs !== endedMs + pauseMs)
      broken.push(`attempt ${next.attempt} of ${job.id} did not wait ${pauseMs} ms after the failure`)
    const slackMs = rules.clockErrorMs + ROUNDING_MS
    if (endedMs < attempt.firedAtMs + attempt.durationMs! - slackMs)
      broken.push(`attempt ${attempt.attempt} of ${job.id} ended before its ${attempt.durationMs} ms were over`)
    return broken
  })
}

/** Every request is in the log under its number, and none went out twice under one. */
function checkSendings(job: MemoryJob, attempts: readonly Attempt[], sendings: readonly Sending[]): string[] {
  const logged = new Set(attempts.map(({ attempt }) => attempt))
  const unlogged = sendings.filter(({ attempt }) => !logged.has(attempt))
  const broken = unlogged.map(({ attempt }) => `attempt ${attempt} of ${job.id} was sent but not logged`)
  const numbers = new Set(sendings.map(({ attempt }) => attempt))
  if (numbers.size !== sendings.length) broken.push(`an attempt of ${job.id} was sent twice`)
  return broken
}

/** An attempt is interrupted by what happened to its process, never for nothing. */
function checkInterruptions(job: MemoryJob, attempts: readonly Attempt[], claimants: Claimants): string[] {
  const interrupted = attempts.filter(({ status }) => status === 'INTERRUPTED')
  const groundless = interrupted.filter(({ attempt }) => {
    const claimant = claimants.get(`${job.id} ${attempt}`)!
    return claimant.process.disturbedUntilMs < claimant.atMs
  })
  return groundless.map(({ attempt }) => `attempt ${attempt} of ${job.id} is interrupted, though its process was well`)
}
