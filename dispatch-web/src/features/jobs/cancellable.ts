import type { Job } from 'dispatch-contract'

/** Whether there is something to call off: a first attempt, or a retry that is armed. */
export function isCancellable({ status, nextAttemptAt }: Pick<Job, 'status' | 'nextAttemptAt'>): boolean {
  return status === 'SCHEDULED' || (status === 'FAILED' && nextAttemptAt !== null)
}
