import { existsSync } from 'node:fs'
import type { Clock } from '../clock.js'
import type { Events } from '../events.js'
import type { DatabaseConfig, ServerConfig, SqliteConfig } from './database-config.js'
import { openDriver, type Driver } from './driver.js'
import { assertSchemaUsable, SchemaError } from './schema-check.js'
import { describeServer } from './server-name.js'
import type { Database } from './sql/database.js'
import { SqlStore } from './sql-store.js'
import { openSqliteStore } from './sqlite/store.js'
import type { Store } from './store.js'

export interface OpenOptions {
  readonly clock: Clock
  readonly events?: Events
}

/** A transaction that takes longer is given up with `DatabaseAwayError` and its connection closed. */
const DEADLINE_MS = 30_000
const HOW_TO_MAKE_IT = 'Start Dispatch once, or run: npx dispatch migrate'

/**
 * Opens the store. The schema must be there and one that this binary can work on, else it rejects with a `SchemaError`:
 * only `serve` (on SQLite, which it holds the lock of) and `migrate` change a schema, so no other command can change it
 * under a running server. Rejects with `DatabaseAwayError` while a server does not answer.
 */
export function openStore(config: DatabaseConfig, options: OpenOptions): Promise<Store> {
  return config.kind === 'sqlite' ? openFile(config, options) : openServer(config, options)
}

async function openFile(config: SqliteConfig, { clock, events }: OpenOptions): Promise<Store> {
  // Opening would make an empty file.
  if (!existsSync(config.file)) throw new SchemaError(`There is no database at ${config.file} yet. ${HOW_TO_MAKE_IT}`)
  const driver = openDriver(config, { clock, deadlineMs: DEADLINE_MS })
  try {
    await assertSchemaUsable(driver)
    const version = await readText(driver.database, 'select sqlite_version() as value')
    return openSqliteStore({ file: config.file, clock, events, description: `SQLite ${version} at ${config.file}` })
  } finally {
    await driver.database.close()
  }
}

/** Enough for a claim, a record and a read of what is due at the same time. */
const ENGINE_CONNECTIONS = 3

/**
 * The engine has connections of its own (a third of them, at most three): however long the API's reads take, they never hold
 * up a claim or a heartbeat. The API's alone tell a read that took too long from an absence: the engine only ever asks again.
 */
async function openServer(config: ServerConfig, { clock }: OpenOptions): Promise<Store> {
  const open = (poolSize: number, endsSlowReads = false): Driver =>
    openDriver({ ...config, poolSize }, { clock, deadlineMs: DEADLINE_MS, endsSlowReads })
  const forEngine = Math.min(ENGINE_CONNECTIONS, Math.max(1, Math.floor(config.poolSize / 3)))
  const driver = open(config.poolSize - forEngine, true)
  try {
    await assertSchemaUsable(driver)
    const product = describeVersion(config, await readText(driver.database, 'select version() as value'))
    const capabilities = { singleEngine: false, sharesHostClock: false, description: describeServer(config, product) }
    const { database: engineDatabase } = open(forEngine)
    return new SqlStore({ database: driver.database, engineDatabase, clock, capabilities })
  } catch (error) {
    await driver.database.close()
    throw error
  }
}

async function readText(database: Database, sql: string): Promise<string> {
  const rows = await database.read((connection) => connection.query<{ value: string }>(sql))
  return rows[0]!.value
}

/** `10.11.6-MariaDB-0+deb12u1` -> `MariaDB 10.11.6`, `PostgreSQL 15.6 (Debian …) on x86_64…` -> `PostgreSQL 15.6`. */
function describeVersion({ kind }: ServerConfig, version: string): string {
  if (kind === 'postgres') return /^\S+(?: CCL)? v?[\d.]+/.exec(version)?.[0] ?? version
  const name = /MariaDB|TiDB/i.exec(version)?.[0] ?? 'MySQL'
  return `${name} ${/[\d.]+/.exec(version)?.[0] ?? version}`
}
