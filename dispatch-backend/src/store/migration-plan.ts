/** What is still to be done, judged by the register alone. */
import type { RegisterRow } from './migration-register.js'
import type { ColumnTypes, Migration } from './migrations/migration.js'
import type { Dialect } from './sql/database.js'

export interface MissingMigration {
  readonly migration: Migration
  /** null = not begun. */
  readonly stepsDone: number | null
}

/** Migrations not finished, in order. */
export function missingOf(migrations: readonly Migration[], register: readonly RegisterRow[]): MissingMigration[] {
  return migrations
    .map((migration) => ({ migration, row: register.find(({ number }) => number === migration.number) }))
    .filter(({ row }) => row?.finishedAtMs == null)
    .map(({ migration, row }) => ({ migration, stepsDone: row?.stepsDone ?? null }))
}

export interface PlannedStatement {
  readonly number: number
  readonly name: string
  readonly sql: string
}

/** The statements of all that is missing; of a migration under way, those that are not noted as done. */
export function planMigrations(
  migrations: readonly Migration[],
  register: readonly RegisterRow[],
  { types, kind }: { types: ColumnTypes; kind: Dialect['kind'] },
): PlannedStatement[] {
  return missingOf(migrations, register).flatMap(({ migration, stepsDone }) => {
    const { number, name } = migration
    return migration
      .statements(types, kind)
      .slice(stepsDone ?? 0)
      .map((sql) => ({ number, name, sql }))
  })
}
