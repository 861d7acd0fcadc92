/** Writing and deleting many rows with statements of few shapes, so that prepared-statement caches stay small. */
import { placeholders } from '../placeholders.js'
import type { Connection, Dialect, SqlValue } from './database.js'

/** The largest number of rows in one statement; batches of the engine are not much larger. */
const MAX_ROWS = 256

/**
 * Cuts a batch into pieces of a power of two: 100 rows are three statements (64, 32, 4) out of nine possible texts.
 * `maxRows`: how many the statement's parameters allow.
 */
function* pieces<Row>(rows: readonly Row[], maxRows: number): Generator<readonly Row[]> {
  let start = 0
  while (start < rows.length) {
    let count = MAX_ROWS
    while (count > rows.length - start || count > maxRows) count /= 2
    yield rows.slice(start, start + count)
    start += count
  }
}

/** Inserts rows that do not collide with an existing one on a unique index. */
export async function insertRowsIfAbsent(
  connection: Connection,
  dialect: Dialect,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
): Promise<void> {
  for (const piece of pieces(rows, dialect.maxParameters / columns.length)) {
    await connection.execute(dialect.insertIfAbsent(table, columns, piece.length), piece.flat())
  }
}

/**
 * Deletes by primary key, of rows that may have changed since they were chosen only those for which `condition` still holds;
 * answers how many there were. The ids are listed: of a subquery MariaDB would make a scan of the whole table.
 */
export async function deleteByIds(
  connection: Connection,
  table: string,
  ids: readonly string[],
  condition?: string,
  values: readonly SqlValue[] = [],
): Promise<number> {
  const further = condition === undefined ? '' : ` and ${condition}`
  let count = 0
  for (const piece of pieces(ids, MAX_ROWS)) {
    const statement = `delete from ${table} where id in (${placeholders(piece.length)})${further}`
    count += await connection.execute(statement, [...piece, ...values])
  }
  return count
}

/** The JSON parameter of `rowsFromJson` for a single column. */
export function oneColumn(values: readonly SqlValue[]): string {
  return JSON.stringify(values.map((value) => [value]))
}

/** Sorted copy. Everybody locks rows in the order of their ids, so two batches cannot wait for each other. */
export function byId<Item extends { readonly id: string }>(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}
