/**
 * When a transaction is run again. Verbs may be replayed (store.ts), so even a COMMIT with an unknown outcome is simply
 * run again; what differs between databases is only how they say so, which each dialect's `errors.ts` lists.
 */
import type { Clock } from '../clock.js'
import { DatabaseAwayError } from './store.js'

/**
 * `conflict`: another transaction won (deadlock, serialization, certification); ours left no trace and the connection is
 * good. `away`: the connection or the server is gone, or refuses writes; a new connection may find a better one.
 */
export type Failure = 'conflict' | 'away' | 'other'

export interface RetryOptions {
  readonly clock: Clock
  readonly classify: (error: unknown) => Failure
  /** For messages, without credentials: `PostgreSQL at db:5432/dispatch`. */
  readonly where: string
  /** What to do about an error, for people; undefined when its own words must do. */
  readonly advise?: (error: unknown) => string | undefined
  readonly random?: () => number
}

/** Conflicts thin out with each round, so many short rounds beat giving up: about 3 s in all. */
const CONFLICT_TRIES = 12
const CONFLICT_BASE_MS = 4
const CONFLICT_CAP_MS = 500
/** A dead pooled connection and one failing-over server are ridden out; a longer absence is the caller's to wait for. */
const AWAY_PAUSES_MS = [20, 200]

/** Runs `attempt` until it succeeds, fails for a reason of its own, or has been tried often enough (`DatabaseAwayError`). */
export async function retrying<T>(options: RetryOptions, attempt: () => Promise<T>): Promise<T> {
  let conflicts = 0
  let losses = 0
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      const failure = error instanceof DatabaseAwayError ? 'other' : options.classify(error)
      if (failure === 'other') throw error
      const pauseMs = failure === 'conflict' ? conflictPause(++conflicts) : AWAY_PAUSES_MS[losses++]
      if (pauseMs === undefined) throw gaveUp(failure, options, error)
      await options.clock.sleep(pauseMs * (0.5 + (options.random ?? Math.random)()))
    }
  }
}

function conflictPause(conflicts: number): number | undefined {
  if (conflicts >= CONFLICT_TRIES) return undefined
  return Math.min(CONFLICT_BASE_MS * 2 ** (conflicts - 1), CONFLICT_CAP_MS)
}

function gaveUp(failure: Failure, { where, advise }: RetryOptions, cause: unknown): DatabaseAwayError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const what = failure === 'conflict' ? 'is too busy with conflicting transactions' : 'does not answer'
  return new DatabaseAwayError(advise?.(cause) ?? `${where} ${what}: ${reason}`, { cause })
}
