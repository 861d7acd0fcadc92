/** Which database to open; made by `config.ts` from `DATABASE_URL` or the four `DATABASE_*` settings. */
export type DatabaseConfig = SqliteConfig | ServerConfig

export interface SqliteConfig {
  readonly kind: 'sqlite'
  /** Absolute path of the database file; `-wal`, `-shm` and `.lock` files lie beside it. */
  readonly file: string
}

export interface ServerConfig {
  /** `mysql` is the protocol: MySQL 8+ and MariaDB 10.6+. */
  readonly kind: 'mysql' | 'postgres'
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  /** `verify` checks the server's certificate, `require` only encrypts. */
  readonly tls: 'off' | 'require' | 'verify'
  readonly poolSize: number
}
