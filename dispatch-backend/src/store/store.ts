/**
 * The store contract: a list of verbs of our domain, not a query API. One conformance suite (`conformance/`) runs every
 * verb on every database; a verb lands together with its case there.
 *
 * Rules that hold for all verbs:
 * - Each verb is one transaction, and may be replayed after a COMMIT whose outcome is unknown: ids come from the caller,
 *   `(job_id, attempt)` is unique, and a claim is known by its `claimId`.
 * - Ownership is part of the query (`JobScope`), never find-then-compare.
 * - Ids are UUIDv7 in lower case; instants are UTC epoch milliseconds. Leases and heartbeats are judged by the database's
 *   clock, all other instants come from the caller.
 * - Batches answer per item, in the order asked.
 * - A database that cannot be reached rejects with `DatabaseAwayError`; retryable errors (deadlock, certification,
 *   serialization) have already been retried within. A read for the API that takes a server too long rejects with
 *   `QueryTooSlowError`.
 *
 * How a job's row moves (all other columns follow):
 *
 *   createJobs      -> SCHEDULED  due_at = next_attempt_at = fire_at
 *   claim           -> FIRING     due_at = null, claim_id, attempt + 1, lease_until, claimed_at, owner
 *   recordAttempts  -> SUCCESS | FAILED (due_at = next_attempt_at = retry time) | DEAD
 *   handBack        -> as before the claim (SCHEDULED when attempt falls to 0, else FAILED), due_at = next_attempt_at
 *   releaseExpired  -> FAILED, due at once, or DEAD after too many interruptions
 *   cancelJobs      -> CANCELLED
 *
 * `due_at` is non-null exactly while the job may be claimed, so `id = ? and due_at = ?` is the whole claim condition and
 * one index on `due_at` serves every read of the engine.
 */

import type {
  AccountStore,
  MailStore,
  OperatorStore,
  ProfileStore,
  ProofStore,
  RegistrationStore,
} from './account-store.js'
import type { EchoStore } from './echo-store.js'
import type { AttemptStatus, JobStore } from './job-store.js'
import type { ProjectStore } from './project-store.js'
import type { RetentionStore } from './retention-store.js'
import type { StatsStore } from './stats-store.js'

export type {
  AccountStore,
  NewSession,
  NewUser,
  Organization,
  Role,
  Session,
  User,
  UserWithPassword,
} from './account-store.js'
export type {
  Attempt,
  AttemptStatus,
  CancelRequest,
  CancelResult,
  CreateResult,
  ExportedJob,
  Job,
  JobDetails,
  JobExportPage,
  JobExportQuery,
  JobFilter,
  JobListQuery,
  JobPage,
  JobPlace,
  JobScope,
  JobStatus,
  JobStore,
  JobSummary,
  NewJob,
  ReplayQuery,
} from './job-store.js'
export type {
  ApiKey,
  NewApiKey,
  NewProject,
  NewSigningSecret,
  Project,
  ProjectStore,
  SigningSecret,
} from './project-store.js'

export interface Store
  extends
    EngineStore,
    JobStore,
    AccountStore,
    ProjectStore,
    EchoStore,
    RegistrationStore,
    ProofStore,
    ProfileStore,
    OperatorStore,
    MailStore,
    RetentionStore,
    StatsStore {
  readonly capabilities: StoreCapabilities
  /** Rejects with `DatabaseAwayError` when the database does not answer. */
  ping(): Promise<void>
  /** The value under `key`, after storing `value` there if there was none: all replicas agree on the first one written. */
  settingOrInsert(key: string, value: string): Promise<string>
  /**
   * Deletes, at most `limit` rows a table: used-up idempotency keys, ended sessions, expired signing secrets, registrations,
   * codes and mails, dead replicas.
   */
  purgeExpired(request: { nowMs: number; limit: number }): Promise<number>
  /**
   * Deletes, at most `limit` rows in all and about 4 MiB of payloads and answers, what belongs to projects marked as deleted;
   * finally the projects. 0 = nothing left.
   */
  purgeDeleted(request: { limit: number }): Promise<number>
  close(): Promise<void>
}

/** What a database can do, so that nobody outside `store/` asks for its name. */
export interface StoreCapabilities {
  /** Only one engine can be running on it (it holds a lock on the file), so every claim that is not ours is a dead process's. */
  readonly singleEngine: boolean
  /** Its clock is this host's clock: no offset to measure. */
  readonly sharesHostClock: boolean
  /** For people, without credentials: `SQLite 3.50 at data/dispatch.db`. */
  readonly description: string
}

/** The database does not answer or refuses connections; the same call may succeed later. */
export class DatabaseAwayError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DatabaseAwayError'
  }
}

/**
 * The database is there, but took too long for what it was to read: asked for less, it may answer. A `DatabaseAwayError` to
 * all who only try again later.
 */
export class QueryTooSlowError extends DatabaseAwayError {
  /** After which the query was ended. */
  readonly seconds: number

  constructor(message: string, { seconds, ...options }: ErrorOptions & { readonly seconds: number }) {
    super(message, options)
    this.name = 'QueryTooSlowError'
    this.seconds = seconds
  }
}

/** Whether the database is away, no more: the engine, which needs it every second, tells of that for all. */
export function isAbsence(error: unknown): boolean {
  return error instanceof DatabaseAwayError && !(error instanceof QueryTooSlowError)
}

