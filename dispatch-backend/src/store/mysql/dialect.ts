import type { ColumnTypes } from '../migrations/migration.js'
import { placeholderRows, placeholders } from '../placeholders.js'
import type { Dialect, JsonColumn, JsonUpdate } from '../sql/database.js'
import { isDuplicateOnMysql } from './errors.js'

/** What MySQL 8, MariaDB 10.6 and TiDB have in common. */
export const mysqlDialect: Dialect = {
  kind: 'mysql',
  nowMs: 'cast(unix_timestamp(now(3)) * 1000 as signed)',
  maxParameters: 65_535,
  forUpdate: ' for update',
  isDuplicate: isDuplicateOnMysql,

  // Assigning a column to itself changes nothing, and unlike `insert ignore` lets every other error through.
  insertIfAbsent(table, columns, rowCount) {
    const first = columns[0]!
    return (
      `insert into ${table} (${columns.join(', ')}) values ${placeholderRows(columns.length, rowCount)} ` +
      `on duplicate key update ${first} = ${table}.${first}`
    )
  },

  // MariaDB has no row alias in its place, so `values()` it is, although MySQL 8 calls it outdated.
  upsert(table, columns, _key, update) {
    const assignments = update.map((column) => `${column} = values(${column})`).join(', ')
    return (
      `insert into ${table} (${columns.join(', ')}) values (${placeholders(columns.length)}) ` +
      `on duplicate key update ${assignments}`
    )
  },

  /**
   * The JSON table comes first in a straight join, so the rows are found by their primary key. Its columns are renamed: the
   * left sides of a joined UPDATE see both tables, and `set status = v.status` would be ambiguous.
   */
  updateFromJson({ table, columns, set, where }: JsonUpdate) {
    const id = columns[0]!.name
    const values = rowsFromJson(columns.map((column) => ({ ...column, name: renamed(column.name) })))
    const rename = (sql: string): string => sql.replace(/\bv\.(\w+)/g, (_, name: string) => `v.${renamed(name)}`)
    return (
      `update ${values} as v straight_join ${table} as t on t.${id} = v.${renamed(id)} ` +
      `set ${rename(set)} where ${rename(where)}`
    )
  },

  rowsFromJson,
}

const renamed = (column: string): string => `json_${column}`

function rowsFromJson(columns: readonly JsonColumn[]): string {
  const definitions = columns.map(({ name, type }, index) => `${name} ${JSON_TYPES[type]} path '$[${index}]'`)
  return `json_table(convert(? using utf8mb4), '$[*]' columns (${definitions.join(', ')}))`
}

const TEXT = 'character set utf8mb4 collate utf8mb4_bin'
const CODE = 'character set ascii collate ascii_bin'

/** Of the same character set as ids and codes: comparing another one would convert the table's column and miss its index. */
const JSON_TYPES = { text: `varchar(320) ${CODE}`, integer: 'bigint' } as const

export const mysqlTypes: ColumnTypes = {
  id: `char(36) ${CODE}`,
  code: (length) => `varchar(${length}) ${CODE}`,
  text: (characters) => `varchar(${characters}) ${TEXT}`,
  longText: `mediumtext ${TEXT}`,
  integer: 'bigint',
  smallInteger: 'smallint',
  boolean: 'tinyint',
  tableOptions: 'engine = InnoDB default character set utf8mb4 collate utf8mb4_bin',
}
