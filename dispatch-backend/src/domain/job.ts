/** The rules of jobs: scheduling, cancelling, reading. Delivery is the engine's. */
import { createHash } from 'node:crypto'
import { Batcher } from '../batcher.js'
import type { Clock } from '../clock.js'
import { DispatchError, type ErrorCode } from '../errors.js'
import type { Events } from '../events.js'
import type {
  CancelRequest,
  CancelResult,
  CreateResult,
  DueJob,
  Job,
  JobDetails,
  JobListQuery,
  JobPage,
  JobScope,
  NewJob,
  Store,
} from '../store/store.js'
import { storedJob } from '../store/stored-job.js'
import { newIdAt, notFound, requireId } from './id.js'
import { validationError } from './problem.js'
import { type JobRequest, type JobRules, readJobRequest, replayRequest } from './job-request.js'

export interface JobsDeps {
  readonly store: Store
  readonly clock: Clock
  readonly events: Events
  readonly checkUrl: JobRules['checkUrl']
  /** Told of each job right after it is stored, so that one due soon is armed at once. */
  readonly wake: (job: DueJob) => void
}

/** Where a job is scheduled, and by whom. */
export type JobOwner = Pick<NewJob, 'projectId' | 'scope'>

/** `isReplay`: the job of an earlier request with the same idempotency key. */
export interface Scheduled {
  readonly job: Job
  readonly isReplay: boolean
}

export interface Cancellations {
  readonly cancelled: readonly string[]
  readonly refused: readonly { readonly id: string; readonly code: ErrorCode; readonly message: string }[]
}

/** What one job's cancellation may fail by while those of others succeed. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['NOT_FOUND', 'JOB_NOT_CANCELLABLE', 'BUSY'])

/** A key may be used again for another job after a day. */
const IDEMPOTENCY_MS = 24 * 60 * 60 * 1000
/** One commit: well below `max_allowed_packet` (16 MiB at least) even when each byte of a payload is escaped. */
const BATCH = { maxItems: 256, maxBytes: 4 * 1024 * 1024, maxWaiting: 10_000, maxWaitingBytes: 64 * 1024 * 1024 }
/** Columns other than texts. */
const ROW_BYTES = 400
/** A database over a network commits several batches at a time; an embedded one writes one by one anyway. */
const NETWORK_COMMITS = 4

export class Jobs {
  readonly #deps: JobsDeps
  readonly #creates: Batcher<NewJob, CreateResult>
  readonly #cancels: Batcher<CancelRequest, CancelResult>

