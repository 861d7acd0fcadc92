/** From `DATABASE_URL`, or the four `DATABASE_*` settings, to a `DatabaseConfig`. */
import { isAbsolute, join } from 'node:path'
import type { DatabaseConfig, ServerConfig } from '../store/database-config.js'
import { SettingError, type Type } from './setting.js'

type Tls = ServerConfig['tls']

const EXPECTS = 'mysql://, mariadb:// or postgres:// and USER:PASSWORD@HOST:PORT/DATABASE, or sqlite:FILE'

const SCHEMES: Readonly<Record<string, { kind: ServerConfig['kind']; port: number }>> = {
  mysql: { kind: 'mysql', port: 3306 },
  mariadb: { kind: 'mysql', port: 3306 },
  postgres: { kind: 'postgres', port: 5432 },
  postgresql: { kind: 'postgres', port: 5432 },
}

/** Spellings of libpq (`sslmode`), of MySQL (`ssl-mode`) and the plain `ssl=true`. */
const TLS_WORDS: Readonly<Record<string, Tls>> = {
  disable: 'off',
  disabled: 'off',
  false: 'off',
  require: 'require',
  required: 'require',
  true: 'verify',
  'verify-ca': 'verify',
  verify_ca: 'verify',
  'verify-full': 'verify',
  verify_identity: 'verify',
}
const TLS_PARAMETERS = ['sslmode', 'ssl-mode', 'ssl']

/** A database URL before the pool size and the repository's root are known. */
export type DatabaseUrl = { readonly kind: 'sqlite'; readonly file: string } | Omit<ServerConfig, 'poolSize'>

export const databaseUrl: Type<DatabaseUrl> = { expects: EXPECTS, parse: parseDatabaseUrl }

/**
 * Not `new URL`: people paste passwords with `@`, `/`, `?` and `#` unescaped. The last `@` ends the credentials, their first
 * `:` begins the password; both are percent-decoded.
 */
function parseDatabaseUrl(text: string): DatabaseUrl {
  const sqlite = /^sqlite:(?:\/\/(?=\/))?(.+)$/i.exec(text)
  if (sqlite?.[1]) return parseSqlite(sqlite[1])
  const found = /^([a-z]+):\/\/(?:(.*)@)?([^@]*)$/is.exec(text)
  const scheme = SCHEMES[found?.[1]?.toLowerCase() ?? '']
  if (!found || !scheme) throw new SettingError(`expected ${EXPECTS}`)
  const target = parseTarget(found[3] ?? '', scheme.port)
  return { kind: scheme.kind, ...parseCredentials(found[2] ?? '', decode), ...target }
}

function parseSqlite(file: string): DatabaseUrl {
  if (file.includes(':memory:')) throw new SettingError('expected a file: jobs in memory would be lost at a restart')
  if (file.startsWith('//'))
    throw new SettingError('expected sqlite:///absolute/path (three slashes) or sqlite:relative')
  return { kind: 'sqlite', file: decode(file) }
}

function parseTarget(text: string, defaultPort: number): Pick<ServerConfig, 'host' | 'port' | 'database' | 'tls'> {
  const found = /^(\[[0-9a-f:.]+\]|[^:/?#[\]]+)(?::(\d{1,5}))?\/([^/?#]+)(?:\?(.*))?$/i.exec(text)
  if (!found?.[1] || !found[3]) {
    throw new SettingError(
      `expected HOST:PORT/DATABASE after the credentials (the port may be left out), as in ${EXPECTS}`,
    )
  }
  const port = Number(found[2] ?? defaultPort)
  if (port < 1 || port > 65_535) throw new SettingError('expected a port from 1 to 65535')
  const host = found[1].replace(/^\[|\]$/g, '')
  return { host: decode(host), port, database: decode(found[3]), tls: parseTls(found[4] ?? '') }
}

/** An unknown parameter is refused: a misspelt `sslmode` must not mean "no encryption". */
function parseTls(query: string): Tls {
  let tls: Tls = 'off'
  for (const [name, value] of new URLSearchParams(query)) {
    if (!TLS_PARAMETERS.includes(name)) {
      throw new SettingError(`does not take the parameter "${name}"; known are ${TLS_PARAMETERS.join(', ')}`)
    }
    const word = TLS_WORDS[value.toLowerCase()]
    if (!word) throw new SettingError(`expected ${name} to be disable, require or verify-full`)
    tls = word
  }
  return tls
}

/** `user:password`; only the first colon separates. */
export function parseCredentials(
  text: string,
  read: (part: string) => string = (part) => part,
): { user: string; password: string } {
  const colon = text.indexOf(':')
  const user = read(colon < 0 ? text : text.slice(0, colon))
  if (user === '') throw new SettingError('expected USER:PASSWORD: the user is missing')
  return { user, password: colon < 0 ? '' : read(text.slice(colon + 1)) }
}

export const credentials: Type<{ user: string; password: string }> = {
  expects: 'username:password',
  parse: (value) => parseCredentials(value),
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new SettingError('has a "%" that does not begin a percent-encoded character; write a plain one as %25')
  }
}

/** What the database settings came to. */
export interface DatabaseSettings {
  readonly databaseUrl: DatabaseUrl | null
  readonly databaseHostname: string | null
  readonly databaseCredentials: { user: string; password: string } | null
  readonly databaseName: string
  readonly databasePort: number
  readonly databasePoolSize: number
}

/** The database to open: the URL's, else PostgreSQL at `DATABASE_HOSTNAME`, else the embedded file under `root`. */
export function chooseDatabase(settings: DatabaseSettings, root: string): DatabaseConfig {
  const url = settings.databaseUrl
  if (url?.kind === 'sqlite') return { kind: 'sqlite', file: isAbsolute(url.file) ? url.file : join(root, url.file) }
  if (url) return { ...url, poolSize: settings.databasePoolSize }
  if (settings.databaseHostname === null) return { kind: 'sqlite', file: join(root, 'data', 'dispatch.db') }
  return {
    kind: 'postgres',
    host: settings.databaseHostname,
    port: settings.databasePort,
    ...(settings.databaseCredentials ?? { user: '', password: '' }),
    database: settings.databaseName,
    tls: 'off',
    poolSize: settings.databasePoolSize,
  }
}

/** The URL without its credentials, whatever is wrong with it. */
export function maskDatabaseUrl(text: string): string {
  return text.replace(/^([a-z]+:\/\/)?.*@/is, '$1***@')
}
