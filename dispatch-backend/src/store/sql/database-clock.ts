import type { Connection, Dialect } from './database.js'

/** The database's clock in epoch milliseconds, as a value: a clock inside a condition would keep planners off the index. */
export async function readDatabaseClock(connection: Connection, { nowMs }: Dialect): Promise<number> {
  const [row] = await connection.query<{ now_ms: number }>(`select ${nowMs} as now_ms`)
  return row!.now_ms
}
