/** The databases to measure on: throw-away, and as durable as they are by default. */
import { join } from 'node:path'
import { systemClock } from '../dispatch-backend/src/clock.js'
import type { DatabaseConfig, ServerConfig } from '../dispatch-backend/src/store/database-config.js'
import { migrate } from '../dispatch-backend/src/store/migrate.js'
import { findMariadb, startMariadb } from '../dispatch-backend/src/testing/mariadb-server.js'
import { findPostgres, startPostgres } from '../dispatch-backend/src/testing/postgres-server.js'
import { Sandbox } from '../dispatch-backend/src/testing/server-process.js'

export const DATABASES = ['sqlite', 'mariadb', 'postgres'] as const
export type DatabaseName = (typeof DATABASES)[number]

export interface BenchDatabase {
  /** What `DATABASE_URL` is set to, for data in `folder`. */
  readonly url: string
  readonly config: DatabaseConfig
  close(): Promise<void>
}

/** Starts it with an empty schema; undefined when its programs are not installed. */
export async function openDatabase(name: DatabaseName, folder: string): Promise<BenchDatabase | undefined> {
  if (name === 'sqlite') {
    const file = join(folder, 'dispatch.db')
    return { url: `sqlite://${file}`, config: { kind: 'sqlite', file }, close: () => Promise.resolve() }
  }
  const start = name === 'mariadb' ? mariadbStarter() : postgresStarter()
  if (!start) return undefined
  const sandbox = new Sandbox()
  try {
    const config = await start(sandbox)
    await migrate(config, { clock: systemClock })
    return { url: urlOf(config), config, close: () => sandbox.close() }
  } catch (error) {
    await sandbox.close()
    throw error
  }
}

type Start = (sandbox: Sandbox) => Promise<ServerConfig>

function mariadbStarter(): Start | undefined {
  const programs = findMariadb()
  return programs && ((sandbox) => startMariadb(programs, sandbox, { durable: true }))
}

function postgresStarter(): Start | undefined {
  const programs = findPostgres()
  return programs === undefined ? undefined : (sandbox) => startPostgres(programs, sandbox, { durable: true })
}

function urlOf({ kind, host, port, user, password, database }: ServerConfig): string {
  return `${kind}://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}`
}
