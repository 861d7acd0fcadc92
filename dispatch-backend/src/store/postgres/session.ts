import type pg from 'pg'
import type { SqlValue } from '../sql/database.js'
import type { Session } from '../server-database.js'
import { numberParameters } from './parameters.js'
import type { StatementNames } from './statement-names.js'

export class PostgresSession implements Session {
  readonly #client: pg.PoolClient
  readonly #names: StatementNames

  constructor(client: pg.PoolClient, names: StatementNames) {
    this.#client = client
    this.#names = names
  }

  async query<Row>(sql: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    return (await this.#run(sql, values)).rows as Row[]
  }

  async execute(sql: string, values: readonly SqlValue[] = []): Promise<number> {
    return (await this.#run(sql, values)).rowCount ?? 0
  }

  async begin(): Promise<void> {
    await this.#client.query('begin isolation level read committed')
  }

  async commit(): Promise<void> {
    const { command } = await this.#client.query('commit')
    // Not an error to the server: a statement had failed before and somebody swallowed that.
    if (command !== 'COMMIT') throw new Error(`The transaction was not committed (${command})`)
  }

  async rollback(): Promise<void> {
    await this.#client.query('rollback')
  }

  /** Readable standbys are not used, and the clusters of this protocol read what was acknowledged. */
  freshen(): Promise<() => Promise<void>> {
    return Promise.resolve(() => Promise.resolve())
  }

  release(broken: boolean): void {
    this.#client.release(broken)
  }

  /** Without values the simple protocol is used: begin, commit, schema changes. */
  #run(sql: string, values: readonly SqlValue[]): Promise<pg.QueryResult<pg.QueryResultRow>> {
    if (values.length === 0) return this.#client.query(sql)
    const text = numberParameters(sql)
    const name = this.#names.nameOf(text)
    return this.#client.query({ text, values: [...values], ...(name !== undefined && { name }) })
  }
}
