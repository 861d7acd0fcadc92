import type { ColumnTypes } from '../migrations/migration.js'
import { placeholderRows, placeholders } from '../placeholders.js'
import type { Dialect, JsonColumn, JsonUpdate } from '../sql/database.js'
import { isDuplicateOnPostgres } from './errors.js'

/** What PostgreSQL 13, CockroachDB and YugabyteDB have in common. */
export const postgresDialect: Dialect = {
  kind: 'postgres',
  nowMs: 'floor(extract(epoch from clock_timestamp()) * 1000)::bigint',
  maxParameters: 65_535,
  forUpdate: ' for update',
  isDuplicate: isDuplicateOnPostgres,

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
    const id = columns[0]!.name
    return `update ${table} as t set ${set} from ${rowsFromJson(columns)} as v where t.${id} = v.${id} and (${where})`
  },

  rowsFromJson,
}

/** Without a collation of its own a JSON text would not be found by the index of an id or code, which has "C". */
const JSON_CASTS = { text: ' collate "C"', integer: '::bigint' } as const

function rowsFromJson(columns: readonly JsonColumn[]): string {
  const values = columns.map(({ name, type }, index) => `(value->>${index})${JSON_CASTS[type]} as ${name}`)
  return `(select ${values.join(', ')} from jsonb_array_elements(?::jsonb) as value)`
}

export const postgresTypes: ColumnTypes = {
  id: 'text collate "C"',
  code: () => 'text collate "C"',
  text: () => 'text',
  longText: 'text',
  integer: 'bigint',
  smallInteger: 'smallint',
  boolean: 'smallint',
  tableOptions: '',
}
