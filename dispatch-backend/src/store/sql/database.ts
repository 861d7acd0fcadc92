/**
 * The little that the shared SQL needs from a database. `sqlite/`, `mysql/` and `postgres/` each provide a `Database`; the
 * verbs in `sql/` are written once on top of it, with `?` for parameters everywhere.
 */

export type SqlValue = string | number | null | Uint8Array

export interface Connection {
  /** Rows of a SELECT. BIGINT columns arrive as numbers. */
  query<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row[]>
  /**
   * How many rows an UPDATE or DELETE matched (not: changed, which MySQL would count otherwise). After an insert that may
   * collide the number means nothing: MySQL counts collisions too.
   */
  execute(sql: string, values?: readonly SqlValue[]): Promise<number>
}

export interface WriteOptions {
  /**
   * Whether the commit must be on the disk before it is answered; true unless said. False is for what only tells living
   * processes from each other: a power cut, which ends them all, may undo it. A database that can fail without its clients
   * pays no heed, since they live on with what they were answered.
   */
  readonly survivesPowerCut?: boolean
}

export interface Database {
  readonly dialect: Dialect
  /**
   * Runs `body` in one transaction and commits. Deadlocks, serialization and certification failures run it again, a lost
   * connection too (verbs may be replayed), a bounded number of times; then `DatabaseAwayError` or the error itself.
   */
  write<T>(body: (connection: Connection) => Promise<T>, options?: WriteOptions): Promise<T>
  /** Runs `body` on a connection without a transaction. `fresh`: must see every write acknowledged on any node (Galera). */
  read<T>(body: (connection: Connection) => Promise<T>, options?: { fresh?: boolean }): Promise<T>
  close(): Promise<void>
}

/** What differs between databases, as documented facts. */
export interface Dialect {
  readonly kind: 'sqlite' | 'mysql' | 'postgres'
  /** SQL expression: the database's clock as integer epoch milliseconds. */
  readonly nowMs: string
  /** Rows go into one statement until this many parameters (SQLite 32,766; Postgres and MySQL 65,535). */
  readonly maxParameters: number
  /**
   * `insert into T (columns) values …` that leaves an existing row alone when it collides on a unique index. MySQL's plain
   * `insert ignore` would also swallow other errors, so it needs another form.
   */
  insertIfAbsent(table: string, columns: readonly string[], rowCount: number): string
  /** `insert … ` that overwrites `update` columns when the primary key exists. */
  upsert(table: string, columns: readonly string[], key: readonly string[], update: readonly string[]): string
  /**
   * Many rows updated in one statement, row by row different values: `update T set c1 = v.c1 … from <rows> v where T.key = v.key and …`.
   * `rows` come as ONE parameter (a JSON array of arrays) so the statement text never depends on the batch's size.
   */
  updateFromJson(update: JsonUpdate): string
  /**
   * A table expression without alias whose rows are the elements of ONE parameter, a JSON array of arrays:
   * `select … from ${rowsFromJson([…])} as v`. JSON null is SQL null.
   */
  rowsFromJson(columns: readonly JsonColumn[]): string
  /** The statement failed because a unique index holds another row with these values. */
  isDuplicate(error: unknown): boolean
  /** ` for update` where rows must be locked by a read; empty on SQLite, whose writer is alone. */
  readonly forUpdate: string
}

/** `text` is for ids and codes: ASCII of at most 320 bytes, compared byte by byte with a column of that kind (by its index). */
export interface JsonColumn {
  readonly name: string
  readonly type: 'text' | 'integer'
}

export interface JsonUpdate {
  readonly table: string
  /** Columns of each JSON row, in order; the first is matched against `table.id`. */
  readonly columns: readonly JsonColumn[]
  /**
   * SQL of the SET list; `v.<column>` names a JSON value, `t.<column>` the table's own. No expression may use a column that
   * stands to its left: MySQL would see the new value there, the others the old one.
   */
  readonly set: string
  /** Further condition with `t.` and `v.`, joined by AND. */
  readonly where: string
}
