/**
 * Brings the schema up to date. What a database holds is written in `schema_migrations`: the migrations begun, how many of
 * their statements are done, and the oldest schema number a binary must know to work on it.
 *
 * SQLite runs all that is missing in one transaction. A server commits each statement of a schema change by itself, so there
 * each is noted when it is done; a run that was killed goes on where it stopped, and of two runs at once one waits (`MigrationLock`).
 */
import type { Clock } from '../clock.js'
import type { Driver } from './driver.js'
import { MigrationLock } from './migration-lock.js'
import type { Migration } from './migrations/migration.js'
import { missingOf } from './migration-plan.js'
import { createRegister, noteStep, readRegister } from './migration-register.js'
import type { Connection } from './sql/database.js'

export interface MigrationStep {
  readonly number: number
  readonly name: string
  /** Which of its statements, from 1. */
  readonly step: number
  readonly of: number
}

export interface RunOptions {
  readonly clock: Clock
  /** Called before each statement. */
  readonly onStep?: ((progress: MigrationStep) => void) | undefined
  readonly migrations: readonly Migration[]
}

/** Answers the numbers of the migrations this run has finished. Safe to call from several processes at once. */
export function runMigrations(driver: Driver, options: RunOptions): Promise<{ applied: number[] }> {
  return driver.transactionalSchema ? migrateInOneTransaction(driver, options) : migrateStepByStep(driver, options)
}

function migrateInOneTransaction(driver: Driver, { onStep, migrations }: RunOptions) {
  return driver.database.write(async (connection) => {
    await createRegister(connection, driver)
    const missing = missingOf(migrations, await readRegister(connection))
    for (const { migration } of missing) {
      const statements = migration.statements(driver.types, driver.database.dialect.kind)
      for (const [index, statement] of statements.entries()) {
        onStep?.({ ...nameOf(migration), step: index + 1, of: statements.length })
        await connection.execute(statement)
      }
      await noteStep(connection, driver, migration, { done: statements.length, of: statements.length })
    }
    return { applied: missing.map(({ migration }) => migration.number) }
  })
}

async function migrateStepByStep(driver: Driver, options: RunOptions): Promise<{ applied: number[] }> {
  const { database } = driver
  await database.read((connection) => createRegister(connection, driver))
  const lock = await MigrationLock.acquire(database, options.clock)
  try {
    const missing = missingOf(options.migrations, await database.read(readRegister))
    for (const { migration, stepsDone } of missing) await runSteps(driver, options, lock, migration, stepsDone)
    return { applied: missing.map(({ migration }) => migration.number) }
  } finally {
    await lock.release()
  }
}

/** Goes on after `stepsDone`; null = nothing of this migration was ever begun. */
async function runSteps(
  driver: Driver,
  { onStep }: RunOptions,
  lock: MigrationLock,
  migration: Migration,
  stepsDone: number | null,
): Promise<void> {
  const statements = migration.statements(driver.types, driver.database.dialect.kind)
  const note = (done: number): Promise<void> =>
    driver.database.write(async (connection) => {
      await lock.assertHeld(connection)
      await noteStep(connection, driver, migration, { done, of: statements.length })
    })
  // Noted before the first statement, so that the next run knows that it may have been executed.
  if (stepsDone === null) await note(0)
  for (let done = stepsDone ?? 0; done < statements.length; done += 1) {
    onStep?.({ ...nameOf(migration), step: done + 1, of: statements.length })
    const mayBeDone = stepsDone !== null && done === stepsDone
    await runStatement(driver, lock, statements[done]!, mayBeDone)
    await note(done + 1)
  }
}

/** `mayBeDone`: a killed run may have executed the statement without noting it; so may a try whose connection was lost. */
async function runStatement(driver: Driver, lock: MigrationLock, statement: string, mayBeDone: boolean): Promise<void> {
  let tries = 0
  await driver.database.read(async (connection: Connection) => {
    tries += 1
    await lock.assertHeld(connection)
    try {
      await connection.execute(statement)
    } catch (error) {
      if (!driver.isAlreadyDone(error) || !(mayBeDone || tries > 1)) throw error
    }
  })
}

const nameOf = ({ number, name }: Migration) => ({ number, name })
