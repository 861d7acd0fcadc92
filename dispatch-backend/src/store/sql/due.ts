/**
 * What comes due, read along the index on `due_at`. Everything that narrows the result is an uncorrelated `not in`, which no
 * planner can turn into a join that leaves the index's order.
 */
import type { DueJob, DueQuery } from '../store.js'
import type { Connection, Database, Dialect, SqlValue } from './database.js'
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
export function readDue(database: Database, query: DueQuery): Promise<DueJob[]> {
  return database.read(async (connection) => {
    const jobs: DueJob[] = []
    for (const stretch of stretchesOf(query)) {
      const limit = query.limit - jobs.length
      if (limit > 0) jobs.push(...(await readStretch(connection, database.dialect, query, stretch, limit)))
    }
    return jobs
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

async function readStretch(
  connection: Connection,
  dialect: Dialect,
  query: DueQuery,
  stretch: Stretch,
  limit: number,
): Promise<DueJob[]> {
  const { sql, values } = dueStatement(dialect, query, stretch)
  const rows = await connection.query<DueRow>(sql, [...values, limit])
  return rows.map(toDueJob)
}

/** The statement without its last parameter, the limit. */
function dueStatement(dialect: Dialect, query: DueQuery, stretch: Stretch): { sql: string; values: SqlValue[] } {
  const conditions = [stretch.condition, 'project_id not in (select id from projects where deleted_at is not null)']
  const values = [...stretch.values]
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
  const sql =
    'select id, due_at, project_id, endpoint, payload_bytes from jobs ' +
    `where ${conditions.join(' and ')} order by due_at, id limit ?`
  return { sql, values }
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
