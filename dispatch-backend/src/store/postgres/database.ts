import pg from 'pg'
import type { Clock } from '../../clock.js'
import type { ServerConfig } from '../database-config.js'
import { ServerDatabase, type SessionPool } from '../server-database.js'
import { describeServer } from '../server-name.js'
import { postgresDialect } from './dialect.js'
import { classifyPostgresError, isEndedByPostgres } from './errors.js'
import { PostgresSession } from './session.js'
import { StatementNames } from './statement-names.js'

export interface PostgresOptions {
  readonly config: ServerConfig
  readonly clock: Clock
  /** How long a transaction may take; then its connection is closed. */
  readonly deadlineMs: number
  readonly endsSlowReads?: boolean
}

const CONNECT_TIMEOUT_MS = 5_000
const KEEP_ALIVE_MS = 10_000
const IDLE_MS = 60_000
/** Connections are renewed now and then: behind a balancer that is how load comes back to a node that returned. */
const LIFETIME_SECONDS = 1_800
const LOCK_WAIT_MS = 5_000
/** A process that was paused in mid-transaction loses its locks, soon: everybody else who wants the rows waits for it. */
const IDLE_TRANSACTION_MS = 5_000
/**
 * After five runs of a prepared statement the server may settle on one plan for all values. Made while `jobs` was nearly
 * empty that plan reads the whole table, and it stays until the next ANALYZE, however many rows have come since.
 */
const PLAN_EACH_TIME = 'set plan_cache_mode = force_custom_plan'
/**
 * The server compiles a plan whose estimated cost is high, each of its expressions anew: of a list that is merged of six
 * hundred stretches that takes over a minute, where running it takes a second. Ours read by index
 * and compute little, so there is hardly anything to gain from it.
 */
const COMPILE_NOTHING = 'set jit = off'

/** PostgreSQL and its kin over a pool of connections. Nothing is connected before the first use. */
export function openPostgres({ config, ...options }: PostgresOptions): ServerDatabase {
  return new ServerDatabase({
    dialect: postgresDialect,
    pool: new PostgresPool(createPostgresPool(config), options.deadlineMs),
    classify: classifyPostgresError,
    isEnded: isEndedByPostgres,
    where: describeServer(config),
    ...options,
  })
}

function createPostgresPool(config: ServerConfig): pg.Pool {
  return new pg.Pool({
    host: config.host,
    port: config.port,
    user: config.user,
    password: config.password,
    database: config.database,
    max: config.poolSize,
    application_name: 'dispatch',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    idleTimeoutMillis: IDLE_MS,
    maxLifetimeSeconds: LIFETIME_SECONDS,
    types: { getTypeParser },
    ssl: config.tls === 'off' ? false : { rejectUnauthorized: config.tls === 'verify' },
  })
}

/** 64-bit integers and sums of them as numbers: all of ours are below 2^53. */
const getTypeParser: pg.CustomTypesConfig['getTypeParser'] = (type: PgType, format?: 'text' | 'binary') => {
  if (type === pg.types.builtins.INT8 || type === pg.types.builtins.NUMERIC) return Number
  return pg.types.getTypeParser(type, format) as (value: string) => unknown
}

type PgType = Parameters<typeof pg.types.getTypeParser>[0]

class PostgresPool implements SessionPool {
  readonly #pool: pg.Pool
  readonly #names = new StatementNames()
  readonly #setUpDone = new WeakSet<pg.PoolClient>()
  readonly #settings: string

  constructor(pool: pg.Pool, deadlineMs: number) {
    this.#pool = pool
    // The server gives up just before we do, so that its locks are free when the work is run again.
    this.#settings =
      `set statement_timeout = ${Math.max(deadlineMs - 1_000, 0)}; set lock_timeout = ${LOCK_WAIT_MS}; ` +
      `set idle_in_transaction_session_timeout = ${IDLE_TRANSACTION_MS}; set timezone = 'UTC'`
    // A connection that dies, idle or lent, says so by an event too, which must not end the process.
    pool.on('error', () => undefined)
    pool.on('connect', (client) => client.on('error', () => undefined))
  }

  async acquire(): Promise<PostgresSession> {
    const client = await this.#pool.connect()
    try {
      if (!this.#setUpDone.has(client)) await this.#setUp(client)
      return new PostgresSession(client, this.#names)
    } catch (error) {
      client.release(true)
      throw error
    }
  }

  close(): Promise<void> {
    return this.#pool.end()
  }

  async #setUp(client: pg.PoolClient): Promise<void> {
    await client.query(this.#settings)
    for (const setting of [PLAN_EACH_TIME, COMPILE_NOTHING]) {
      try {
        await client.query(setting)
      } catch (error) {
        // CockroachDB and others plan in ways of their own, and may not know the setting.
        if (classifyPostgresError(error) === 'away') throw error
      }
    }
    this.#setUpDone.add(client)
  }
}
