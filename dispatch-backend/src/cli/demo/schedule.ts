/** Schedules the plan over the public API, and takes off what is left of it at the end. */
import { DispatchApiError, type Dispatch } from 'dispatch-client'
import { formatInstant, type Clock } from '../../clock.js'
import type { PlannedJob } from './plan.js'
import { hasEnded, type DemoJob, type Progress } from './progress.js'

export interface Scheduling {
  readonly client: Dispatch
  readonly progress: Progress
  readonly clock: Clock
  readonly urlOf: (planned: PlannedJob) => string
  /** No further job is begun once it aborts; those under way are finished, so that none is forgotten. */
  readonly signal: AbortSignal
}

/** Requests at a time. */
const CONCURRENT_CALLS = 32
/** Between two looks at a job that is under way when it is to be called off. */
const AGAIN_MS = 100

/** Schedules these jobs, each due so long after now as its plan says. Rejects with the client's error. */
export async function scheduleGroup(jobs: readonly DemoJob[], scheduling: Scheduling): Promise<void> {
  const beganAtMs = scheduling.clock.wallMs()
  await forEachConcurrently(jobs, scheduling.signal, (one) => schedule(one, beganAtMs, scheduling))
}

async function schedule(one: DemoJob, fromMs: number, scheduling: Scheduling): Promise<void> {
  const { client, progress, clock, urlOf, signal } = scheduling
  const { key, title, dueInMs } = one.planned
  const dueAtMs = fromMs + dueInMs
  const body = { title: `Demo: ${title}`, webhookUrl: urlOf(one.planned), payload: { demo: key } }
  try {
    progress.scheduled(one, await client.schedule({ ...body, fireAt: formatInstant(dueAtMs) }))
  } catch (error) {
    // On a busy machine the due time may have passed before the server had the job.
    const cameTooLate = error instanceof DispatchApiError && isAboutThePast(error) && clock.wallMs() >= dueAtMs
    if (!cameTooLate) throw error
    if (!signal.aborted) await schedule(one, clock.wallMs(), scheduling)
  }
}

function isAboutThePast({ code, message }: DispatchApiError): boolean {
  return code === 'VALIDATION' && message.includes('fireAt: expected a time in the future')
}

/** Cancels each job that is to be, when its time has come. */
export async function cancelAsPlanned({ client, progress, clock, signal }: Scheduling): Promise<void> {
  await Promise.all(
    progress.jobs.map(async (one) => {
      const { cancelAfterMs } = one.planned
      if (cancelAfterMs === undefined || !one.job) return
      await clock.sleep(cancelAfterMs, signal)
      if (!signal.aborted) await cancel(one, client, progress)
    }),
  )
}

/**
 * Nothing may fire at a receiver that is gone: cancels what has not ended, jobs that wait for a retry included. What is under
 * way is waited for until `limit`, as its next attempt may be one too many.
 */
export async function callOffTheRest({ client, progress, clock }: Scheduling, limit: AbortSignal): Promise<void> {
  const rest = progress.jobs.filter((one) => one.job && !hasEnded(one))
  await forEachConcurrently(rest, limit, async (one) => {
    for (;;) {
      await cancel(one, client, progress, limit)
      if (hasEnded(one)) return
      progress.seen(one, await client.get(one.job!.id, { signal: limit }))
      if (hasEnded(one)) return
      await clock.sleep(AGAIN_MS, limit)
    }
  })
}

async function cancel(one: DemoJob, client: Dispatch, progress: Progress, signal?: AbortSignal): Promise<void> {
  try {
    await client.cancel(one.job!.id, { retrying: true, ...(signal && { signal }) })
    progress.cancelled(one)
  } catch (error) {
    // It fires or has ended: then it is as it is, and shown so.
    if (!(error instanceof DispatchApiError && error.code === 'JOB_NOT_CANCELLABLE')) throw error
  }
}

/** Begins no more after the signal or a failure; rejects with the first failure when all that had begun is done. */
async function forEachConcurrently<Item>(
  items: readonly Item[],
  signal: AbortSignal,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items.values()
  let failed = false
  const runner = async (): Promise<void> => {
    for (const item of rest) {
      if (signal.aborted || failed) return
      await run(item).catch((error: unknown) => {
        failed = true
        throw error
      })
    }
  }
  const results = await Promise.allSettled(Array.from({ length: CONCURRENT_CALLS }, runner))
  const failure = results.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
}
