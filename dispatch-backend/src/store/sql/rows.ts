/** Writing and deleting many rows with statements of few shapes, so that prepared-statement caches stay small. */
import type { Connection, Dialect, SqlValue } from './database.js'

/** The largest number of rows in one statement; batches of the engine are not much larger. */
const MAX_ROWS = 256

/**
 * Inserts rows that do not collide with an existing one on a unique index. Goes by powers of two, so 100 rows are three
 * statements (64, 32, 4) out of nine possible texts.
 */
export async function insertRowsIfAbsent(
  connection: Connection,
  dialect: Dialect,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
): Promise<void> {
  let start = 0
  while (start < rows.length) {
    let count = MAX_ROWS
    while (count > rows.length - start || count * columns.length > dialect.maxParameters) count /= 2
    const values = rows.slice(start, start + count).flat()
    await connection.execute(dialect.insertIfAbsent(table, columns, count), values)
    start += count
  }
}

/** Deletes by primary key; answers how many rows there were. */
export async function deleteByIds(
  connection: Connection,
  dialect: Dialect,
  table: string,
  ids: readonly string[],
): Promise<number> {
  if (ids.length === 0) return 0
  const wanted = `select v.id from ${dialect.rowsFromJson([{ name: 'id', type: 'text' }])} as v`
  return connection.execute(`delete from ${table} where id in (${wanted})`, [oneColumn(ids)])
}

/** The JSON parameter of `rowsFromJson` for a single column. */
export function oneColumn(values: readonly SqlValue[]): string {
  return JSON.stringify(values.map((value) => [value]))
}

/** Sorted copy. Everybody locks rows in the order of their ids, so two batches cannot wait for each other. */
export function byId<Item extends { readonly id: string }>(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}
