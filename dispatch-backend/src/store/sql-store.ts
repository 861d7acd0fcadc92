import type { Clock } from '../clock.js'
import { SqlAccountStore } from './sql-account-store.js'
import { createApiKey, findApiKey, listApiKeys, revokeApiKey, touchApiKeys } from './sql/api-keys.js'
import { recordAttempts } from './sql/attempts.js'
import { cancelJobs } from './sql/cancel.js'
import { claim, handBack } from './sql/claims.js'
import { createJobs } from './sql/create-jobs.js'
import type { Database } from './sql/database.js'
import * as echoes from './sql/echoes.js'
import { readDue } from './sql/due.js'
import { JobCounter } from './sql/job-counter.js'
import { exportJobs } from './sql/job-export.js'
import { listJobs } from './sql/job-lists.js'
import { takeLease } from './sql/leases.js'
import { findReplay } from './sql/idempotency.js'
import { getJob } from './sql/jobs.js'
import { createProject, getProject, listProjects, markProjectDeleted, renameProject } from './sql/projects.js'
import { purgeDeleted } from './sql/purge-deleted.js'
import { purgeExpired } from './sql/purge-expired.js'
import { releaseExpired } from './sql/release.js'
import { heartbeat, removeReplica } from './sql/replicas.js'
import { countFinished, deleteFinished, findFinished } from './sql/retention.js'
import { settingOrInsert } from './sql/settings.js'
import { readJobStates, readRecentChanges } from './sql/changes.js'
import { findNextAttemptMs, readAttemptFacts, readFailures } from './sql/stats-attempts.js'
import {
  finishStats,
  purgeStats,
  readStatsBuckets,
  readStatsProgress,
  sumStatsBuckets,
  writeStatsBuckets,
} from './sql/stats-buckets.js'
import { countDue, countStates, findReachableProjects } from './sql/stats-jobs.js'
import { listSigningSecrets, rotateSigningSecret } from './sql/signing-secrets.js'
import type { DeleteFinished, Deletion, FinishedPage, FinishedQuery } from './retention-store.js'
import type { Echo, EchoRequest, EchoRequestItem, EchoStore } from './echo-store.js'
import type * as stats from './stats-store.js'
import { LATE_AFTER_MS } from './stats-store.js'
import type * as contract from './store.js'

export interface SqlStoreOptions {
  readonly database: Database
  /** The same data by connections of the engine's own; absent where there is nothing to share out. */
  readonly engineDatabase?: Database
  readonly capabilities: contract.StoreCapabilities
  readonly clock: Clock
}

/** What a verb about statistics or echoes is asked. */
type Request<Verb extends keyof (stats.StatsStore & EchoStore)> = Parameters<(stats.StatsStore & EchoStore)[Verb]>[0]

/** The store on any SQL database: each verb is a function of `sql/`, bound here to its database. */
export class SqlStore extends SqlAccountStore implements contract.Store {
  readonly capabilities: contract.StoreCapabilities
  readonly #engineDatabase: Database
  readonly #counter: JobCounter
  readonly #clock: Clock
  /** The database's clock minus ours, as the last heartbeat saw it. */
  #offsetMs = 0

  constructor({ database, engineDatabase = database, capabilities, clock }: SqlStoreOptions) {
    super(database)
    this.capabilities = capabilities
    this.#engineDatabase = engineDatabase
    this.#counter = new JobCounter(clock)
    this.#clock = clock
  }

  async ping(): Promise<void> {
    await this.database.read((connection) => connection.query('select 1'))
  }

