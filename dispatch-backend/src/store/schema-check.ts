import type { Driver } from './driver.js'
import { readRegister, type RegisterRow } from './migration-register.js'
import { MIGRATIONS } from './migrations/index.js'
import type { Migration } from './migrations/migration.js'

export interface MigrationStatus {
  readonly number: number
  readonly name: string
  readonly state: 'done' | 'under way' | 'missing' | 'unknown'
}

/** The schema cannot be worked on by this binary; the message says what to do. */
export class SchemaError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SchemaError'
  }
}

/** Every migration that this binary or the database knows, by number. `unknown` = made by a newer Dispatch. */
export async function readStatus(driver: Driver, known: readonly Migration[] = MIGRATIONS): Promise<MigrationStatus[]> {
  const rows = await readRegisterIfThere(driver)
  const ours = known.map(({ number, name }): MigrationStatus => {
    const row = rows.find((candidate) => candidate.number === number)
    return { number, name, state: !row ? 'missing' : row.finishedAtMs === null ? 'under way' : 'done' }
  })
  const newer = rows.filter((row) => !known.some(({ number }) => number === row.number))
  return [...ours, ...newer.map(({ number, name }): MigrationStatus => ({ number, name, state: 'unknown' }))]
}

/**
 * Rejects with `SchemaError` unless this binary can work on the schema: all its own migrations are done, and none of a newer
 * Dispatch demands more than it knows.
 */
export async function assertSchemaUsable(driver: Driver, known: readonly Migration[] = MIGRATIONS): Promise<void> {
  const rows = await readRegisterIfThere(driver)
  const finished = rows.filter((row) => row.finishedAtMs !== null)
  const missing = known.filter(({ number }) => !finished.some((row) => row.number === number))
  // Begun but not finished counts too: a breaking statement may be done already.
  const demanded = Math.max(0, ...rows.map((row) => row.minimumVersion))
  const ours = Math.max(0, ...known.map(({ number }) => number))
  if (demanded > ours) {
    throw new SchemaError(
      `The database has a schema of a newer Dispatch (it needs one that knows schema ${demanded}; this one knows ${ours}). ` +
        'Start that newer version, or restore a backup from before its migration.',
    )
  }
  if (missing.length > 0) {
    const what = rows.length === 0 ? 'has no Dispatch schema yet' : `lacks the migrations ${list(missing)}`
    throw new SchemaError(`The database ${what}. Run: npx dispatch migrate`)
  }
}

function list(migrations: readonly Migration[]): string {
  return migrations.map(({ number, name }) => `${number} (${name})`).join(', ')
}

/** Empty when there is no schema at all. */
export async function readRegisterIfThere({ database, isMissingTable }: Driver): Promise<RegisterRow[]> {
  try {
    return await database.read(readRegister, { fresh: true })
  } catch (error) {
    if (isMissingTable(error)) return []
    throw error
  }
}
