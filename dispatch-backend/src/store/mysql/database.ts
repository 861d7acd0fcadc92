import { createPool, type Pool, type PoolConnection } from 'mysql2/promise'
import type { Clock } from '../../clock.js'
import type { ServerConfig } from '../database-config.js'
import { ServerDatabase, type SessionPool } from '../server-database.js'
import { describeServer } from '../server-name.js'
import { mysqlDialect } from './dialect.js'
import { classifyMysqlError, isEndedByMysql } from './errors.js'
import { MysqlSession } from './session.js'
import { prepareServer, type ServerFacts } from './server-facts.js'

export interface MysqlOptions {
  readonly config: ServerConfig
  readonly clock: Clock
  /** How long a transaction may take; then its connection is closed. */
  readonly deadlineMs: number
  readonly endsSlowReads?: boolean
}

const CONNECT_TIMEOUT_MS = 5_000
const KEEP_ALIVE_MS = 10_000
/** Per connection: the server bounds them over all connections (`max_prepared_stmt_count`, 16,382). */
const PREPARED_STATEMENTS = 100

/** MySQL, MariaDB and their kin over a pool of connections. Nothing is connected before the first use. */
export function openMysql({ config, ...options }: MysqlOptions): ServerDatabase {
  const { deadlineMs, endsSlowReads = false } = options
  return new ServerDatabase({
    dialect: mysqlDialect,
    // The server gives up just before we do: else it would work on, for nobody.
    pool: new MysqlPool(createMysqlPool(config), endsSlowReads ? Math.max(deadlineMs - 1_000, 1) : undefined),
    classify: classifyMysqlError,
    isEnded: isEndedByMysql,
    where: describeServer(config),
    ...options,
  })
}

function createMysqlPool(config: ServerConfig): Pool {
  return createPool({
    host: config.host,
    port: config.port,
    user: config.user,
    password: config.password,
    database: config.database,
    connectionLimit: config.poolSize,
    connectTimeout: CONNECT_TIMEOUT_MS,
    enableKeepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
    charset: 'UTF8MB4_BIN',
    timezone: 'Z',
    // `affectedRows` counts the rows that matched, as the other databases do.
    flags: ['+FOUND_ROWS'],
    supportBigNumbers: true,
    bigNumberStrings: false,
    decimalNumbers: true,
    multipleStatements: false,
    maxPreparedStatements: PREPARED_STATEMENTS,
    ...(config.tls !== 'off' && { ssl: tlsOptions(config.tls === 'verify') }),
  })
}

/** Without `verifyIdentity` any certificate of a known authority would do, whatever host it is for. */
const tlsOptions = (verify: boolean) => ({ rejectUnauthorized: verify, verifyIdentity: verify })

class MysqlPool implements SessionPool {
  readonly #pool: Pool
  /** Of the connections that have been set up. */
  readonly #facts = new WeakMap<object, ServerFacts>()
  readonly #statementLimitMs: number | undefined

  constructor(pool: Pool, statementLimitMs: number | undefined) {
    this.#pool = pool
    this.#statementLimitMs = statementLimitMs
  }

  async acquire(): Promise<MysqlSession> {
    const connection = await this.#pool.getConnection()
    try {
      return new MysqlSession(connection, await this.#setUp(connection))
    } catch (error) {
      connection.destroy()
      throw error
    }
  }

  close(): Promise<void> {
    return this.#pool.end()
  }

  async #setUp(connection: PoolConnection): Promise<ServerFacts> {
    const known = this.#facts.get(connection.connection)
    if (known) return known
    // An idle connection that dies says so by an event, which must not end the process; the pool has dropped it by then.
    connection.connection.on('error', () => undefined)
    const facts = await prepareServer(connection, this.#statementLimitMs)
    this.#facts.set(connection.connection, facts)
    return facts
  }
}
