/**
 * `Idempotency-Key`s. The primary key (project, key) decides who was first: we insert where there is nothing, and then read
 * who holds it. A key that another replica is inserting right now makes the insert wait for that transaction's end.
 */
import type { Job, NewJob, ReplayQuery } from '../store.js'
import type { Connection, Database, Dialect, JsonColumn } from './database.js'
import { getJob } from './jobs.js'
import { insertRowsIfAbsent } from './rows.js'

export interface KeyHolder {
  readonly jobId: string
  readonly bodyHash: string
}

interface Reservation {
  /** Equal for jobs with the same key. */
  readonly slot: string
  readonly job: NewJob
  readonly idempotency: NonNullable<NewJob['idempotency']>
}

/** Who holds the key of each job that has one; within the batch the first holds it. Expired keys count as absent. */
export async function reserveIdempotencyKeys(
  connection: Connection,
  dialect: Dialect,
  jobs: readonly NewJob[],
): Promise<Map<NewJob, KeyHolder>> {
  const wanted = jobs.flatMap((job) => (job.idempotency ? [reservation(job, job.idempotency)] : []))
  if (wanted.length === 0) return new Map()
  const firsts = firstOfEachSlot(wanted)
  await insertKeys(connection, dialect, firsts)
  let holders = await readHolders(connection, dialect, firsts)
  // None where somebody purged the key since our insert met it: PostgreSQL does not lock the row that was in the way.
  const expired = firsts.filter(({ slot, job }) => (holders.get(slot)?.expires_at ?? 0) <= job.nowMs)
  if (expired.length > 0) {
    await deleteExpired(connection, expired)
    await insertKeys(connection, dialect, expired)
    holders = await readHolders(connection, dialect, firsts)
  }
  return new Map(
    wanted.map(({ slot, job }) => {
      const holder = holders.get(slot)!
      return [job, { jobId: holder.job_id, bodyHash: holder.body_hash }]
    }),
  )
}

function reservation(job: NewJob, idempotency: NonNullable<NewJob['idempotency']>): Reservation {
  return { slot: slotOf(job.projectId, idempotency.key), job, idempotency }
}

function slotOf(projectId: string, key: string): string {
  return `${projectId} ${key}`
}

/** Sorted, because rows are locked in this order. */
function firstOfEachSlot(wanted: readonly Reservation[]): Reservation[] {
  const firsts = new Map<string, Reservation>()
  for (const item of wanted) if (!firsts.has(item.slot)) firsts.set(item.slot, item)
  return [...firsts.values()].sort((a, b) => (a.slot < b.slot ? -1 : 1))
}

const COLUMNS = ['project_id', 'idempotency_key', 'body_hash', 'job_id', 'expires_at']

function insertKeys(connection: Connection, dialect: Dialect, items: readonly Reservation[]): Promise<void> {
  const rows = items.map(({ job, idempotency }) => [
    job.projectId,
    idempotency.key,
    idempotency.bodyHash,
    job.id,
    idempotency.expiresAtMs,
  ])
  return insertRowsIfAbsent(connection, dialect, 'idempotency_keys', COLUMNS, rows)
}

interface HolderRow {
  readonly project_id: string
  readonly idempotency_key: string
  readonly body_hash: string
  readonly job_id: string
  readonly expires_at: number
}

const KEY_COLUMNS: readonly JsonColumn[] = [
  { name: 'project_id', type: 'text' },
  { name: 'idempotency_key', type: 'text' },
]

async function readHolders(
  connection: Connection,
  dialect: Dialect,
  items: readonly Reservation[],
): Promise<Map<string, HolderRow>> {
  const rows = await connection.query<HolderRow>(
    'select k.project_id, k.idempotency_key, k.body_hash, k.job_id, k.expires_at ' +
      `from ${dialect.rowsFromJson(KEY_COLUMNS)} as v join idempotency_keys as k ` +
      'on k.project_id = v.project_id and k.idempotency_key = v.idempotency_key',
    [JSON.stringify(items.map(({ job, idempotency }) => [job.projectId, idempotency.key]))],
  )
  return new Map(rows.map((row) => [slotOf(row.project_id, row.idempotency_key), row]))
}

/** See `JobStore.findReplay`. */
export async function findReplay(database: Database, query: ReplayQuery): Promise<Job | null> {
  const { projectId, scope, key, bodyHash, nowMs } = query
  const [holder] = await database.read(
    (connection) =>
      connection.query<{ job_id: string }>(
        'select job_id from idempotency_keys ' +
          'where project_id = ? and idempotency_key = ? and body_hash = ? and expires_at > ?',
        [projectId, key, bodyHash, nowMs],
      ),
    { fresh: true },
  )
  return holder ? getJob(database, scope, holder.job_id) : null
}

/** One by one: a key used again after a day is rare. */
async function deleteExpired(connection: Connection, items: readonly Reservation[]): Promise<void> {
  for (const { job, idempotency } of items) {
    await connection.execute(
      'delete from idempotency_keys where project_id = ? and idempotency_key = ? and expires_at <= ?',
      [job.projectId, idempotency.key, job.nowMs],
    )
  }
}
