/**
 * What comes due, read along the index on `due_at` and so many rows of it at a time. What narrows the result is applied to
 * these rows: as conditions on the index they would let one statement pass over millions.
 */
import type { DueJob, DuePage, DueQuery } from '../store.js'
import type { Database, Dialect, SqlValue } from './database.js'
import { oneColumn } from './rows.js'

export interface DueRow {
  readonly id: string
  readonly due_at: number
  readonly project_id: string
  readonly endpoint: string
  readonly payload_bytes: number
}

/** A stretch of the index: a condition on (due_at, id) and its values. */
interface Stretch {
  readonly condition: string
  readonly values: readonly SqlValue[]
}

/** See `EngineStore.readDue`. */
export function readDue(database: Database, query: DueQuery): Promise<DuePage> {
  return database.read(async (connection) => {
    const jobs: DueJob[] = []
    for (const stretch of stretchesOf(query)) {
      const { sql, values } = dueStatement(database.dialect, query, stretch, query.limit - jobs.length)
      const rows = await connection.query<DueRow>(sql, values)
      jobs.push(...rows.filter((row) => !isEnd(row)).map(toDueJob))
      const last = jobs.length < query.limit ? rows.find(isEnd) : rows.findLast((row) => !isEnd(row))
      if (last) return { jobs, next: { dueAtMs: last.due_at, id: last.id } }
    }
    return { jobs, next: undefined }
  })
}

/**
 * Going on after a row means the rest of its millisecond, then what is later. As one condition MySQL would read the whole
 * millisecond again for each page, and many jobs share the first one of an hour.
 */
function stretchesOf({ fromMs, untilMs, after }: DueQuery): Stretch[] {
  if (!after || after.dueAtMs < fromMs) return [{ condition: 'due_at >= ? and due_at < ?', values: [fromMs, untilMs] }]
  if (after.dueAtMs >= untilMs) return []
  return [
    { condition: 'due_at = ? and id > ?', values: [after.dueAtMs, after.id] },
    { condition: 'due_at > ? and due_at < ?', values: [after.dueAtMs, untilMs] },
  ]
}

/** Marks the row at which a statement stopped looking. */
const END_BYTES = -1

function isEnd(row: DueRow): boolean {
  return row.payload_bytes === END_BYTES
}

/**
 * The first `scanLimit` rows of the stretch, in their order; of them the first `limit` that are not left out. And, if there
 * are as many rows as that, the last one of them by itself, to say where to go on.
 */
function dueStatement(
  dialect: Dialect,
  query: DueQuery,
  stretch: Stretch,
  limit: number,
): { sql: string; values: SqlValue[] } {
  const { scanLimit } = query
  const { condition, values } = notLeftOut(dialect, query)
  const rows = `from jobs where ${stretch.condition} order by due_at, id limit ?`
  const sql =
    'select * from (select id, due_at, project_id, endpoint, payload_bytes from ' +
    `(select id, due_at, project_id, endpoint, payload_bytes, bucket ${rows}) as page ` +
    `where ${condition} order by due_at, id limit ?) as found union all ` +
    `select * from (select id, due_at, '' as project_id, '' as endpoint, ${END_BYTES} as payload_bytes ${rows} offset ?) as page_end ` +
    'order by due_at, id'
  return { sql, values: [...stretch.values, scanLimit, ...values, limit, ...stretch.values, 1, scanLimit - 1] }
}

function notLeftOut(dialect: Dialect, query: DueQuery): { condition: string; values: SqlValue[] } {
  const conditions = ['project_id not in (select id from projects where deleted_at is not null)']
  const values: SqlValue[] = []
  if (query.share) {
    conditions.push('bucket % ? = ?')
    values.push(query.share.count, query.share.index)
  }
  if (query.excludeProjectIds.length > 0) {
    conditions.push(`project_id not in (select v.id from ${dialect.rowsFromJson([{ name: 'id', type: 'text' }])} as v)`)
    values.push(oneColumn(query.excludeProjectIds))
  }
  if (query.excludeEndpoints.length > 0) {
    const pairs = dialect.rowsFromJson([
      { name: 'project_id', type: 'text' },
      { name: 'endpoint', type: 'text' },
    ])
    conditions.push(`(project_id, endpoint) not in (select v.project_id, v.endpoint from ${pairs} as v)`)
    values.push(JSON.stringify(query.excludeEndpoints))
  }
  return { condition: conditions.join(' and '), values }
}

export function toDueJob(row: DueRow): DueJob {
  return {
    id: row.id,
    dueAtMs: row.due_at,
    projectId: row.project_id,
    endpoint: row.endpoint,
    payloadBytes: row.payload_bytes,
  }
}
