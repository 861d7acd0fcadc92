import type { CreateResult, Job, NewJob } from '../store.js'
import type { Connection, Database, Dialect, SqlValue } from './database.js'
import { reserveIdempotencyKeys } from './idempotency.js'
import { readOrganizations } from './job-creators.js'
import { readJobs } from './jobs.js'
import { byId, insertRowsIfAbsent } from './rows.js'

/** See `JobStore.createJobs`. Replayed after an unknown COMMIT, a job that is already stored is `created` again. */
export function createJobs(database: Database, jobs: readonly NewJob[]): Promise<CreateResult[]> {
  const { dialect } = database
  return database.write(async (connection) => {
    const organizations = await readOrganizations(connection, dialect, jobs)
    const allowed = jobs.filter((job) => organizations.has(job))
    const reservations = await reserveIdempotencyKeys(connection, dialect, allowed)
    const outcomes = new Map(allowed.map((job) => [job, outcomeOf(job, reservations.get(job))]))
    const created = allowed.filter((job) => outcomes.get(job)?.outcome === 'created')
    await insertJobs(connection, dialect, created, organizations)
    const earlier = await readJobs(connection, dialect, earlierIds(outcomes.values()))
    return jobs.map((job) => toResult(job, outcomes.get(job), earlier))
  })
}

type Outcome =
  | { readonly outcome: 'created' }
  | { readonly outcome: 'replayed'; readonly jobId: string }
  | { readonly outcome: 'idempotency-conflict' }

/** A key belongs to the job that holds it: ours (also when an earlier try of this call stored it), or one that came before. */
function outcomeOf(job: NewJob, holder: { jobId: string; bodyHash: string } | undefined): Outcome {
  if (!holder || holder.jobId === job.id) return { outcome: 'created' }
  if (holder.bodyHash !== job.idempotency?.bodyHash) return { outcome: 'idempotency-conflict' }
  return { outcome: 'replayed', jobId: holder.jobId }
}

function earlierIds(outcomes: Iterable<Outcome>): string[] {
  return [...outcomes].flatMap((outcome) => (outcome.outcome === 'replayed' ? [outcome.jobId] : []))
}

function toResult(job: NewJob, outcome: Outcome | undefined, earlier: ReadonlyMap<string, Job>): CreateResult {
  if (!outcome) return { outcome: job.scope.kind === 'apiKey' ? 'key-invalid' : 'not-found' }
  if (outcome.outcome !== 'replayed') return outcome
  const first = earlier.get(outcome.jobId)
  // Key and job were stored in one transaction, and a job lives longer than its key.
  if (!first) throw new Error(`job ${outcome.jobId} of an Idempotency-Key is missing`)
  return { outcome: 'replayed', job: first }
}

const COLUMNS = [
  'id',
  'organization_id',
  'project_id',
  'title',
  'webhook_url',
  'endpoint',
  'status',
  'bucket',
  'payload_bytes',
  'fire_at',
  'next_attempt_at',
  'due_at',
  'created_at',
  'updated_at',
  'payload',
  'replay_of',
]

function insertJobs(
  connection: Connection,
  dialect: Dialect,
  jobs: readonly NewJob[],
  organizations: ReadonlyMap<NewJob, string>,
): Promise<void> {
  const rows = byId(jobs).map((job) => jobValues(job, organizations.get(job)!))
  return insertRowsIfAbsent(connection, dialect, 'jobs', COLUMNS, rows)
}

function jobValues(job: NewJob, organizationId: string): SqlValue[] {
  return [
    job.id,
    organizationId,
    job.projectId,
    job.title,
    job.webhookUrl,
    job.endpoint,
    'SCHEDULED',
    bucketOf(job.id),
    Buffer.byteLength(job.payload),
    job.fireAtMs,
    job.fireAtMs,
    job.fireAtMs,
    job.nowMs,
    job.nowMs,
    job.payload,
    job.replayOf ?? null,
  ]
}

/** 0 to 4095: the last twelve bits of a UUIDv7 are random. */
function bucketOf(id: string): number {
  return Number.parseInt(id.slice(-3), 16)
}
