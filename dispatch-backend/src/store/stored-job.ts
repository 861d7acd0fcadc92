import type { Job, NewJob } from './job-store.js'

/** The job that `createJobs` has stored, as nobody has touched it yet. */
export function storedJob(job: NewJob): Job {
  return {
    id: job.id,
    projectId: job.projectId,
    title: job.title,
    webhookUrl: job.webhookUrl,
    payload: job.payload,
    fireAtMs: job.fireAtMs,
    nextAttemptAtMs: job.fireAtMs,
    status: 'SCHEDULED',
    attempt: 0,
    retryCount: 0,
    createdAtMs: job.nowMs,
    updatedAtMs: job.nowMs,
    replayOf: job.replayOf ?? null,
  }
}
