/** What a suite is run against, and the values its cases are made of. */
import { v7 as uuidv7 } from 'uuid'
import { utcEpochMs } from '../../clock.js'
import type {
  AttemptRecord,
  ClaimedJob,
  ClaimRequest,
  EngineStore,
  JobDetails,
  JobScope,
  JobStore,
  NewJob,
  ReleaseRequest,
  Store,
} from '../store.js'

/** The engine's verbs, and enough of the others to make jobs and to look at them. */
export type EngineSubjectStore = EngineStore & Pick<JobStore, 'createJobs' | 'cancelJobs' | 'getJob'>

export interface EngineSubject {
  readonly store: EngineSubjectStore
  /** A second way into the same data, as another replica has it (where the kind of store has none: the same one). */
  readonly other: EngineSubjectStore
  readonly singleEngine: boolean
  /** A project that exists, with a key of its own. */
  readonly seedProject: () => Promise<Project>
  readonly close: () => Promise<void>
}

/** A subject within a case. */
export type EngineContext = EngineSubject & { readonly project: Project }

export interface StoreSubject extends Omit<EngineSubject, 'store' | 'other'> {
  readonly store: Store
  readonly other: Store
}

/** A subject of the whole store within a case; `userId` owns the project's organization. */
export type StoreContext = StoreSubject & { readonly project: Project & { readonly userId: string } }

export interface Project {
  readonly projectId: string
  readonly apiKeyId: string
}

/** An instant that all cases count from; no store compares it with its own clock. */
export const T0 = utcEpochMs(2031, 1, 2, 3, 4, 5)

export function newId(): string {
  return uuidv7()
}

export function keyScope({ projectId, apiKeyId }: Project): JobScope {
  return { kind: 'apiKey', projectId, apiKeyId }
}

export function newJob(project: Project, overrides: Partial<NewJob> = {}): NewJob {
  return {
    id: newId(),
    projectId: project.projectId,
    scope: keyScope(project),
    title: 'Trial ends – Grüße ☂',
    webhookUrl: 'https://hooks.example.com/trial?user=812',
    endpoint: 'https://hooks.example.com:443',
    payload: '{"n":12345678901234567890,"f":1.0,"s":"\\u0000 \\ud800 é 😀"}',
    fireAtMs: T0,
    nowMs: T0 - 60_000,
    ...overrides,
  }
}

/** Of 4 MiB two fit, three do not. */
export const LARGE: Partial<NewJob> = { payload: JSON.stringify('x'.repeat(1.5 * 1024 * 1024)) }

/** Stores jobs of the project and answers them. */
export async function createJobs(
  store: EngineSubjectStore,
  project: Project,
  overrides: readonly Partial<NewJob>[],
): Promise<NewJob[]> {
  const jobs = overrides.map((each) => newJob(project, each))
  const results = await store.createJobs(jobs)
  for (const result of results) if (result.outcome !== 'created') throw new Error(`not created: ${result.outcome}`)
  return jobs
}

/** Claims that last a minute. */
export function claimRequest(
  jobs: readonly { readonly id: string; readonly fireAtMs: number }[],
  overrides: Partial<ClaimRequest> = {},
): ClaimRequest {
  return {
    claimId: newId(),
    replicaId: 'replica-a',
    leaseMs: 60_000,
    nowMs: T0,
    jobs: jobs.map(({ id, fireAtMs }) => ({ id, dueAtMs: fireAtMs })),
    ...overrides,
  }
}

/** A delivered attempt of a claimed job. */
export function record(job: ClaimedJob, claimId: string, overrides: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    attemptId: newId(),
    jobId: job.id,
    claimId,
    attempt: job.attempt,
    status: 'SUCCESS',
    scheduledForMs: job.dueAtMs,
    firedAtMs: job.dueAtMs + 1,
    responseCode: 200,
    responseBody: 'thanks – 謝謝',
    responseTruncated: false,
    latenessMs: 1,
    durationMs: 25,
    error: null,
    next: { status: 'SUCCESS' },
    nowMs: T0 + 30,
    ...overrides,
  }
}

/** A failed attempt, with a retry at the given instant. */
export function failure(job: ClaimedJob, claimId: string, retryAtMs: number): AttemptRecord {
  return record(job, claimId, {
    status: 'FAILED',
    responseCode: 500,
    error: 'The endpoint answered 500',
    next: { status: 'FAILED', retryAtMs },
  })
}

/** A claim whose lease was over when it was made: what a replica leaves that died long ago. */
export const OVER: Partial<ClaimRequest> = { replicaId: 'replica-dead', leaseMs: -60_000 }

/** A sweep for which every heartbeat but the caller's own is stale. */
export function releaseRequest(overrides: Partial<ReleaseRequest> = {}): ReleaseRequest {
  return {
    replicaId: 'replica-b',
    includeOwn: true,
    staleAfterMs: -1,
    maxInterruptions: 10,
    nowMs: T0 + 90_000,
    limit: 100,
    ...overrides,
  }
}

/** Claims one job, which must succeed. */
export async function claimOne(
  store: EngineSubjectStore,
  request: ClaimRequest,
): Promise<{ job: ClaimedJob; claimId: string }> {
  const [job] = (await store.claim(request)).jobs
  if (!job) throw new Error('nothing was claimed')
  return { job, claimId: request.claimId }
}

/** The job as it is now; it must be there. */
export async function look(store: EngineSubjectStore, project: Project, id: string): Promise<JobDetails> {
  const job = await store.getJob(keyScope(project), id)
  if (!job) throw new Error(`job ${id} is gone`)
  return job
}

/** Everything that may be claimed, whenever it is due. */
export const ALL_DUE = {
  fromMs: 0,
  untilMs: T0 * 2,
  excludeProjectIds: [],
  excludeEndpoints: [],
  limit: 1_000,
  scanLimit: 1_000,
} as const
