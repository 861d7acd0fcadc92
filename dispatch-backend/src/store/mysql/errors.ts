import type { Failure } from '../retry.js'

/** Server error numbers (MySQL and MariaDB manuals, TiDB's list) that say "again", each by its name there. */
const FAILURES: Readonly<Record<number, Failure>> = {
  1205: 'conflict', // ER_LOCK_WAIT_TIMEOUT
  1213: 'conflict', // ER_LOCK_DEADLOCK; on Galera also a failed certification, at COMMIT
  1020: 'conflict', // ER_CHECKREAD: MariaDB's snapshot isolation lost against another write
  3101: 'conflict', // ER_TRANSACTION_ROLLBACK_DURING_COMMIT: group replication certification
  3572: 'conflict', // ER_LOCK_NOWAIT
  8002: 'conflict', // TiDB: select for update write conflict
  8022: 'conflict', // TiDB: commit failed, retry
  8028: 'conflict', // TiDB: schema changed during the transaction
  9007: 'conflict', // TiDB: write conflict
  1040: 'away', // ER_CON_COUNT_ERROR: too many connections
  1047: 'away', // ER_UNKNOWN_COM_ERROR: "WSREP has not yet prepared node for application use"
  1053: 'away', // ER_SERVER_SHUTDOWN
  1077: 'away', // ER_NORMAL_SHUTDOWN
  1079: 'away', // ER_SHUTDOWN_COMPLETE
  1152: 'away', // ER_ABORTING_CONNECTION
  1158: 'away', // ER_NET_READ_ERROR
  1159: 'away', // ER_NET_READ_INTERRUPTED
  1160: 'away', // ER_NET_ERROR_ON_WRITE
  1161: 'away', // ER_NET_WRITE_INTERRUPTED
  1184: 'away', // ER_NEW_ABORTING_CONNECTION
  1203: 'away', // ER_TOO_MANY_USER_CONNECTIONS
  1226: 'away', // ER_USER_LIMIT_REACHED
  1290: 'away', // ER_OPTION_PREVENTS_STATEMENT: read-only after a failover
  1317: 'away', // ER_QUERY_INTERRUPTED: killed by an operator
  1792: 'away', // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  1836: 'away', // ER_READ_ONLY_MODE
  1927: 'away', // ER_CONNECTION_KILLED (MariaDB)
  1969: 'away', // ER_STATEMENT_TIMEOUT (MariaDB)
  3024: 'away', // ER_QUERY_TIMEOUT
  3168: 'away', // ER_SERVER_ISNT_AVAILABLE
  3169: 'away', // ER_SESSION_WAS_KILLED
  3170: 'away', // ER_CAPACITY_EXCEEDED
  4031: 'away', // ER_CLIENT_INTERACTION_TIMEOUT
  9001: 'away', // TiDB: PD server timeout
  9002: 'away', // TiDB: TiKV server timeout
  9003: 'away', // TiDB: TiKV server busy
  9005: 'away', // TiDB: region unavailable
}

/** The statement meant to make something that is there already (or to drop what is gone), by error number. */
const ALREADY_DONE: ReadonlySet<number> = new Set([
  1050, // ER_TABLE_EXISTS_ERROR
  1060, // ER_DUP_FIELDNAME
  1061, // ER_DUP_KEYNAME
  1091, // ER_CANT_DROP_FIELD_OR_KEY
  1051, // ER_BAD_TABLE_ERROR
  1826, // ER_FK_DUP_NAME
])

export function classifyMysqlError(error: unknown): Failure {
  if (!(error instanceof Error)) return 'other'
  if ('errno' in error && typeof error.errno === 'number' && error.errno > 0) return FAILURES[error.errno] ?? 'other'
  // Errors of the socket and of the driver: those that end the connection are marked so, whatever their name.
  if ('fatal' in error && error.fatal === true) return 'away'
  return isClosed(error) ? 'away' : 'other'
}

/** Waiting commands of a connection that went are told in words only. */
function isClosed(error: Error): boolean {
  if ('syscall' in error) return true
  return /closed state|Connection lost|server closed the connection/.test(error.message)
}

export function isAlreadyDoneOnMysql(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && ALREADY_DONE.has(Number(error.errno))
}

/** Its `max_statement_time` (MariaDB) or `max_execution_time` was over. */
export function isEndedByMysql(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && (error.errno === 1969 || error.errno === 3024)
}

/** 1146 = ER_NO_SUCH_TABLE. */
export function isMissingTableOnMysql(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && error.errno === 1146
}

/** 1062 = ER_DUP_ENTRY. */
export function isDuplicateOnMysql(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && error.errno === 1062
}
