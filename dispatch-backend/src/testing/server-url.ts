import type { DatabaseConfig, ServerConfig } from '../store/database-config.js'

/** `mariadb://user:password@host:port/database` of a server that somebody else runs; the user must be able to create databases. */
export function serverFromUrl(text: string): ServerConfig {
  const url = new URL(text)
  const kind = url.protocol.startsWith('postgres') ? 'postgres' : 'mysql'
  return {
    kind,
    host: url.hostname,
    port: Number(url.port || (kind === 'postgres' ? 5432 : 3306)),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1) || (kind === 'postgres' ? 'postgres' : 'mysql'),
    tls: 'off',
    poolSize: 10,
  }
}

/** `DATABASE_URL` as an operator would write it. */
export function databaseUrlOf(config: DatabaseConfig): string {
  if (config.kind === 'sqlite') return `sqlite:${config.file}`
  const { kind, user, password, host, port, database } = config
  return `${kind}://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`
}
