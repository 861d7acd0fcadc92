import type { Dispatch, JobDetails } from 'dispatch-client'
import type { Clock } from '../../clock.js'
import { parseInstant } from '../../domain/instant.js'

/** While something is about to happen; and the longest, since a job may be cancelled at any time. */
const SHORTEST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 5_000

/** Answers the job each time its state or its attempts have changed, from now until it has ended. */
export async function* changesOf(client: Dispatch, id: string, clock: Clock): AsyncGenerator<JobDetails> {
  let seen = ''
  for (;;) {
    const job = await client.get(id)
    const state = `${job.status} ${job.attempt} ${job.logs.length}`
    if (state !== seen) yield job
    seen = state
    if (hasEnded(job)) return
    await clock.sleep(pauseMs(job, clock.wallMs()))
  }
}

function hasEnded({ status }: JobDetails): boolean {
  return status === 'SUCCESS' || status === 'DEAD' || status === 'CANCELLED'
}

function pauseMs({ status, nextAttemptAt }: JobDetails, nowMs: number): number {
  const due = status === 'FIRING' || nextAttemptAt === null ? undefined : parseInstant(nextAttemptAt)
  const untilDueMs = due?.ok ? due.epochMs - nowMs : 0
  return Math.min(Math.max(untilDueMs, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS)
}
