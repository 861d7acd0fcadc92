/**
 * What belonged to deleted projects goes in chunks, children first, each by primary key. The project's own row goes last and
 * not before every transaction has ended that may have seen the project alive: a job stored after its project is gone
 * would stay for ever.
 */
import type { Connection, Database, Dialect } from './database.js'
import { readDatabaseClock } from './database-clock.js'
import { deleteKeys, type KeyRow } from './purge-expired.js'
import { deleteByIds, oneColumn } from './rows.js'

/** Longer than any transaction lasts. */
const GRACE_MS = 10 * 60_000

const DELETED = 'select id from projects where deleted_at is not null'

/** See `Store.purgeDeleted`. A project's row stays, unseen, for ten minutes after the project was deleted. */
export function purgeDeleted(database: Database, { limit }: { limit: number }): Promise<number> {
  const { dialect } = database
  return database.write(async (connection) => {
    let left = limit
    for (const step of [purgeJobs, purgeKeys, purgeApiKeys, purgeSecrets, purgeProjects]) {
      if (left > 0) left -= await step(connection, dialect, left)
    }
    return limit - left
  })
}

async function purgeJobs(connection: Connection, dialect: Dialect, limit: number): Promise<number> {
  // Locked, so that a record under way cannot add an attempt to a job that is going.
  const rows = await connection.query<{ id: string }>(
    `select id from jobs where project_id in (${DELETED}) limit ?${dialect.forUpdate}`,
    [limit],
  )
  const jobIds = rows.map((row) => row.id)
  if (jobIds.length === 0) return 0
  const attempts = await connection.query<{ id: string }>(
    `select a.id from ${dialect.rowsFromJson([{ name: 'id', type: 'text' }])} as v ` +
      'join attempts as a on a.job_id = v.id limit ?',
    [oneColumn(jobIds), limit],
  )
  const count = await deleteByIds(
    connection,
    dialect,
    'attempts',
    attempts.map((row) => row.id),
  )
  // Attempts may be left where the limit cut them off; those jobs wait for the next chunk.
  if (count >= limit) return count
  return count + (await deleteByIds(connection, dialect, 'jobs', jobIds.slice(0, limit - count)))
}

async function purgeKeys(connection: Connection, _dialect: Dialect, limit: number): Promise<number> {
  const rows = await connection.query<KeyRow>(
    `select project_id, idempotency_key from idempotency_keys where project_id in (${DELETED}) limit ?`,
    [limit],
  )
  return deleteKeys(connection, rows, '', [])
}

async function purgeApiKeys(connection: Connection, dialect: Dialect, limit: number): Promise<number> {
  const ids = await idsOf(connection, 'api_keys', `project_id in (${DELETED})`, [limit])
  return deleteByIds(connection, dialect, 'api_keys', ids)
}

async function purgeSecrets(connection: Connection, dialect: Dialect, limit: number): Promise<number> {
  const ids = await idsOf(connection, 'signing_secrets', `project_id in (${DELETED})`, [limit])
  return deleteByIds(connection, dialect, 'signing_secrets', ids)
}

async function purgeProjects(connection: Connection, dialect: Dialect, limit: number): Promise<number> {
  const deletedBefore = (await readDatabaseClock(connection, dialect)) - GRACE_MS
  const ids = await idsOf(connection, 'projects', 'deleted_at <= ?', [deletedBefore, limit])
  return deleteByIds(connection, dialect, 'projects', ids)
}

async function idsOf(
  connection: Connection,
  table: string,
  condition: string,
  values: readonly number[],
): Promise<string[]> {
  const rows = await connection.query<{ id: string }>(`select id from ${table} where ${condition} limit ?`, values)
  return rows.map((row) => row.id)
}