  async close(): Promise<void> {
    await Promise.all([...new Set([this.database, this.#engineDatabase])].map((database) => database.close()))
  }

  settingOrInsert(key: string, value: string): Promise<string> {
    return settingOrInsert(this.database, key, value)
  }

  purgeExpired(request: { nowMs: number; limit: number }): Promise<number> {
    return purgeExpired(this.database, request)
  }

  purgeDeleted(request: { limit: number }): Promise<number> {
    return purgeDeleted(this.database, request)
  }

  async heartbeat(request: { replicaId: string; staleAfterMs: number }): Promise<contract.Heartbeat> {
    const answer = await heartbeat(this.#engineDatabase, request)
    this.#offsetMs = answer.databaseNowMs - this.#clock.wallMs()
    return answer
  }

  removeReplica(replicaId: string): Promise<void> {
    return removeReplica(this.#engineDatabase, replicaId)
  }

  readDue(query: contract.DueQuery): Promise<contract.DuePage> {
    return readDue(this.#engineDatabase, query)
  }

  claim(request: contract.ClaimRequest): Promise<contract.ClaimResult> {
    return claim(this.#engineDatabase, request)
  }

  recordAttempts(records: readonly contract.AttemptRecord[]): Promise<contract.RecordResult[]> {
    const lateBeforeMs = this.#clock.wallMs() + this.#offsetMs - LATE_AFTER_MS
    return recordAttempts(this.#engineDatabase, records, lateBeforeMs)
  }

  handBack(claims: readonly { id: string; claimId: string }[]): Promise<number> {
    return handBack(this.#engineDatabase, claims)
  }

  releaseExpired(request: contract.ReleaseRequest): Promise<contract.ReleasedJob[]> {
    return releaseExpired(this.#engineDatabase, { ...request, singleEngine: this.capabilities.singleEngine })
  }

  createJobs(jobs: readonly contract.NewJob[]): Promise<contract.CreateResult[]> {
    return createJobs(this.database, jobs)
  }

  findReplay(query: contract.ReplayQuery): Promise<contract.Job | null> {
    return findReplay(this.database, query)
  }

  cancelJobs(requests: readonly contract.CancelRequest[]): Promise<contract.CancelResult[]> {
    return cancelJobs(this.database, requests)
  }

  getJob(scope: contract.JobScope, id: string): Promise<contract.JobDetails | null> {
    return getJob(this.database, scope, id)
  }

  listJobs(query: contract.JobListQuery): ReturnType<contract.Store['listJobs']> {
    return listJobs(this.database, this.#counter, query)
  }

  exportJobs(query: contract.JobExportQuery): ReturnType<contract.Store['exportJobs']> {
    return exportJobs(this.database, query)
  }

  createProject(request: contract.NewProject): ReturnType<contract.Store['createProject']> {
    return createProject(this.database, request)
  }

  listProjects(userId: string): Promise<contract.Project[]> {
    return listProjects(this.database, this.#counter, userId)
  }

  getProject(request: { userId: string; id: string }): Promise<contract.Project | null> {
    return getProject(this.database, this.#counter, request)
  }

  renameProject(request: { id: string; name: string; nowMs: number }): Promise<void> {
    return renameProject(this.database, request)
  }

  markProjectDeleted(request: { id: string; nowMs: number }): Promise<void> {
    return markProjectDeleted(this.database, request)
  }

  createApiKey(key: contract.NewApiKey): Promise<void> {
    return createApiKey(this.database, key)
  }

  listApiKeys(projectId: string): Promise<contract.ApiKey[]> {
    return listApiKeys(this.database, projectId)
  }

  revokeApiKey(request: { projectId: string; id: string; nowMs: number }): Promise<boolean> {
    return revokeApiKey(this.database, request)
  }

  findApiKey(keyHash: string): ReturnType<contract.Store['findApiKey']> {
    return findApiKey(this.database, keyHash)
  }

  touchApiKeys(uses: readonly { id: string; usedAtMs: number }[]): Promise<void> {
    return touchApiKeys(this.database, uses)
  }

  listSigningSecrets(request: { projectId: string; nowMs: number }): Promise<contract.SigningSecret[]> {
    return listSigningSecrets(this.database, request)
  }

  rotateSigningSecret(request: {
    projectId: string
    secret: contract.NewSigningSecret
    previousExpireAtMs: number
  }): Promise<void> {
    return rotateSigningSecret(this.database, request)
  }

  getEcho(projectId: string): Promise<Echo | null> {
    return echoes.getEcho(this.database, projectId)
  }

  saveEcho(request: Request<'saveEcho'>): Promise<Echo> {
    return echoes.saveEcho(this.database, request)
  }

  rotateEcho(request: Request<'rotateEcho'>): Promise<Echo | null> {
    return echoes.rotateEcho(this.database, request)
  }

  findEcho(tokenHash: string): Promise<Echo | null> {
    return echoes.findEcho(this.database, tokenHash)
  }

  addEchoRequest(request: Request<'addEchoRequest'>): Promise<boolean> {
    return echoes.addEchoRequest(this.database, request)
  }

  listEchoRequests(projectId: string): Promise<EchoRequestItem[]> {
    return echoes.listEchoRequests(this.database, projectId)
  }

  getEchoRequest(request: Request<'getEchoRequest'>): Promise<EchoRequest | null> {
    return echoes.getEchoRequest(this.database, request)
  }

  clearEchoRequests(projectId: string): Promise<number> {
    return echoes.clearEchoRequests(this.database, projectId)
  }

  findFinished(query: FinishedQuery): Promise<FinishedPage> {
    return findFinished(this.database, query)
  }

  deleteFinished(request: DeleteFinished): Promise<Deletion> {
    return deleteFinished(this.database, request)
  }

  countFinished(request: { limit: number }): Promise<number> {
    return countFinished(this.database, request)
  }

  takeLease(request: { name: string; holder: string; forMs: number }): Promise<boolean> {
    return takeLease(this.database, request)
  }

  findReachableProjects(request: Request<'findReachableProjects'>): Promise<string[]> {
    return findReachableProjects(this.database, request)
  }

  countStates(request: Request<'countStates'>): Promise<stats.StateCount[]> {
    return countStates(this.database, request)
  }

  readAttemptFacts(request: Request<'readAttemptFacts'>): Promise<stats.AttemptFact[]> {
    return readAttemptFacts(this.database, request)
  }

  readFailures(request: Request<'readFailures'>): Promise<stats.Failure[]> {
    return readFailures(this.database, request)
  }

  readStatsBuckets(request: Request<'readStatsBuckets'>): Promise<stats.StatsBucket[]> {
    return readStatsBuckets(this.database, request)
  }

  sumStatsBuckets(request: Request<'sumStatsBuckets'>): Promise<stats.StatsSums> {
    return sumStatsBuckets(this.database, request)
  }

  writeStatsBuckets(buckets: readonly stats.StatsBucket[]): Promise<void> {
    return writeStatsBuckets(this.database, buckets)
  }

  finishStats(request: Request<'finishStats'>): Promise<void> {
    return finishStats(this.database, request)
  }

  purgeStats(request: Request<'purgeStats'>): Promise<number> {
    return purgeStats(this.database, request)
  }

  countDue(request: Request<'countDue'>): Promise<stats.DueCounts> {
    return countDue(this.database, request)
  }

  readRecentChanges(request: Request<'readRecentChanges'>): Promise<stats.RecentChanges> {
    return readRecentChanges(this.database, request)
  }

  findNextAttemptMs(fromMs: number): Promise<number | null> {
    return findNextAttemptMs(this.database, fromMs)
  }

  readStatsProgress(): Promise<stats.StatsProgress> {
    return readStatsProgress(this.database)
  }

  readJobStates(ids: readonly string[]): Promise<stats.JobState[]> {
    return readJobStates(this.database, ids)
  }
}
