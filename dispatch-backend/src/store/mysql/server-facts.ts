import type { PoolConnection, RowDataPacket } from 'mysql2/promise'

/** What the server behind a connection can do. Asked of each connection: after a failover it may be another server. */
export interface ServerFacts {
  /** Galera: writes acknowledged on another node are seen only after waiting for them. */
  readonly hasWsrep: boolean
  /** Larger statements end the connection without an answer, so they are refused before they are sent. */
  readonly maxPacketBytes: number
}

const STRICT =
  'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'
const LOCK_WAIT_SECONDS = 5
/**
 * A process that was paused in mid-transaction loses its locks. Until then whoever wants the same rows waits, and with them
 * all that they claim together: so it is short. A process that was only slow runs its transaction again. MySQL itself has no
 * such setting.
 */
const IDLE_TRANSACTION_SECONDS = 5

/** Sets a new connection up, its statements limited where that is asked for, and answers what its server can do. */
export async function prepareServer(
  connection: PoolConnection,
  statementLimitMs: number | undefined,
): Promise<ServerFacts> {
  const names = ['max_allowed_packet', 'wsrep_on', 'idle_transaction_timeout', ...Object.keys(TIME_LIMITS)]
  const [rows] = await connection.query<RowDataPacket[]>('show session variables where variable_name in (?)', [names])
  const variables = new Map(rows.map((row) => [String(row['Variable_name']), String(row['Value'])]))
  const settings = [
    `sql_mode = '${STRICT}'`,
    `time_zone = '+00:00'`,
    `innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS}`,
    // Schema changes wait for the transactions that use a table, and everybody else for them.
    `lock_wait_timeout = ${LOCK_WAIT_SECONDS}`,
    ...(variables.has('idle_transaction_timeout') ? [`idle_transaction_timeout = ${IDLE_TRANSACTION_SECONDS}`] : []),
    ...(statementLimitMs === undefined ? [] : timeLimits(variables, statementLimitMs)),
  ]
  await connection.query(`set ${settings.map((setting) => `session ${setting}`).join(', ')}`)
  // Gap locks of the stricter levels on the due index would block inserts.
  await connection.query('set session transaction isolation level read committed')
  return {
    hasWsrep: variables.get('wsrep_on') === 'ON',
    maxPacketBytes: Number(variables.get('max_allowed_packet') ?? Infinity),
  }
}

/** MariaDB's, of any statement, and that of MySQL and TiDB, which ends reads alone; with the milliseconds of their units. */
const TIME_LIMITS: Readonly<Record<string, number>> = { max_statement_time: 1_000, max_execution_time: 1 }

/** An operator's own limit that is lower stands; 0 is none. */
function timeLimits(variables: ReadonlyMap<string, string>, limitMs: number): string[] {
  return Object.entries(TIME_LIMITS).flatMap(([name, unitMs]) => {
    const present = variables.get(name)
    if (present === undefined) return []
    const presentMs = Number(present) * unitMs
    return presentMs === 0 || presentMs > limitMs ? [`${name} = ${limitMs / unitMs}`] : []
  })
}
