import type { Clock } from '../clock.js'
import type { DatabaseConfig } from './database-config.js'
import type { ColumnTypes } from './migrations/migration.js'
import { openMysql } from './mysql/database.js'
import { mysqlTypes } from './mysql/dialect.js'
import { isAlreadyDoneOnMysql, isMissingTableOnMysql } from './mysql/errors.js'
import { openPostgres } from './postgres/database.js'
import { postgresTypes } from './postgres/dialect.js'
import { isAlreadyDoneOnPostgres, isMissingTableOnPostgres } from './postgres/errors.js'
import type { Database } from './sql/database.js'
import { SqliteDatabase } from './sqlite/database.js'
import { sqliteTypes } from './sqlite/dialect.js'
import { isMissingTableOnSqlite } from './sqlite/errors.js'

/** A database and what the migrator must know about it. */
export interface Driver {
  readonly database: Database
  readonly types: ColumnTypes
  /** Schema changes are part of transactions. PostgreSQL's are too, but not those of all that speak its protocol. */
  readonly transactionalSchema: boolean
  /** The statement meant to make something that is there already. */
  readonly isAlreadyDone: (error: unknown) => boolean
  readonly isMissingTable: (error: unknown) => boolean
}

export interface DriverOptions {
  readonly clock: Clock
  readonly deadlineMs: number
  /** See `ServerDatabaseOptions`. */
  readonly endsSlowReads?: boolean
}

/** Opens a database in this thread; a server is connected to at the first use. */
export function openDriver(config: DatabaseConfig, options: DriverOptions): Driver {
  switch (config.kind) {
    case 'sqlite':
      return {
        database: new SqliteDatabase({ file: config.file, clock: options.clock }),
        types: sqliteTypes,
        transactionalSchema: true,
        isAlreadyDone: () => false,
        isMissingTable: isMissingTableOnSqlite,
      }
    case 'mysql':
      return {
        database: openMysql({ ...options, config: { ...config, kind: 'mysql' } }),
        types: mysqlTypes,
        transactionalSchema: false,
        isAlreadyDone: isAlreadyDoneOnMysql,
        isMissingTable: isMissingTableOnMysql,
      }
    case 'postgres':
      return {
        database: openPostgres({ ...options, config: { ...config, kind: 'postgres' } }),
        types: postgresTypes,
        transactionalSchema: false,
        isAlreadyDone: isAlreadyDoneOnPostgres,
        isMissingTable: isMissingTableOnPostgres,
      }
  }
}
