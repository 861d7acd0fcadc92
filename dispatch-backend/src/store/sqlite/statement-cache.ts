import type Sqlite from 'better-sqlite3'

/** More than all verbs have; batches of different sizes make texts of their own, the least used of which go. */
const CAPACITY = 256

/** Each SQL text is compiled once. */
export class StatementCache {
  readonly #handle: Sqlite.Database
  /** In order of last use: a `Map` keeps the order of insertion. */
  readonly #statements = new Map<string, Sqlite.Statement>()

  constructor(handle: Sqlite.Database) {
    this.#handle = handle
  }

  get(sql: string): Sqlite.Statement {
    const known = this.#statements.get(sql)
    if (known) this.#statements.delete(sql)
    const statement = known ?? this.#handle.prepare(sql)
    this.#statements.set(sql, statement)
    if (this.#statements.size > CAPACITY) this.#statements.delete(this.#statements.keys().next().value!)
    return statement
  }
}
