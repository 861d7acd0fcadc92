import type { Driver } from './driver.js'
import type { Migration } from './migrations/migration.js'
import type { Connection } from './sql/database.js'

export interface RegisterRow {
  readonly number: number
  readonly name: string
  readonly minimumVersion: number
  /** Statements that are done. */
  readonly stepsDone: number
  /** null while it is under way. */
  readonly finishedAtMs: number | null
}

/** The tables that the migrator itself needs. Two processes may create them at the same moment. */
export async function createRegister(connection: Connection, { types }: Driver): Promise<void> {
  const tables = [
    `create table if not exists schema_migrations (
      number ${types.integer} not null primary key,
      name ${types.code(100)} not null,
      minimum_version ${types.integer} not null,
      steps_done ${types.integer} not null,
      finished_at ${types.integer}
    ) ${types.tableOptions}`,
    `create table if not exists schema_migration_lock (
      id ${types.integer} not null primary key,
      owner ${types.id} not null,
      expires_at ${types.integer} not null
    ) ${types.tableOptions}`,
  ]
  for (const table of tables) {
    // On PostgreSQL the loser of two at once fails in the catalogue instead of finding the table; the second time it does.
    await connection.execute(table).catch(() => connection.execute(table))
  }
}

/** By number. Rejects when there is no such table. */
export async function readRegister(connection: Connection): Promise<RegisterRow[]> {
  const rows = await connection.query<{
    number: number
    name: string
    minimum_version: number
    steps_done: number
    finished_at: number | null
  }>('select number, name, minimum_version, steps_done, finished_at from schema_migrations order by number')
  return rows.map((row) => ({
    number: row.number,
    name: row.name,
    minimumVersion: row.minimum_version,
    stepsDone: row.steps_done,
    finishedAtMs: row.finished_at,
  }))
}

/** Notes how far a migration has come; it is finished when all its statements are done. */
export async function noteStep(
  connection: Connection,
  { database: { dialect } }: Driver,
  migration: Migration,
  steps: { done: number; of: number },
): Promise<void> {
  const columns = ['number', 'name', 'minimum_version', 'steps_done']
  await connection.execute(dialect.upsert('schema_migrations', columns, ['number'], ['steps_done']), [
    migration.number,
    migration.name,
    migration.minimumVersion,
    steps.done,
  ])
  if (steps.done < steps.of) return
  await connection.execute(`update schema_migrations set finished_at = ${dialect.nowMs} where number = ?`, [
    migration.number,
  ])
}
