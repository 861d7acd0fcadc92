/**
 * The engine's part of the store in memory, for the simulation: the same verbs with the same answers (the conformance suite
 * runs on it too), each at once and whole. Faults and delays are put around it, never into it.
 */
import type {
  Attempt,
  AttemptRecord,
  CancelRequest,
  CancelResult,
  ClaimedJob,
  ClaimRequest,
  ClaimResult,
  CreateResult,
  DuePage,
  DueQuery,
  Heartbeat,
  Job,
  JobDetails,
  JobScope,
  JobStatus,
  NewJob,
  RecordResult,
  ReleasedJob,
  ReleaseRequest,
} from '../../store/store.js'
import { byDueThenId, pageOf, toDue } from './memory-due.js'

export interface MemoryJob extends Omit<NewJob, 'nowMs' | 'idempotency'> {
  status: JobStatus
  dueAtMs: number | null
  nextAttemptAtMs: number | null
  attempt: number
  retryCount: number
  interruptions: number
  claimId: string | null
  owner: string | null
  claimedAtMs: number | null
  leaseUntilMs: number | null
  createdAtMs: number
  updatedAtMs: number
}

/** With what only the record says. */
export type MemoryAttempt = Attempt & Partial<Pick<AttemptRecord, 'next' | 'nowMs'>>

const STOPPED_WORDS = 'Dispatch stopped while this attempt was under way; the endpoint may have received it.'

export class MemoryStore {
  readonly jobs = new Map<string, MemoryJob>()
  readonly attempts = new Map<string, MemoryAttempt[]>()
  readonly capabilities
  readonly #nowMs: () => number
  readonly #newId: () => string
  readonly #replicas = new Map<string, number>()

  constructor(options: { nowMs: () => number; newId: () => string; singleEngine: boolean; sharesHostClock: boolean }) {
    this.#nowMs = options.nowMs
    this.#newId = options.newId
    const { singleEngine, sharesHostClock } = options
    this.capabilities = { singleEngine, sharesHostClock, description: 'memory' }
  }

  heartbeat({ replicaId, staleAfterMs }: { replicaId: string; staleAfterMs: number }): Heartbeat {
    const databaseNowMs = Math.floor(this.#nowMs())
    this.#replicas.set(replicaId, databaseNowMs)
    const replicaIds = [...this.#replicas]
      .filter(([, beatMs]) => beatMs >= databaseNowMs - staleAfterMs)
      .map(([id]) => id)
    return { databaseNowMs, replicaIds: replicaIds.sort() }
  }

  removeReplica(replicaId: string): void {
    this.#replicas.delete(replicaId)
  }

  createJobs(jobs: readonly NewJob[]): CreateResult[] {
    return jobs.map((job) => {
      if (!this.jobs.has(job.id)) this.jobs.set(job.id, newRow(job))
      return { outcome: 'created' }
    })
  }

  cancelJobs(requests: readonly CancelRequest[]): CancelResult[] {
    return requests.map(({ id, retrying, nowMs }) => {
      const job = this.jobs.get(id)
      if (!job) return 'not-found'
      if (job.status !== 'SCHEDULED' && !(retrying && job.status === 'FAILED')) return 'not-cancellable'
      Object.assign(job, { status: 'CANCELLED', dueAtMs: null, nextAttemptAtMs: null, updatedAtMs: nowMs })
      return 'cancelled'
    })
  }

  getJob(scope: JobScope, id: string): JobDetails | null {
    const job = this.jobs.get(id)
    if (!job || (scope.kind === 'apiKey' && scope.projectId !== job.projectId)) return null
    const attempts = [...(this.attempts.get(id) ?? [])].sort((a, b) => b.attempt - a.attempt)
    return { ...toJob(job), project: { id: job.projectId, name: 'project' }, attempts }
  }

  readDue(query: DueQuery): DuePage {
    return pageOf(this.jobs.values(), query)
  }

  claim({ claimId, replicaId, leaseMs, nowMs, jobs }: ClaimRequest): ClaimResult {
    for (const { id, dueAtMs } of jobs) {
      const job = this.jobs.get(id)
      if (!job || job.dueAtMs !== dueAtMs) continue
      job.attempt += 1
      const leaseUntilMs = this.#nowMs() + leaseMs
      const claim = { claimId, owner: replicaId, claimedAtMs: nowMs, leaseUntilMs, updatedAtMs: nowMs }
      Object.assign(job, { status: 'FIRING', dueAtMs: null, ...claim })
    }
    const claimed = jobs
      .map(({ id }) => this.jobs.get(id))
      .filter((job) => job?.claimId === claimId && job.status === 'FIRING')
    return { jobs: claimed.map((job) => toClaimed(job!)).sort(byDueThenId), sealedSecrets: secretsOf(claimed) }
  }

  recordAttempts(records: readonly AttemptRecord[]): RecordResult[] {
    return records.map((record) => this.#record(record))
  }

  handBack(claims: readonly { id: string; claimId: string }[]): number {
    const held = claims.map(({ id, claimId }) => this.#holding(id, claimId)).filter((job) => job !== undefined)
    for (const job of held) {
      job.attempt -= 1
      Object.assign(job, {
        status: job.attempt === 0 ? 'SCHEDULED' : 'FAILED',
        dueAtMs: job.nextAttemptAtMs,
        ...UNCLAIMED,
      })
    }
    return held.length
  }

  releaseExpired(request: ReleaseRequest): ReleasedJob[] {
    const nowMs = this.#nowMs()
    const expired = [...this.jobs.values()]
      .filter((job) => this.#isReleasable(job, request, nowMs))
      .slice(0, request.limit)
    return expired.map((job) => {
      this.#addAttempt(job.id, {
        id: this.#newId(),
        attempt: job.attempt,
        status: 'INTERRUPTED',
        scheduledForMs: job.nextAttemptAtMs!,
        firedAtMs: job.claimedAtMs!,
        responseCode: null,
        responseBody: null,
        responseTruncated: false,
        latenessMs: null,
        durationMs: null,
        error: STOPPED_WORDS,
      })
      interrupt(job, request.maxInterruptions, request.nowMs)
      Object.assign(job, UNCLAIMED)
      const dead = job.status === 'DEAD'
      return { ...toDue({ ...job, dueAtMs: job.dueAtMs ?? request.nowMs }), attempt: job.attempt, dead }
    })
  }

  #isReleasable(job: MemoryJob, request: ReleaseRequest, nowMs: number): boolean {
    if (job.status !== 'FIRING') return false
    const isOwn = job.owner === request.replicaId
    if (this.capabilities.singleEngine && !isOwn) return true
    const isStale = (this.#replicas.get(job.owner!) ?? -Infinity) < nowMs - request.staleAfterMs
    return job.leaseUntilMs! <= nowMs && (isOwn ? request.includeOwn : isStale)
  }

  #holding(id: string, claimId: string): MemoryJob | undefined {
    const job = this.jobs.get(id)
    return job?.claimId === claimId && job.status === 'FIRING' ? job : undefined
  }

  #record(record: AttemptRecord): RecordResult {
    const job = this.#holding(record.jobId, record.claimId)
    if (!job) return this.#wasRecorded(record) ? 'recorded' : 'fenced'
    this.#addAttempt(job.id, { ...record, id: record.attemptId })
    const { next, nowMs } = record
    job.leaseUntilMs = null
    if (next.status === 'interrupted') interrupt(job, next.maxInterruptions, nowMs)
    else if (next.status === 'FAILED') {
      job.retryCount += 1
      Object.assign(job, {
        status: 'FAILED',
        dueAtMs: next.retryAtMs,
        nextAttemptAtMs: next.retryAtMs,
        updatedAtMs: nowMs,
      })
    } else Object.assign(job, { status: next.status, dueAtMs: null, nextAttemptAtMs: null, updatedAtMs: nowMs })
    return 'recorded'
  }

  /** An earlier try of the same call did it. */
  #wasRecorded({ jobId, attemptId }: AttemptRecord): boolean {
    return (this.attempts.get(jobId) ?? []).some(({ id }) => id === attemptId)
  }

