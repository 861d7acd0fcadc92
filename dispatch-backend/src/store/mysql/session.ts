import mysql from 'mysql2/promise'
import type { PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import type { SqlValue } from '../sql/database.js'
import type { Session } from '../server-database.js'
import type { ServerFacts } from './server-facts.js'

type Parameter = string | number | null | Buffer | ReturnType<typeof mysql.TypedParameter.LONGLONG>

export class MysqlSession implements Session {
  readonly #connection: PoolConnection
  readonly #facts: ServerFacts

  constructor(connection: PoolConnection, facts: ServerFacts) {
    this.#connection = connection
    this.#facts = facts
  }

  async query<Row>(sql: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    const [rows] = await this.#run<RowDataPacket[]>(sql, values)
    return rows as Row[]
  }

  async execute(sql: string, values: readonly SqlValue[] = []): Promise<number> {
    const [result] = await this.#run<ResultSetHeader>(sql, values)
    return result.affectedRows
  }

  async begin(): Promise<void> {
    await this.#connection.query('start transaction')
  }

  async commit(): Promise<void> {
    await this.#connection.query('commit')
  }

  async rollback(): Promise<void> {
    await this.#connection.query('rollback')
  }

  async freshen(): Promise<() => Promise<void>> {
    if (!this.#facts.hasWsrep) return () => Promise.resolve()
    await this.#connection.query('set session wsrep_sync_wait = 1')
    return async () => {
      await this.#connection.query('set session wsrep_sync_wait = 0')
    }
  }

  release(broken: boolean): void {
    if (broken) this.#connection.destroy()
    else this.#connection.release()
  }

  /** Prepared when there are values to bind; texts without values are begin, commit and schema changes. */
  #run<Result extends RowDataPacket[] | ResultSetHeader>(sql: string, values: readonly SqlValue[]) {
    if (values.length === 0) return this.#connection.query<Result>(sql)
    this.#checkSize(sql, values)
    return this.#connection.execute<Result>(sql, values.map(toParameter))
  }

  #checkSize(sql: string, values: readonly SqlValue[]): void {
    const limit = this.#facts.maxPacketBytes
    // A UTF-16 unit takes at most three bytes of UTF-8; only what may be too large is measured exactly.
    if (3 * (sql.length + sum(values, lengthOf)) + 16 * values.length < limit) return
    const bytes = Buffer.byteLength(sql) + sum(values, byteLengthOf) + 16 * values.length
    if (bytes >= limit) {
      throw new Error(
        `A statement of ${bytes} bytes is over the server's max_allowed_packet of ${limit}; raise it there`,
      )
    }
  }
}

/** Integers are bound as integers: the driver's default, DOUBLE, is refused in LIMIT and slows comparisons down. */
function toParameter(value: SqlValue): Parameter {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return mysql.TypedParameter.LONGLONG(value)
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return value
}

const lengthOf = (value: SqlValue): number =>
  typeof value === 'string' || value instanceof Uint8Array ? value.length : 8

const byteLengthOf = (value: SqlValue): number =>
  typeof value === 'string' ? Buffer.byteLength(value) : lengthOf(value)

function sum(values: readonly SqlValue[], measure: (value: SqlValue) => number): number {
  return values.reduce<number>((total, value) => total + measure(value), 0)
}