export interface EngineStore {
  /** Notes that the replica lives and answers who else does (heartbeat younger than `staleAfterMs`; sorted; itself included). */
  heartbeat(request: { replicaId: string; staleAfterMs: number }): Promise<Heartbeat>
  /** The replica has stopped in order: it counts as gone at once. */
  removeReplica(replicaId: string): Promise<void>
  /**
   * Claimable jobs whose due time lies in `[fromMs, untilMs)`, by (due, id); a plain read. It is bounded in what it answers and
   * in what it looks at, so that a mountain of rows that are left out makes no read long.
   */
  readDue(query: DueQuery): Promise<DuePage>
  /**
   * `SCHEDULED`/`FAILED` with the expected due time becomes `FIRING` under `claimId`. Jobs that are no longer so (cancelled,
   * claimed by another, moved, project deleted) are simply not in the answer.
   */
  claim(request: ClaimRequest): Promise<ClaimResult>
  /** Writes attempts and the jobs' next states, each only while its `claimId` still holds. */
  recordAttempts(records: readonly AttemptRecord[]): Promise<RecordResult[]>
  /** Returns claims that were provably never sent: the job is as it was before them. Answers how many were still held. */
  handBack(claims: readonly { id: string; claimId: string }[]): Promise<number>
  /**
   * Takes back claims whose lease ran out and whose owner's heartbeat is stale; with `includeOwn` also the caller's own whose
   * lease ran out (it holds no claim that old: such a one is the trace of a statement that ran after its connection was given
   * up); on a `singleEngine` database every claim of another owner, whatever its lease. Each is logged as an `INTERRUPTED`
   * attempt and due at once, or `DEAD` with error `interrupted` at the `maxInterruptions`-th.
   */
  releaseExpired(request: ReleaseRequest): Promise<ReleasedJob[]>
}

export interface Heartbeat {
  readonly databaseNowMs: number
  /** Live replicas, sorted; the caller is among them. */
  readonly replicaIds: readonly string[]
}

export interface DueQuery {
  readonly fromMs: number
  readonly untilMs: number
  /** Only rows after this one: reading goes on where the last page ended. */
  readonly after?: DuePlace
  /** Only the share of replica `index` of `count` (by `bucket % count`); absent = all. */
  readonly share?: { readonly index: number; readonly count: number }
  readonly excludeProjectIds: readonly string[]
  /** `[projectId, endpoint]` pairs. */
  readonly excludeEndpoints: readonly (readonly [string, string])[]
  /** Jobs that are answered, at the most. */
  readonly limit: number
  /** Rows of a statement that are looked at, at the most, those that are left out included. */
  readonly scanLimit: number
}

/** A place in the order of due jobs. */
export interface DuePlace {
  readonly dueAtMs: number
  readonly id: string
}

export interface DuePage {
  readonly jobs: readonly DueJob[]
  /** Where to go on; undefined = the window has been read to its end. */
  readonly next: DuePlace | undefined
}

/** What a replica holds of a near job: enough to claim it, no payload. */
export interface DueJob {
  readonly id: string
  readonly dueAtMs: number
  readonly projectId: string
  /** scheme + host + port of the webhook URL. */
  readonly endpoint: string
  /** UTF-8 bytes of the payload: claims are bounded in bytes. */
  readonly payloadBytes: number
}

export interface ClaimRequest {
  readonly claimId: string
  readonly replicaId: string
  readonly leaseMs: number
  readonly nowMs: number
  readonly jobs: readonly { readonly id: string; readonly dueAtMs: number }[]
}

export interface ClaimResult {
  /** By (due, id). */
  readonly jobs: readonly ClaimedJob[]
  /** Unexpired signing secrets of the jobs' projects, newest first, still sealed. */
  readonly sealedSecrets: Readonly<Record<string, readonly string[]>>
}

export interface ClaimedJob {
  readonly id: string
  readonly projectId: string
  readonly title: string
  readonly webhookUrl: string
  readonly endpoint: string
  /** The JSON text exactly as it was sent to us. */
  readonly payload: string
  /** The due time of this attempt (`nextAttemptAt` before the claim). */
  readonly dueAtMs: number
  /** Number of this attempt, from 1. */
  readonly attempt: number
  /** Retries armed so far: failed attempts before this one. */
  readonly retryCount: number
}

export interface AttemptRecord {
  /** Id of the attempt row. */
  readonly attemptId: string
  readonly jobId: string
  readonly claimId: string
  readonly attempt: number
  readonly status: AttemptStatus
  readonly scheduledForMs: number
  readonly firedAtMs: number
  readonly responseCode: number | null
  /** At most 64 KiB of UTF-8, without NUL; null when there was no answer. */
  readonly responseBody: string | null
  readonly responseTruncated: boolean
  /** null when no byte went out. */
  readonly latenessMs: number | null
  readonly durationMs: number
  /** Words for people; null on success. */
  readonly error: string | null
  readonly next: NextState
  readonly nowMs: number
}

/** `interrupted` counts against the interruption limit, not against the attempts: due at once, or `DEAD` at `maxInterruptions`. */
export type NextState =
  | { readonly status: 'SUCCESS' }
  | { readonly status: 'DEAD' }
  | { readonly status: 'FAILED'; readonly retryAtMs: number }
  | { readonly status: 'interrupted'; readonly maxInterruptions: number }

/** `recorded`: written now or by an earlier try of the same call. `fenced`: the claim is no longer ours; nothing was written. */
export type RecordResult = 'recorded' | 'fenced'

export interface ReleaseRequest {
  readonly replicaId: string
  readonly includeOwn: boolean
  readonly staleAfterMs: number
  readonly maxInterruptions: number
  readonly nowMs: number
  readonly limit: number
}

export interface ReleasedJob extends DueJob {
  readonly attempt: number
  readonly dead: boolean
}
