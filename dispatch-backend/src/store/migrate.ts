import { existsSync } from 'node:fs'
import { systemClock, type Clock } from '../clock.js'
import type { DatabaseConfig } from './database-config.js'
import { openDriver, type Driver } from './driver.js'
import { planMigrations, type PlannedStatement } from './migration-plan.js'
import { runMigrations, type MigrationStep } from './migration-run.js'
import { MIGRATIONS } from './migrations/index.js'
import type { Migration } from './migrations/migration.js'
import { readRegisterIfThere, readStatus, type MigrationStatus } from './schema-check.js'
import { sqliteTypes } from './sqlite/dialect.js'

export interface MigrateOptions {
  readonly clock?: Clock
  /** Called before each statement: an index on a large table takes its time. */
  readonly onStep?: (step: MigrationStep) => void
  readonly migrations?: readonly Migration[]
}

/** No statement of a migration is given up before this. */
const DEADLINE_MS = 6 * 60 * 60 * 1000

/**
 * Brings the schema up to date and answers the numbers of the migrations that this run has finished. Several processes may
 * call it at once; a run that was killed is continued by the next. On SQLite it also makes the file.
 */
export function migrate(config: DatabaseConfig, options: MigrateOptions = {}): Promise<{ applied: number[] }> {
  const { clock = systemClock, migrations = MIGRATIONS, onStep } = options
  return withDriver(config, clock, (driver) => runMigrations(driver, { clock, migrations, onStep }))
}

/** Every migration that this binary or the database knows, by number. Changes nothing. */
export async function migrationStatus(
  config: DatabaseConfig,
  options: MigrateOptions = {},
): Promise<MigrationStatus[]> {
  const { clock = systemClock, migrations = MIGRATIONS } = options
  if (isMissingFile(config)) return migrations.map(({ number, name }) => ({ number, name, state: 'missing' }))
  return withDriver(config, clock, (driver) => readStatus(driver, migrations))
}

/** The statements that `migrate` would run now, in order. Changes nothing. */
export async function plannedStatements(
  config: DatabaseConfig,
  options: MigrateOptions = {},
): Promise<PlannedStatement[]> {
  const { clock = systemClock, migrations = MIGRATIONS } = options
  if (isMissingFile(config)) return planMigrations(migrations, [], { types: sqliteTypes, kind: 'sqlite' })
  return withDriver(config, clock, async (driver) => {
    const dialect = { types: driver.types, kind: driver.database.dialect.kind }
    return planMigrations(migrations, await readRegisterIfThere(driver), dialect)
  })
}

/** To open it would make it. */
function isMissingFile(config: DatabaseConfig): boolean {
  return config.kind === 'sqlite' && !existsSync(config.file)
}

/** One for the statement under way, one to renew the lock beside it. */
const CONNECTIONS = 2

async function withDriver<T>(config: DatabaseConfig, clock: Clock, run: (driver: Driver) => Promise<T>): Promise<T> {
  const connected = config.kind === 'sqlite' ? config : { ...config, poolSize: CONNECTIONS }
  const driver = openDriver(connected, { clock, deadlineMs: DEADLINE_MS })
  try {
    return await run(driver)
  } finally {
    await driver.database.close()
  }
}
