/** When a failed attempt is tried again. Pure: the caller brings the time and the policy. */

export interface RetryPolicy {
  /** Failed attempts after which a job is dead; at least 1. */
  readonly maxAttempts: number
  /** Pause after the first, second, … failure; the last one repeats. Empty = at once. */
  readonly delaysMs: readonly number[]
}

export interface Failure {
  /** Retries armed before this failure: failed attempts so far, this one not counted. */
  readonly retryCount: number
  /** UTC epoch milliseconds at which the attempt ended. */
  readonly failedAtMs: number
}

export type RetryDecision = { readonly dead: true } | { readonly dead: false; readonly retryAtMs: number }

/** What follows a failed attempt: `dead` once `maxAttempts` have failed, else the instant of the next one. */
export function afterFailure({ retryCount, failedAtMs }: Failure, policy: RetryPolicy): RetryDecision {
  if (retryCount + 1 >= policy.maxAttempts) return { dead: true }
  const delayMs = policy.delaysMs[retryCount] ?? policy.delaysMs.at(-1) ?? 0
  return { dead: false, retryAtMs: failedAtMs + delayMs }
}