  constructor(deps: JobsDeps) {
    this.#deps = deps
    const { store, clock } = deps
    const shared = { ...BATCH, concurrency: store.capabilities.singleEngine ? 1 : NETWORK_COMMITS, clock }
    this.#creates = new Batcher({
      ...shared,
      name: 'new jobs',
      run: (jobs) => this.#store(jobs),
      sizeOf: (job) => Buffer.byteLength(job.payload) + job.title.length + job.webhookUrl.length + ROW_BYTES,
    })
    this.#cancels = new Batcher({
      ...shared,
      name: 'cancellations',
      run: (requests) => this.#cancelAll(requests),
      sizeOf: () => ROW_BYTES,
    })
  }

  /**
   * Schedules a job of the project from the raw request body. With an idempotency key that came before with the same body,
   * answers the first job again (`isReplay`). Throws `VALIDATION` and its kin, `IDEMPOTENCY_CONFLICT`, `API_KEY_INVALID`,
   * `NOT_FOUND`, `BUSY`.
   */
  create(owner: JobOwner, raw: Buffer, idempotencyKey?: string): Promise<Scheduled> {
    return this.#schedule(owner, { key: idempotencyKey, raw }, (rules) => readJobRequest(raw, rules))
  }

  /**
   * Schedules the job with that id, whatever became of it, once more: at `fireAt` or else now. Throws as `create` does. `raw`
   * is the body, for the idempotency key, which also stands for the job.
   */
  async replay(
    scope: JobScope,
    id: string,
    { fireAt, raw, idempotencyKey }: { fireAt: string | undefined; raw: Buffer; idempotencyKey: string | undefined },
  ): Promise<Scheduled> {
    const original = await this.get(scope, id)
    const request = { key: idempotencyKey, raw: Buffer.concat([Buffer.from(`replay ${original.id} `), raw]) }
    const owner = { projectId: original.projectId, scope }
    return this.#schedule(owner, request, (rules) => replayRequest(original, fireAt, rules))
  }

  async #schedule(
    owner: JobOwner,
    { key, raw }: { key: string | undefined; raw: Buffer },
    read: (rules: JobRules) => JobRequest,
  ): Promise<Scheduled> {
    const nowMs = this.#deps.clock.wallMs()
    const idempotency = key === undefined ? undefined : idempotencyOf(key, raw, nowMs)
    let request: JobRequest
    try {
      request = read({ nowMs, checkUrl: this.#deps.checkUrl })
    } catch (error) {
      // A repeat of a request that was fine when it first came: its `fireAt` has passed since, or a setting changed.
      const job = idempotency && (await this.#deps.store.findReplay({ ...owner, nowMs, ...idempotency }))
      if (job) return { job, isReplay: true }
      throw error
    }
    const id = newIdAt(nowMs)
    // Not spread: see HOT_FILES in eslint.config.js.
    const newJob: NewJob = Object.assign({ nowMs, id }, request, owner, idempotency && { idempotency })
    const result = await this.#creates.add(newJob)
    switch (result.outcome) {
      case 'created': {
        const job = storedJob(newJob)
        this.#wake(job, request.endpoint)
        return { job, isReplay: false }
      }
      case 'replayed':
        return { job: result.job, isReplay: true }
      case 'idempotency-conflict':
        throw new DispatchError('IDEMPOTENCY_CONFLICT')
      case 'key-invalid':
        throw new DispatchError('API_KEY_INVALID')
      case 'not-found':
        throw notFound('Project')
    }
  }

  /** Throws `JOB_NOT_CANCELLABLE`, `NOT_FOUND`, `API_KEY_INVALID`, `BUSY`. `retrying`: also a FAILED job with a retry armed. */
  async cancel(scope: JobScope, id: string, retrying: boolean): Promise<void> {
    const request = { id: requireId(id, 'Job'), scope, retrying, nowMs: this.#deps.clock.wallMs() }
    const result = await this.#cancels.add(request)
    switch (result) {
      case 'cancelled':
        return
      case 'not-cancellable':
        throw new DispatchError('JOB_NOT_CANCELLABLE')
      case 'not-found':
        throw notFound('Job')
      case 'key-invalid':
        throw new DispatchError('API_KEY_INVALID')
    }
  }

  /** As `cancel`, for each of the ids by itself. Throws `API_KEY_INVALID`, and when the database is away. */
  async cancelMany(scope: JobScope, ids: readonly string[], retrying: boolean): Promise<Cancellations> {
    const distinct = [...new Set(ids.map((id) => id.toLowerCase()))]
    const problems = await Promise.all(distinct.map((id) => this.#tryCancel(scope, id, retrying)))
    return {
      cancelled: distinct.filter((_id, index) => !problems[index]),
      refused: distinct.flatMap((id, index) => {
        const problem = problems[index]
        return problem ? [{ id, code: problem.code, message: problem.message }] : []
      }),
    }
  }

  async #tryCancel(scope: JobScope, id: string, retrying: boolean): Promise<DispatchError | undefined> {
    try {
      await this.cancel(scope, id, retrying)
      return undefined
    } catch (error) {
      if (error instanceof DispatchError && REFUSALS.has(error.code)) return error
      throw error
    }
  }

  /** A job with its attempts, newest first. Throws `NOT_FOUND`. */
  async get(scope: JobScope, id: string): Promise<JobDetails> {
    const job = await this.#deps.store.getJob(scope, requireId(id, 'Job'))
    if (!job) throw notFound('Job')
    return job
  }

  /** A page of jobs. Throws `NOT_FOUND` when `projectId` is none of the caller's projects, and `VALIDATION`. */
  async list(query: JobListQuery): Promise<JobPage> {
    if (query.projectId === undefined) return this.#page(query)
    const projectId = requireId(query.projectId, 'Project')
    if (query.scope.kind === 'apiKey' && query.scope.projectId !== projectId) throw notFound('Project')
    const page = await this.#page({ ...query, projectId })
    // Only a project without such jobs can be somebody else's: jobs in the answer already prove that it is theirs.
    if (page.total === 0) await this.#requireProject(query.scope, projectId)
    return page
  }

  /** Resolves when everything accepted so far is answered. */
  async drain(): Promise<void> {
    await Promise.all([this.#creates.drain(), this.#cancels.drain()])
  }

  async #store(jobs: readonly NewJob[]): Promise<CreateResult[]> {
    const { store, clock, events } = this.#deps
    const startedMs = clock.monotonicMs()
    const results = await store.createJobs(jobs)
    events.emit('created', { count: jobs.length, durationMs: clock.monotonicMs() - startedMs })
    jobs.forEach(({ id, projectId }, index) => {
      if (results[index]!.outcome === 'created') events.emit('jobChanged', { jobId: id, projectId })
    })
    return results
  }

  async #cancelAll(requests: readonly CancelRequest[]): Promise<CancelResult[]> {
    const { store, events } = this.#deps
    const results = await store.cancelJobs(requests)
    requests.forEach(({ id, scope }, index) => {
      if (results[index] !== 'cancelled') return
      events.emit('jobChanged', { jobId: id, projectId: scope.kind === 'apiKey' ? scope.projectId : null })
    })
    return results
  }

  async #page(query: JobListQuery): Promise<JobPage> {
    const page = await this.#deps.store.listJobs(query)
    if (page !== 'too-many-projects') return page
    throw tooManyProjects()
  }

  async #requireProject(scope: JobScope, id: string): Promise<void> {
    if (scope.kind === 'apiKey') return
    if (!(await this.#deps.store.getProject({ userId: scope.userId, id }))) throw notFound('Project')
  }

  #wake(job: Job, endpoint: string): void {
    const { id, projectId, fireAtMs } = job
    this.#deps.wake({ id, projectId, endpoint, dueAtMs: fireAtMs, payloadBytes: Buffer.byteLength(job.payload) })
  }
}

/** Of `sort=due`, which asks each project for each state. */
export function tooManyProjects(): DispatchError {
  return validationError([
    'sort: expected created, as you have too many projects to sort their jobs by due time; name one by projectId, or a status',
  ])
}

function idempotencyOf(key: string, raw: Buffer, nowMs: number): NonNullable<NewJob['idempotency']> {
  const bodyHash = createHash('sha256').update(raw).digest('hex')
  return { key, bodyHash, expiresAtMs: nowMs + IDEMPOTENCY_MS }
}
