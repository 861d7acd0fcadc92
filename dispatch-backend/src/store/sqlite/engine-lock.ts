import Sqlite from 'better-sqlite3'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { explainSqliteError } from './errors.js'

/** Another process holds the lock; the message says what a second server could do. */
export class EngineLockedError extends Error {
  constructor(file: string, cause: unknown) {
    super(
      `Another Dispatch is running on ${file}. Stop it first, or give this one a DATABASE_URL of its own. ` +
        'To run several at once, use MySQL, MariaDB or PostgreSQL.',
      { cause },
    )
    this.name = 'EngineLockedError'
  }
}

export interface EngineLock {
  /** Safe to call more than once. */
  release(): void
}

/** A handle that nobody refers to is closed by the garbage collector, and its lock would be free. */
const held = new Set<Sqlite.Database>()

/**
 * Makes this process the only one that may run an engine, or migrate, on a SQLite database, until it is released; throws
 * `EngineLockedError` when another does. The lock is SQLite's own on a file beside the database, which the kernel frees however
 * the process ends (SIGKILL, power cut), so there is nothing to clean up and no process id to judge. Commands that only read
 * or cancel do not need it.
 */
export function lockEngine(file: string): EngineLock {
  const lockFile = `${file}.lock`
  const handle = openLockFile(lockFile)
  try {
    handle.exec('begin exclusive')
  } catch (error) {
    handle.close()
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new EngineLockedError(file, error)
    }
    throw explainSqliteError(error, lockFile)
  }
  held.add(handle)
  return {
    release() {
      held.delete(handle)
      // Closing rolls the empty transaction back; a closed handle may be closed again.
      handle.close()
    },
  }
}

function openLockFile(lockFile: string): Sqlite.Database {
  try {
    mkdirSync(dirname(lockFile), { recursive: true, mode: 0o700 })
    makeFile(lockFile)
    return new Sqlite(lockFile, { timeout: 0 })
  } catch (error) {
    throw explainSqliteError(error, lockFile)
  }
}

/**
 * Unless it is there, for its user alone. One that is there is not opened: a process that closes a file by any descriptor
 * loses all its locks on it, those that SQLite holds included.
 */
function makeFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