  #addAttempt(jobId: string, attempt: MemoryAttempt): void {
    const attempts = this.attempts.get(jobId) ?? []
    if (attempts.some((other) => other.attempt === attempt.attempt))
      throw new Error(`attempt ${attempt.attempt} of ${jobId} twice`)
    this.attempts.set(jobId, [...attempts, attempt])
  }
}

/** Sealing is the caller's affair; in memory a secret lies open. */
function secretsOf(jobs: readonly (MemoryJob | undefined)[]): Record<string, readonly string[]> {
  const secret = `whsec_${Buffer.alloc(32, 'secret').toString('base64')}`
  return Object.fromEntries(jobs.map((job) => [job!.projectId, [secret]]))
}

const UNCLAIMED = { claimId: null, owner: null, claimedAtMs: null, leaseUntilMs: null }

function newRow(newJob: NewJob): MemoryJob {
  const { id, projectId, scope, title, webhookUrl, endpoint, payload, fireAtMs, nowMs, replayOf } = newJob
  const job = { id, projectId, scope, title, webhookUrl, endpoint, payload, fireAtMs }
  const times = { dueAtMs: fireAtMs, nextAttemptAtMs: fireAtMs, createdAtMs: nowMs, updatedAtMs: nowMs }
  const origin = replayOf === undefined ? {} : { replayOf }
  return { ...job, ...origin, ...times, ...UNCLAIMED, status: 'SCHEDULED', attempt: 0, retryCount: 0, interruptions: 0 }
}

function interrupt(job: MemoryJob, maxInterruptions: number, nowMs: number): void {
  job.interruptions += 1
  const isDead = job.interruptions >= maxInterruptions
  const dueAtMs = isDead ? null : nowMs
  Object.assign(job, { status: isDead ? 'DEAD' : 'FAILED', dueAtMs, nextAttemptAtMs: dueAtMs, updatedAtMs: nowMs })
}

function toClaimed({
  id,
  projectId,
  title,
  webhookUrl,
  endpoint,
  payload,
  nextAttemptAtMs,
  attempt,
  retryCount,
}: MemoryJob): ClaimedJob {
  return { id, projectId, title, webhookUrl, endpoint, payload, dueAtMs: nextAttemptAtMs!, attempt, retryCount }
}

function toJob(job: MemoryJob): Job {
  const {
    id,
    projectId,
    title,
    webhookUrl,
    payload,
    fireAtMs,
    nextAttemptAtMs,
    status,
    attempt,
    retryCount,
    createdAtMs,
    updatedAtMs,
    replayOf = null,
  } = job
  return {
    id,
    projectId,
    title,
    webhookUrl,
    payload,
    fireAtMs,
    nextAttemptAtMs,
    status,
    attempt,
    retryCount,
    createdAtMs,
    updatedAtMs,
    replayOf,
  }
}
