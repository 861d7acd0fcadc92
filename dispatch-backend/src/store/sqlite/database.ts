import Sqlite from 'better-sqlite3'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from '../../clock.js'
import { retrying, type RetryOptions } from '../retry.js'
import type { Connection, Database, SqlValue, WriteOptions } from '../sql/database.js'
import { sqliteDialect } from './dialect.js'
import { classifySqliteError, explainSqliteError, sqliteAdvice } from './errors.js'
import { StatementCache } from './statement-cache.js'

export interface SqliteOptions {
  readonly file: string
  readonly clock: Clock
  /** Refuses every write. */
  readonly readOnly?: boolean
}

/** How long a statement waits for a process beside us (a command line call) before `SQLITE_BUSY`. */
const BUSY_TIMEOUT_MS = 5_000
const CACHE_KIB = 64 * 1024
/** A checkpoint normally happens in quiet moments (`checkpoint`); past this size the writer does it while committing. */
const WAL_LIMIT_BYTES = 64 * 1024 * 1024
const PAGE_BYTES = 4096

/**
 * SQLite in the calling thread: the worker threads use it, and the migrator. Transactions run one after the other; a
 * synchronous COMMIT answers only when the disk has it.
 */
export class SqliteDatabase implements Database {
  readonly dialect = sqliteDialect
  readonly #handle: Sqlite.Database
  readonly #statements: StatementCache
  readonly #connection: Connection
  readonly #retry: RetryOptions
  readonly #file: string
  /** The end of the transaction last asked for. */
  #tail: Promise<unknown> = Promise.resolve()

  constructor(options: SqliteOptions) {
    this.#file = options.file
    this.#handle = openSqlite(options.file, options.readOnly ?? false)
    this.#statements = new StatementCache(this.#handle)
    this.#connection = connectionOn(this.#statements)
    this.#retry = {
      clock: options.clock,
      classify: classifySqliteError,
      where: `SQLite at ${options.file}`,
      advise: (error) => sqliteAdvice(error, options.file),
    }
  }

  write<T>(body: (connection: Connection) => Promise<T>, { survivesPowerCut = true }: WriteOptions = {}): Promise<T> {
    const transaction = (): Promise<T> => this.#transaction(body)
    const run = survivesPowerCut ? transaction : () => this.#unsynced(transaction)
    return this.#alone(() => retrying(this.#retry, run))
  }

  /** Alone too: between the statements of a transaction others would see its unfinished work. */
  read<T>(body: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#alone(() => retrying(this.#retry, () => body(this.#connection)))
  }

  /** Moves what the write-ahead log holds into the database file, as far as no reader is in the way. */
  checkpoint(): void {
    this.#handle.pragma('wal_checkpoint(passive)')
  }

  async close(): Promise<void> {
    await this.#tail
    this.#handle.close()
  }

  #alone<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(run).catch((error: unknown) => {
      throw explainSqliteError(error, this.#file)
    })
    this.#tail = result.catch(() => undefined)
    return result
  }

  /**
   * With `synchronous = normal` a commit is in the log, where every process sees it, but not yet on the disk. The next
   * synced commit takes it there: both are in one file, in their order, and it is the file that is synced.
   */
  async #unsynced<T>(run: () => Promise<T>): Promise<T> {
    this.#handle.pragma('synchronous = normal')
    try {
      return await run()
    } finally {
      this.#handle.pragma('synchronous = full')
    }
  }

  async #transaction<T>(body: (connection: Connection) => Promise<T>): Promise<T> {
    this.#statements.get('begin immediate').run()
    try {
      const result = await body(this.#connection)
      this.#statements.get('commit').run()
      return result
    } finally {
      // Some errors (a full disk) have already rolled back.
      if (this.#handle.inTransaction) this.#statements.get('rollback').run()
    }
  }
}

/** Opens the file, making it and its folder for this user only. Throws an error that says what to do. */
function openSqlite(file: string, readOnly: boolean): Sqlite.Database {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    // SQLite gives its -wal and -shm files the mode of the database file.
    closeSync(openSync(file, 'a', 0o600))
    const handle = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS })
    handle.pragma('journal_mode = wal')
    handle.pragma('synchronous = full')
    handle.pragma('foreign_keys = on')
    handle.pragma(`cache_size = -${CACHE_KIB}`)
    handle.pragma('temp_store = memory')
    handle.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`)
    handle.pragma(`wal_autocheckpoint = ${WAL_LIMIT_BYTES / PAGE_BYTES}`)
    if (readOnly) handle.pragma('query_only = on')
    return handle
  } catch (error) {
    throw explainSqliteError(error, file)
  }
}

function connectionOn(statements: StatementCache): Connection {
  return {
    query: <Row>(sql: string, values: readonly SqlValue[] = []) =>
      attempt(() => statements.get(sql).all(values) as Row[]),
    execute: (sql, values = []) => attempt(() => statements.get(sql).run(values).changes),
  }
}

/** The result of synchronous work as a promise: an error rejects, it is never thrown past the caller's `await`. */
function attempt<T>(run: () => T): Promise<T> {
  return new Promise((resolve) => resolve(run()))
}
