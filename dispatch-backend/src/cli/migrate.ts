import { loadConfig, type ConfigInput } from '../config.js'
import type { DatabaseConfig } from '../store/database-config.js'
import { migrate, migrationStatus, plannedStatements } from '../store/migrate.js'
import { EngineLockedError, lockEngine, type EngineLock } from '../store/sqlite/engine-lock.js'

export interface MigrateCommand {
  /** `status`: only say what is applied and what is missing. `dryRun`: only print the statements that would run. */
  readonly mode: 'apply' | 'status' | 'dryRun'
  readonly print: (line: string) => void
  readonly input?: ConfigInput
}

const UP_TO_DATE = 'Nothing to do: the schema is up to date.'

/** `dispatch migrate`: brings the configured database to the schema of this version and says what was done. */
export async function migrateCommand({ mode, print, input }: MigrateCommand): Promise<void> {
  const { database } = await loadConfig(input)
  switch (mode) {
    case 'status':
      return printStatus(database, print)
    case 'dryRun':
      return printPlan(database, print)
    case 'apply':
      return withEngineLock(database, () => applyMissing(database, print))
  }
}

async function printStatus(database: DatabaseConfig, print: (line: string) => void): Promise<void> {
  for (const { number, name, state } of await migrationStatus(database)) print(`${number}  ${name}: ${state}`)
}

/** As SQL that can be read, or kept: what is not SQL is in comments. */
async function printPlan(database: DatabaseConfig, print: (line: string) => void): Promise<void> {
  const planned = await plannedStatements(database)
  if (planned.length === 0) print(`-- ${UP_TO_DATE}`)
  let current: number | undefined
  for (const { number, name, sql } of planned) {
    if (number !== current) print(`-- ${number}  ${name}`)
    current = number
    print(`${sql};`)
  }
}

async function applyMissing(database: DatabaseConfig, print: (line: string) => void): Promise<void> {
  const { applied } = await migrate(database, {
    onStep: ({ number, name, step, of }) => print(`${number}  ${name}: step ${step} of ${of}`),
  })
  print(applied.length === 0 ? UP_TO_DATE : `Applied ${applied.join(', ')}.`)
}

/** An embedded database is not to change under a running server. */
async function withEngineLock(database: DatabaseConfig, body: () => Promise<void>): Promise<void> {
  if (database.kind !== 'sqlite') return body()
  const lock = lockForMigration(database.file)
  try {
    await body()
  } finally {
    lock.release()
  }
}

function lockForMigration(file: string): EngineLock {
  try {
    return lockEngine(file)
  } catch (error) {
    if (!(error instanceof EngineLockedError)) throw error
    throw new Error(
      `A Dispatch server is running on ${file}, and its database must not change under it. Stop it and start the new ` +
        'version: it migrates this file by itself.',
      { cause: error },
    )
  }
}
