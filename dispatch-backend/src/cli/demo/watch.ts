/** Reads jobs from the API when something is to be learnt: just after an answer of ours, or when a delivery is overdue. */
import type { Dispatch } from 'dispatch-client'
import type { Clock } from '../../clock.js'
import { hasEnded, nextDueMs, type DemoJob, type Progress } from './progress.js'

/** The server writes results in groups, a little after our answer. */
const AFTER_ANSWER_MS = 100
/** When nothing arrived though it is due: it may not reach us. */
const OVERDUE_MS = 500
const AGAIN_MS = 250
const TICK_MS = 50
/** Reads at a time: they must not make the deliveries late that they ask about. */
const CONCURRENT_READS = 8

export interface Watching {
  readonly client: Dispatch
  readonly progress: Progress
  readonly clock: Clock
  /** Epoch ms at which it ends, whatever is still open. */
  readonly untilMs: number
  readonly signal: AbortSignal
}

/**
 * Resolves when nothing more is to come of any job before `untilMs`, or when the signal aborts. Rejects when the server cannot
 * be read.
 */
export async function watchJobs({ client, progress, clock, untilMs, signal }: Watching): Promise<void> {
  const lastReadMs = new Map<DemoJob, number>()
  const isOpen = (one: DemoJob): boolean => !hasEnded(one) && (nextDueMs(one) ?? 0) < untilMs
  while (!signal.aborted && progress.jobs.some(isOpen)) {
    const nowMs = clock.wallMs()
    if (nowMs >= untilMs) return
    const worth = progress.jobs.filter((one) => isWorthReading(one, nowMs, lastReadMs.get(one)))
    await Promise.all(
      worth.slice(0, CONCURRENT_READS).map(async (one) => {
        lastReadMs.set(one, nowMs)
        progress.seen(one, await client.get(one.job!.id, { signal }))
      }),
    )
    if (worth.length <= CONCURRENT_READS) await clock.sleep(TICK_MS, signal)
  }
}

/** Whether reading the job now is likely to tell something new. */
export function isWorthReading(one: DemoJob, nowMs: number, lastReadMs = -Infinity): boolean {
  if (!one.job || hasEnded(one) || nowMs - lastReadMs < AGAIN_MS) return false
  const recorded = one.details?.logs.length ?? 0
  const arrival = one.arrivals.findLast(({ attempt }) => attempt > recorded)
  if (arrival) return arrival.answeredAtMs !== null && nowMs - arrival.answeredAtMs >= AFTER_ANSWER_MS
  // No due time: it is under way, and its delivery went elsewhere.
  return nowMs - (nextDueMs(one) ?? 0) >= OVERDUE_MS
}
