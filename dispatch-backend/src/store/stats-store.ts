/**
 * Statistics and what changed, for people who look on. Part of the store contract (`store.ts`). Every verb reads a bounded
 * number of rows, however many jobs and attempts there are.
 *
 * An attempt counts for the moment at which its record was made: the time in its id. Its primary key is therefore the order
 * in which statistics read attempts, and recording one costs nothing more.
 */
import type { AttemptStatus, JobScope, JobStatus } from './store.js'

/**
 * An attempt that is stored later than this after its record was made marks its minute as late. Whoever counts a minute waits
 * for longer than this and the longest transaction (`deadlineMs` of the drivers, half a minute) together.
 */
export const LATE_AFTER_MS = 10_000

export interface StatsStore {
  /** Ids of the live projects within the scope (or of this one, when it is among them), newest first, at most `limit`. */
  findReachableProjects(request: { scope: JobScope; projectId?: string; limit: number }): Promise<string[]>
  /** How many jobs of the projects are in each state, counting to `limit` in each of a project at the most. */
  countStates(request: { projectIds: readonly string[]; limit: number }): Promise<StateCount[]>
  /** Attempts of all projects by the time in their ids, oldest first (or newest first), with what statistics need of them. */
  readAttemptFacts(query: AttemptFactQuery): Promise<AttemptFact[]>
  /** When the first attempt at or after the instant was made; null = there is none. */
  findNextAttemptMs(fromMs: number): Promise<number | null>
  /** What became of these attempts, of those that are within the projects; newest first. Purged ones are left out. */
  readFailures(request: { ids: readonly string[]; projectIds: readonly string[] }): Promise<Failure[]>
  /** How far attempts have been counted. */
  readStatsProgress(): Promise<StatsProgress>
  /** Buckets of one width that begin in `[fromMs, untilMs)`. */
  readStatsBuckets(query: StatsBucketQuery): Promise<StatsBucket[]>
  /** The same, added up over the projects but for those that end after `addedUntilMs`. */
  sumStatsBuckets(query: StatsBucketQuery & { addedUntilMs: number }): Promise<StatsSums>
  /** Stores a few dozen buckets at most, over earlier ones of the same place: a claim may be waiting behind the transaction. */
  writeStatsBuckets(buckets: readonly StatsBucket[]): Promise<void>
  /** Notes that all closed minutes before the instant are counted, and those that were marked late counted anew. */
  finishStats(request: { countedUntilMs: number; lateIds: readonly string[] }): Promise<void>
  /** Deletes buckets that begin before the instant given for their width, at most `limit`; answers how many. */
  purgeStats(request: { ages: readonly { widthMs: number; beforeMs: number }[]; limit: number }): Promise<number>
  /**
   * Waiting jobs of the projects that come due in `[fromMs, untilMs)`, by minute: the earliest `limit` of each project, and as
   * many retries.
   */
  countDue(query: DueCountQuery): Promise<DueCounts>
  /** The jobs as they are now; those that are gone are left out. */
  readJobStates(ids: readonly string[]): Promise<JobState[]>
  /**
   * Jobs created, attempts recorded and requests kept by echoes, by whomever, whose ids are from that instant on: the newest
   * `limit` of each.
   */
  readRecentChanges(request: { fromMs: number; limit: number }): Promise<RecentChanges>
}

/** A state without jobs is absent. */
export interface StateCount {
  readonly status: JobStatus
  readonly count: number
  /** False: the limit was met in a project. */
  readonly isExact: boolean
}

export interface AttemptFactQuery {
  readonly fromMs: number
  readonly untilMs: number
  /** Only those behind this id: reading goes on where the last page ended. */
  readonly after?: string
  readonly limit: number
  readonly newestFirst?: boolean
}

export interface AttemptFact {
  readonly id: string
  /** When its record was made: the time in its id. */
  readonly madeAtMs: number
  readonly projectId: string
  readonly endpoint: string
  readonly status: AttemptStatus
  readonly firedAtMs: number
  readonly latenessMs: number | null
  /** The first 200 characters. */
  readonly error: string | null
}

export interface Failure {
  readonly attemptId: string
  readonly jobId: string
  readonly projectId: string
  readonly title: string
  readonly endpoint: string
  readonly attempt: number
  readonly firedAtMs: number
  readonly responseCode: number | null
  readonly error: string | null
  readonly willRetry: boolean
}

export interface StatsProgress {
  readonly databaseNowMs: number
  /** null = nothing has been counted yet. */
  readonly countedUntilMs: number | null
  /** Minutes to which attempts were added after they may have been counted; oldest first, at most 1,000. */
  readonly late: readonly { readonly id: string; readonly minuteMs: number }[]
}

export interface StatsBucketQuery {
  readonly projectIds: readonly string[]
  readonly widthMs: number
  readonly fromMs: number
  readonly untilMs: number
}

export type Outcomes = Pick<StatsCounts, 'succeeded' | 'failed' | 'interrupted' | 'lateness'>

export interface StretchCounts extends Outcomes {
  readonly atMs: number
}

/** Buckets of several projects; endpoints, failures and `isCut` are of all that were added. */
export interface StatsSums extends Pick<StatsCounts, 'endpoints' | 'failureIds' | 'isCut'> {
  /** One for each start of a bucket, in no order. */
  readonly stretches: readonly StretchCounts[]
  /** Those that were not added. */
  readonly later: readonly StatsBucket[]
}

/** What one project's attempts of a stretch of time came to. */
export interface StatsBucket extends StatsCounts {
  readonly projectId: string
  readonly widthMs: number
  readonly atMs: number
  /** Attempts from here on are not in it. */
  readonly countedUntilMs: number
}

export interface StatsCounts {
  readonly succeeded: number
  readonly failed: number
  readonly interrupted: number
  readonly lateness: { readonly counts: Readonly<Record<string, number>>; readonly maxMs: number | null }
  /** The ones with the most failures, then the busiest. */
  readonly endpoints: readonly EndpointCounts[]
  /** Attempts that failed, newest first; a few. */
  readonly failureIds: readonly string[]
  /** Endpoints had to be left out. */
  readonly isCut: boolean
}

export interface EndpointCounts {
  readonly endpoint: string
  readonly attempts: number
  readonly failed: number
  readonly lastError: string | null
  readonly lastFailedAtMs: number | null
}

export interface DueCountQuery {
  readonly projectIds: readonly string[]
  readonly fromMs: number
  readonly untilMs: number
  readonly limit: number
}

export interface DueCounts {
  readonly minutes: readonly { readonly minuteMs: number; readonly due: number }[]
  /** False: a limit was met; there is more. */
  readonly isComplete: boolean
}

export interface JobState {
  readonly id: string
  readonly projectId: string
  readonly status: JobStatus
  readonly attempt: number
  readonly nextAttemptAtMs: number | null
  readonly updatedAtMs: number
}

export interface RecentChanges {
  readonly changes: readonly RecentChange[]
  /** From when on they are complete: later than `fromMs` when there were more than the limit. */
  readonly sinceMs: number
}

export interface RecentChange {
  /** Of the job, the attempt or the request: the same change has the same id when it is read again. */
  readonly id: string
  /** Null: the project's echo has kept a request. */
  readonly jobId: string | null
  readonly projectId: string
}
