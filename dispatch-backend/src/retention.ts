/**
 * Finished jobs are kept for ever, or for as many days as is configured. Once an hour one replica walks along the jobs, oldest
 * first, and deletes what has been kept for long enough: in small transactions with pauses between, so that no claim waits
 * behind it. The lease is prolonged with each page; a replica that has lost it stops, and to be overtaken does no harm,
 * since deleting twice deletes once. When nothing is configured, it says so once a day above a million finished jobs.
 */
import type { Clock } from './clock.js'
import type { Events } from './events.js'
import { Loop, type Service } from './lifecycle.js'
import type { RetentionLimits, RetentionStore } from './store/retention-store.js'
import { isAbsence } from './store/store.js'

export interface RetentionDeps {
  readonly store: RetentionStore
  readonly clock: Clock
  readonly events: Events
  /** Tells this process from other replicas. */
  readonly replicaId: string
  /** Days that succeeded and cancelled jobs are kept after their end; null = for ever. */
  readonly successDays: number | null
  /** The same for dead jobs. */
  readonly failedDays: number | null
}

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS
/** Under a day, so that the next day's look is not refused by the lease of the last one. */
const WARNING_LEASE_MS = 20 * HOUR_MS

/** Above it a database that keeps everything deserves a thought: some gigabytes, or a table that takes long to copy. */
export const MANY_FINISHED = 1_000_000

/** Read at a time; they are told apart in memory. */
const PAGE_JOBS = 1_000
/**
 * Deleted in one transaction at most; the store also bounds the bytes. The embedded database has one writer, and a
 * claim that comes meanwhile waits for these few milliseconds.
 */
const CHUNK_JOBS = 25
const CHUNK_ROWS = 100
/** Between transactions. With it about a thousand jobs a second are deleted. */
const PAUSE_MS = 20

export function createRetention(deps: RetentionDeps): Service {
  const { clock, events, successDays, failedDays } = deps
  const keepsAll = successDays === null && failedDays === null
  return new Loop({
    clock,
    everyMs: keepsAll ? DAY_MS : HOUR_MS,
    run: (signal) => (keepsAll ? warnOfMany(deps) : deleteOld(deps, signal)),
    onError: (error) => {
      if (!isAbsence(error)) events.emit('unexpected', { where: 'deleting finished jobs', error })
    },
  })
}

async function warnOfMany({ store, events, replicaId }: RetentionDeps): Promise<void> {
  const lease = { name: 'finished-jobs-warning', holder: replicaId, forMs: WARNING_LEASE_MS }
  if (!(await store.takeLease(lease))) return
  const count = await store.countFinished({ limit: MANY_FINISHED + 1 })
  if (count > MANY_FINISHED) events.emit('manyFinished', { moreThan: MANY_FINISHED })
}

/** One walk along all jobs that are old enough. */
async function deleteOld(deps: RetentionDeps, signal: AbortSignal): Promise<void> {
  const { store, clock, events, replicaId } = deps
  const limits = limitsOf(deps)
  const lease = { name: 'retention', holder: replicaId, forMs: HOUR_MS }
  let after: string | null = ''
  while (after !== null && !signal.aborted && (await store.takeLease(lease))) {
    const page = await store.findFinished({ ...limits, after, limit: PAGE_JOBS })
    const count = await deletePage(deps, limits, page.ids, signal)
    if (count > 0) events.emit('purged', { count })
    after = page.next
    await clock.sleep(PAUSE_MS, signal)
  }
}

function limitsOf({ clock, successDays, failedDays }: RetentionDeps): RetentionLimits {
  const before = (days: number | null): number | null => (days === null ? null : clock.wallMs() - days * DAY_MS)
  return { successBeforeMs: before(successDays), failedBeforeMs: before(failedDays) }
}

/** Answers how many rows went. */
async function deletePage(
  { store, clock }: RetentionDeps,
  limits: RetentionLimits,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  let count = 0
  let start = 0
  while (start < ids.length && !signal.aborted) {
    const chunk = ids.slice(start, start + CHUNK_JOBS)
    const { rows, isDone } = await store.deleteFinished({ ...limits, ids: chunk, limit: CHUNK_ROWS })
    count += rows
    if (isDone) start += CHUNK_JOBS
    await clock.sleep(PAUSE_MS, signal)
  }
  return count
}
