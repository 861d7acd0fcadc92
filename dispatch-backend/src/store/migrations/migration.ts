import type { Dialect } from '../sql/database.js'

/**
 * One numbered step of the schema. On SQLite all missing migrations run in one transaction. On servers each statement is
 * committed by itself and noted, so a run that was killed goes on where it stopped: a statement must therefore change one
 * thing (`create table`, `create index`, `alter table … add column`), or be an UPDATE that may run twice.
 */
export interface Migration {
  /** 1, 2, 3 …, without gaps. */
  readonly number: number
  /** Kebab-case, what it does: `jobs-and-accounts`. */
  readonly name: string
  /**
   * The oldest schema number a binary must know to run beside this one. Keep it at the previous value while old replicas
   * can go on working on the new schema (a new table, a nullable column); raise it to `number` when they cannot.
   */
  readonly minimumVersion: number
  /**
   * The SQL in order, without `if not exists`: the runner knows which statement a killed run may already have done. Plain
   * `create index` works everywhere; what a dialect cannot do (partial indexes on MySQL) is told apart by `kind`.
   */
  statements(types: ColumnTypes, kind: Dialect['kind']): readonly string[]
}

/** Column types of one dialect, so that a table is written once. Nullability, defaults and keys follow the type. */
export interface ColumnTypes {
  /** A UUID in lower case, compared byte by byte. */
  readonly id: string
  /** ASCII of at most `length` bytes that only machines read (hashes, enums, slugs, endpoints), compared byte by byte. */
  code(length: number): string
  /**
   * People's text of at most `characters` code points, case-sensitive. On MySQL trailing spaces do not count in comparisons,
   * so a unique column needs trimmed values; up to 768 characters can be indexed there.
   */
  text(characters: number): string
  /** Text of any length up to 16 MiB; never indexed. */
  readonly longText: string
  /** 64-bit: instants (epoch ms), byte counts. */
  readonly integer: string
  /** 16-bit: attempts, buckets, status codes. */
  readonly smallInteger: string
  /** 0 or 1, as a number in every driver. */
  readonly boolean: string
  /** What follows `create table (…)`. */
  readonly tableOptions: string
}
