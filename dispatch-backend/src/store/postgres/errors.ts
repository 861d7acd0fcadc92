import type { Failure } from '../retry.js'

/** SQLSTATE codes (PostgreSQL manual, appendix A) that say "again". */
const FAILURES: Readonly<Record<string, Failure>> = {
  '40001': 'conflict', // serialization_failure; CockroachDB's "restart transaction"
  '40P01': 'conflict', // deadlock_detected
  '55P03': 'conflict', // lock_not_available: our lock_timeout
  '40003': 'away', // statement_completion_unknown: CockroachDB's ambiguous result
  '25006': 'away', // read_only_sql_transaction: the primary has become a standby
  '25P03': 'away', // idle_in_transaction_session_timeout
  '26000': 'away', // invalid_sql_statement_name: a pooler changed the server connection under us
  '53300': 'away', // too_many_connections
  '53400': 'away', // configuration_limit_exceeded
  '57014': 'away', // query_canceled: our statement_timeout, or an operator
  '57P01': 'away', // admin_shutdown
  '57P02': 'away', // crash_shutdown
  '57P03': 'away', // cannot_connect_now
  '57P05': 'away', // idle_session_timeout
}

/** Errors of the socket have Node's codes, the driver's own about a connection that went have words only. */
const SOCKET_CODES = /^(E[A-Z]{3,}|ENOTFOUND|EAI_AGAIN)$/
const DRIVER_WORDS =
  /Connection terminated|timeout expired|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|Query read timeout|not queryable/

/** The statement meant to make something that is there already */
const ALREADY_DONE: ReadonlySet<string> = new Set([
  '42P07', // duplicate_table (also indexes)
  '42701', // duplicate_column
  '42710', // duplicate_object
])

export function classifyPostgresError(error: unknown): Failure {
  if (!(error instanceof Error)) return 'other'
  const code = codeOf(error)
  if (code in FAILURES) return FAILURES[code]!
  if (code.startsWith('08')) return 'away'
  // A table changed under a prepared statement: a new connection prepares it anew.
  if (code === '0A000' && error.message.includes('cached plan')) return 'away'
  return SOCKET_CODES.test(code) || (code === '' && DRIVER_WORDS.test(error.message)) ? 'away' : 'other'
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

export function isAlreadyDoneOnPostgres(error: unknown): boolean {
  return error instanceof Error && ALREADY_DONE.has(codeOf(error))
}

/** 57014 = query_canceled: our `statement_timeout`, or an operator. */
export function isEndedByPostgres(error: unknown): boolean {
  return error instanceof Error && codeOf(error) === '57014'
}

/** 42P01 = undefined_table. */
export function isMissingTableOnPostgres(error: unknown): boolean {
  return error instanceof Error && codeOf(error) === '42P01'
}

/** 23505 = unique_violation. */
export function isDuplicateOnPostgres(error: unknown): boolean {
  return error instanceof Error && codeOf(error) === '23505'
}
