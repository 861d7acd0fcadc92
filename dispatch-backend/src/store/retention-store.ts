/** Deleting finished jobs when they have been kept for long enough. Part of the store contract (`store.ts`). */

export interface RetentionStore {
  /**
   * Looks at the next `limit` jobs along the primary key: which of them ended before the limits. Ids are in the order of
   * creation, and nothing ends before it was created, so the walk stops at jobs younger than both limits.
   */
  findFinished(query: FinishedQuery): Promise<FinishedPage>
  /**
   * Deletes those of the jobs that ended before the limits, with their attempts: at most `limit` rows in all, and about 4 MiB
   * of payloads and answers.
   */
  deleteFinished(request: DeleteFinished): Promise<Deletion>
  /** How many jobs are finished, counting to `limit` at the most. */
  countFinished(request: { limit: number }): Promise<number>
  /**
   * Whether `holder` has the lease `name` for the next `forMs` (by the database's clock): it was free, over, or its own
   * already, which prolongs it.
   */
  takeLease(request: { name: string; holder: string; forMs: number }): Promise<boolean>
}

/** A job counts from its end. null = kept for ever. */
export interface RetentionLimits {
  /** For `SUCCESS`, and for `CANCELLED`: it ended as somebody wanted. */
  readonly successBeforeMs: number | null
  /** For `DEAD`. */
  readonly failedBeforeMs: number | null
}

export interface FinishedQuery extends RetentionLimits {
  /** Where the last page ended; '' = at the oldest job. */
  readonly after: string
  readonly limit: number
}

export interface FinishedPage {
  /** In the order of the primary key. */
  readonly ids: readonly string[]
  /** `after` of the next page; null = that was the last. */
  readonly next: string | null
}

export interface Deletion {
  readonly rows: number
  /** False: a bound was met, the same request may find more. */
  readonly isDone: boolean
}

export interface DeleteFinished extends RetentionLimits {
  readonly ids: readonly string[]
  readonly limit: number
}
