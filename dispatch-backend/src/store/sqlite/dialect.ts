import type { ColumnTypes } from '../migrations/migration.js'
import { placeholders, placeholderRows } from '../placeholders.js'
import type { Dialect, JsonColumn, JsonUpdate } from '../sql/database.js'
import { isDuplicateOnSqlite } from './errors.js'

export const sqliteDialect: Dialect = {
  kind: 'sqlite',
  // The value is a float of seconds: without rounding the cast would lose a millisecond now and then.
  nowMs: `cast(round(unixepoch('subsec') * 1000) as integer)`,
  maxParameters: 32_766,
  forUpdate: '',
  isDuplicate: isDuplicateOnSqlite,

  insertIfAbsent(table, columns, rowCount) {
    return `insert into ${table} (${columns.join(', ')}) values ${placeholderRows(columns.length, rowCount)} on conflict do nothing`
  },

  upsert(table, columns, key, update) {
    const assignments = update.map((column) => `${column} = excluded.${column}`).join(', ')
    return (
      `insert into ${table} (${columns.join(', ')}) values (${placeholders(columns.length)}) ` +
      `on conflict (${key.join(', ')}) do update set ${assignments}`
    )
  },

  updateFromJson({ table, columns, set, where }: JsonUpdate) {
    return (
      `update ${table} as t set ${set} from ${rowsFromJson(columns)} as v ` +
      `where t.${columns[0]!.name} = v.${columns[0]!.name} and (${where})`
    )
  },

  rowsFromJson,
}

function rowsFromJson(columns: readonly JsonColumn[]): string {
  const values = columns.map((column, index) => `json_extract(row.value, '$[${index}]') as ${column.name}`)
  return `(select ${values.join(', ')} from json_each(?) as row)`
}

export const sqliteTypes: ColumnTypes = {
  id: 'text',
  code: () => 'text',
  text: () => 'text',
  longText: 'text',
  integer: 'integer',
  smallInteger: 'integer',
  boolean: 'integer',
  // Columns keep the type they are declared with; a number in a text column is a bug that should show.
  tableOptions: 'strict',
}
