import type { Failure } from '../retry.js'

/**
 * SQLite's result codes: `SQLITE_BUSY` means that another process (a command run beside the server) held the file for longer
 * than the busy timeout; a full disk or a failing one may be well again later, so they count as "away".
 */
const FAILURES: Readonly<Record<string, Failure>> = {
  SQLITE_BUSY: 'conflict',
  SQLITE_LOCKED: 'conflict',
  SQLITE_PROTOCOL: 'conflict',
  SQLITE_FULL: 'away',
  SQLITE_IOERR: 'away',
  SQLITE_NOMEM: 'away',
}

export function classifySqliteError(error: unknown): Failure {
  return FAILURES[primaryCode(error)] ?? 'other'
}

/** `SQLITE_IOERR_WRITE` -> `SQLITE_IOERR`; the empty string for anything that SQLite did not throw. */
function primaryCode(error: unknown): string {
  const code = codeOf(error)
  return /^SQLITE_[A-Z]+/.exec(code)?.[0] ?? ''
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** Node's, when the file or its folder cannot be made. */
const FILE_CODES: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'EISDIR', 'ENOTDIR', 'EEXIST', 'ENOENT'])

/** What to do about it, for the errors an operator can do something about; undefined for all others. */
export function sqliteAdvice(error: unknown, file: string): string | undefined {
  switch (FILE_CODES.has(codeOf(error)) ? 'SQLITE_CANTOPEN' : primaryCode(error)) {
    case 'SQLITE_FULL':
      return `The disk that holds ${file} is full. Free some space; Dispatch goes on by itself.`
    case 'SQLITE_IOERR':
      return `Reading or writing ${file} failed. Check the disk and its file system.`
    case 'SQLITE_READONLY':
    case 'SQLITE_PERM':
    case 'SQLITE_CANTOPEN':
      return `${file} cannot be opened for writing. The folder and the file must be writable by the user Dispatch runs as.`
    case 'SQLITE_CORRUPT':
    case 'SQLITE_NOTADB':
      return `${file} is damaged or not a SQLite database. Restore it from a backup, or move it away to start with an empty one.`
    case 'SQLITE_BUSY':
      return `${file} is held by another process. Close whatever else has it open.`
    default:
      return undefined
  }
}

/** The same error with the advice in front, keeping its code; an error without advice comes back as it is. */
export function explainSqliteError(error: unknown, file: string): unknown {
  const advice = sqliteAdvice(error, file)
  if (advice === undefined || !(error instanceof Error) || error.message.startsWith(advice)) return error
  return Object.assign(new Error(`${advice} (${error.message})`, { cause: error }), { code: codeOf(error) })
}

/** SQLite has one code for all mistakes in a statement; only its words tell them apart. */
export function isMissingTableOnSqlite(error: unknown): boolean {
  return error instanceof Error && codeOf(error) === 'SQLITE_ERROR' && error.message.includes('no such table')
}

export function isDuplicateOnSqlite(error: unknown): boolean {
  return codeOf(error) === 'SQLITE_CONSTRAINT_UNIQUE'
}
