import { loadConfig } from '../config.js'
import type { DatabaseConfig } from '../store/database-config.js'
import { migrate, migrationStatus } from '../store/migrate.js'
import { lockEngine } from '../store/sqlite/engine-lock.js'

export interface MigrateCommand {
  /** Only say what is applied and what is missing. */
  readonly statusOnly: boolean
  readonly print: (line: string) => void
}

/** `dispatch migrate`: brings the configured database to the schema of this version and says what was done. */
export async function migrateCommand({ statusOnly, print }: MigrateCommand): Promise<void> {
  const { database } = await loadConfig()
  if (statusOnly) await printStatus(database, print)
  else await withEngineLock(database, () => applyMissing(database, print))
}

async function printStatus(database: DatabaseConfig, print: (line: string) => void): Promise<void> {
  for (const { number, name, state } of await migrationStatus(database)) print(`${number}  ${name}: ${state}`)
}

async function applyMissing(database: DatabaseConfig, print: (line: string) => void): Promise<void> {
  const { applied } = await migrate(database, {
    onStep: ({ number, name, step, of }) => print(`${number}  ${name}: step ${step} of ${of}`),
  })
  print(applied.length === 0 ? 'Nothing to do: the schema is up to date.' : `Applied ${applied.join(', ')}.`)
}

/** An embedded database is not to change under a running server. */
async function withEngineLock(database: DatabaseConfig, body: () => Promise<void>): Promise<void> {
  if (database.kind !== 'sqlite') return body()
  const lock = lockEngine(database.file)
  try {
    await body()
  } finally {
    lock.release()
  }
}
