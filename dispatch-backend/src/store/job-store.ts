/**
 * The part of the store contract that is about jobs as their owners see them: made, cancelled, shown and listed; the rules at the
 * head of `store.ts` hold here too.
 */

export type JobStatus = 'SCHEDULED' | 'FIRING' | 'SUCCESS' | 'FAILED' | 'DEAD' | 'CANCELLED'
export type AttemptStatus = 'SUCCESS' | 'FAILED' | 'INTERRUPTED'

export interface JobStore {
  /**
   * Stores jobs, or answers an earlier job for its `Idempotency-Key`. The batch's API keys and members are checked in the
   * same transaction: a revoked key, a stranger or a deleted project stores nothing.
   */
  createJobs(jobs: readonly NewJob[]): Promise<CreateResult[]>
  /**
   * The job that an unexpired `Idempotency-Key` made from the same body, or null. For repeats that would no longer pass as
   * new ones, such as after the job's `fireAt`.
   */
  findReplay(request: ReplayQuery): Promise<Job | null>
  /** `SCHEDULED` (with `retrying` also `FAILED`) becomes `CANCELLED`; everything else stays as it is. */
  cancelJobs(requests: readonly CancelRequest[]): Promise<CancelResult[]>
  /** One job with its payload, project and attempts (newest first), or null when it is not within the scope. */
  getJob(scope: JobScope, id: string): Promise<JobDetails | null>
  /**
   * A page of jobs without payloads. `too-many-projects`: a list by due time asks each project for each state, and these are
   * over 2,000.
   */
  listJobs(query: JobListQuery): Promise<JobPage | 'too-many-projects'>
  /**
   * The next jobs of a list behind a place in it, by keys: nothing before is read again, however far in it is. It is bounded in
   * jobs looked at and in payload bytes, so a page may hold few jobs or none and still have a `next`. A job that keeps its place
   * in the list is answered once.
   */
  exportJobs(query: JobExportQuery): Promise<JobExportPage | 'too-many-projects'>
}

/** Whose jobs may be seen or touched: a project's (an API key) or those of all projects of the user's organizations (a session). */
export type JobScope =
  | { readonly kind: 'apiKey'; readonly projectId: string; readonly apiKeyId: string }
  | { readonly kind: 'user'; readonly userId: string }

export interface NewJob {
  readonly id: string
  readonly projectId: string
  /** Who schedules it: a key of the project, or a member of its organization. Checked in the transaction. */
  readonly scope: JobScope
  readonly title: string
  readonly webhookUrl: string
  readonly endpoint: string
  readonly payload: string
  readonly fireAtMs: number
  readonly nowMs: number
  /** The job that this one fires again. */
  readonly replayOf?: string
  readonly idempotency?: {
    readonly key: string
    /** Hash of the raw request body. */
    readonly bodyHash: string
    readonly expiresAtMs: number
  }
}

export type CreateResult =
  /** As `storedJob` tells: the job is not sent back over the wire or between threads. */
  | { readonly outcome: 'created' }
  /** The same key and body came before: this is the first job as it is now. */
  | { readonly outcome: 'replayed'; readonly job: Job }
  | { readonly outcome: 'idempotency-conflict' }
  /** The key was revoked or its project deleted. */
  | { readonly outcome: 'key-invalid' }
  /** The project is none of the user's, or was deleted. */
  | { readonly outcome: 'not-found' }

export interface ReplayQuery {
  readonly projectId: string
  readonly scope: JobScope
  readonly key: string
  readonly bodyHash: string
  readonly nowMs: number
}

export interface CancelRequest {
  readonly id: string
  readonly scope: JobScope
  readonly retrying: boolean
  readonly nowMs: number
}

export type CancelResult = 'cancelled' | 'not-cancellable' | 'not-found' | 'key-invalid'

/** A job without its payload, as lists show it. */
export interface JobSummary {
  readonly id: string
  readonly projectId: string
  readonly title: string
  readonly webhookUrl: string
  readonly fireAtMs: number
  readonly nextAttemptAtMs: number | null
  readonly status: JobStatus
  readonly attempt: number
  readonly retryCount: number
  readonly createdAtMs: number
  readonly updatedAtMs: number
  /** The job that this one fires again; it may be gone by now. */
  readonly replayOf: string | null
}

export interface Job extends JobSummary {
  readonly payload: string
}

export interface JobDetails extends Job {
  readonly project: { readonly id: string; readonly name: string }
  readonly attempts: readonly Attempt[]
}

export interface Attempt {
  readonly id: string
  readonly attempt: number
  readonly status: AttemptStatus
  readonly scheduledForMs: number
  readonly firedAtMs: number
  readonly responseCode: number | null
  readonly responseBody: string | null
  readonly responseTruncated: boolean
  readonly latenessMs: number | null
  readonly durationMs: number | null
  readonly error: string | null
}

/** Which jobs, and in which order. */
export interface JobFilter {
  readonly scope: JobScope
  /** Absent = all. */
  readonly statuses?: readonly JobStatus[]
  readonly projectId?: string
  /** Default: by creation, as the ids have it. `due`: by `fire_at`. */
  readonly sort?: 'due'
  /** Default: latest first. */
  readonly ascending?: boolean
  /** Only jobs created (sorted by due time: due) in `[fromMs, toMs)`. */
  readonly fromMs?: number
  readonly toMs?: number
  /** Only jobs to this scheme, host and port. */
  readonly endpoint?: string
  /** Only jobs whose id begins with it or whose host or title holds it, in either case. */
  readonly text?: string
}

/** `endpoint` and `text` are looked for among the first 10,000 jobs that the other filters leave. */
export interface JobListQuery extends JobFilter {
  readonly page: number
  readonly limit: number
}

/** `endpoint` and `text` are tried on every job that the other filters leave. */
export interface JobExportQuery extends JobFilter {
  /** Only what comes behind it; absent = from the beginning. */
  readonly after?: JobPlace
  /** Jobs looked at, at the most: 1 to 500. */
  readonly limit: number
  readonly withPayload: boolean
  /** UTF-8 bytes of the payloads of a page, of which one job's may be more. */
  readonly maxPayloadBytes: number
}

/** A place in a list by creation (`id`) or due time (both). */
export interface JobPlace {
  readonly fireAtMs: number
  readonly id: string
}

export interface JobExportPage {
  readonly jobs: readonly ExportedJob[]
  /** Where to go on; undefined = the list has been read to its end. */
  readonly next: JobPlace | undefined
}

export interface ExportedJob extends JobSummary {
  readonly project: { readonly id: string; readonly name: string }
  /** The last one recorded; null before the first, or when it has been deleted. */
  readonly lastAttempt: Omit<Attempt, 'responseBody'> | null
  /** Null unless it was asked for. */
  readonly payload: string | null
}

export interface JobPage {
  readonly jobs: readonly (JobSummary & { readonly project: { readonly id: string; readonly name: string } })[]
  /** Exact up to 10,000; above that at most 60 s old. */
  readonly total: number
  readonly totalIsExact: boolean
  /** How many jobs were tried for `endpoint` and `text`, and whether there were more. */
  readonly search?: { readonly searched: number; readonly limited: boolean }
}
