/** Chunks are chosen by a read and deleted by primary key: a wide DELETE would lock an index range, or fail on Galera. */
import type { Connection, Database } from './database.js'
import { readDatabaseClock } from './database-clock.js'
import { deleteByIds } from './rows.js'

/** A replica that has been silent for so long will not come back under its id. */
const DEAD_REPLICA_MS = 60 * 60_000

/** See `Store.purgeExpired`. */
export async function purgeExpired(
  database: Database,
  { nowMs, limit }: { nowMs: number; limit: number },
): Promise<number> {
  const keys = await database.write((connection) => purgeIdempotencyKeys(connection, nowMs, limit))
  const others = await database.write(async (connection) => {
    const silentSince = (await readDatabaseClock(connection, database.dialect)) - DEAD_REPLICA_MS
    let count = 0
    count += await purgeTable(connection, 'sessions', 'expires_at <= ?', nowMs, limit)
    count += await purgeTable(connection, 'signing_secrets', 'expires_at <= ?', nowMs, limit)
    for (const table of ['registrations', 'proofs', 'code_tries', 'outbox']) {
      count += await purgeTable(connection, table, 'expires_at <= ?', nowMs, limit)
    }
    count += await purgeTable(connection, 'replicas', 'heartbeat_at <= ?', silentSince, limit)
    return count
  })
  return keys + others
}

async function purgeTable(
  connection: Connection,
  table: string,
  condition: string,
  value: number,
  limit: number,
): Promise<number> {
  const rows = await connection.query<{ id: string }>(`select id from ${table} where ${condition} limit ?`, [
    value,
    limit,
  ])
  const ids = rows.map((row) => row.id)
  // Unless it has been renewed since it was read.
  return deleteByIds(connection, table, ids, condition, [value])
}

async function purgeIdempotencyKeys(connection: Connection, nowMs: number, limit: number): Promise<number> {
  const rows = await connection.query<KeyRow>(
    'select project_id, idempotency_key from idempotency_keys where expires_at <= ? limit ?',
    [nowMs, limit],
  )
  // Unless it has been taken anew since it was read.
  return deleteKeys(connection, rows, ' and expires_at <= ?', [nowMs])
}

export interface KeyRow {
  readonly project_id: string
  readonly idempotency_key: string
}

/** One by one: pairs of columns are no range for every planner, and purging is in no hurry. */
export async function deleteKeys(
  connection: Connection,
  rows: readonly KeyRow[],
  condition: string,
  values: readonly number[],
): Promise<number> {
  let count = 0
  for (const row of rows) {
    count += await connection.execute(
      `delete from idempotency_keys where project_id = ? and idempotency_key = ?${condition}`,
      [row.project_id, row.idempotency_key, ...values],
    )
  }
  return count
}
