/**
 * Filters that no index decides (endpoint, text) are tried on a bounded number of jobs: the first of the list as the other
 * filters leave it. So the cost does not grow with the table, and the answer can say how far was looked.
 */
import type { Connection, Dialect } from './database.js'
import type { Query } from './job-sources.js'
import { oneColumn } from './rows.js'

/** Rows read for a page: tens of milliseconds, as long as nothing else is asked. */
export const MAX_SEARCHED = 10_000

export interface JobSearch {
  /** scheme://host:port, as the column has it. */
  readonly endpoint?: string
  /** An id begins with it, or a host or title holds it. */
  readonly text?: string
}

/** Those of the jobs that match, in no order; the ids go along as one parameter, so 10,000 of them are 400 KB. */
export async function findMatching(
  connection: Connection,
  dialect: Dialect,
  ids: readonly string[],
  search: JobSearch,
): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const { sql, values } = matches(dialect.kind, 'j', search)
  const rows = await connection.query<{ id: string }>(
    `select j.id from ${dialect.rowsFromJson([{ name: 'id', type: 'text' }])} as v join jobs as j on j.id = v.id where ${sql}`,
    [oneColumn(ids), ...values],
  )
  return new Set(rows.map((row) => row.id))
}

/** The search as a condition on the table, which has the columns id, endpoint and title. */
function matches(kind: Dialect['kind'], table: string, { endpoint, text }: JobSearch): Query {
  const conditions = [
    ...(endpoint === undefined ? [] : [{ sql: `${table}.endpoint = ?`, values: [endpoint] }]),
    ...(text === undefined ? [] : [either(textConditions(kind, table, text))]),
  ]
  return {
    sql: conditions.map(({ sql }) => sql).join(' and '),
    values: conditions.flatMap(({ values }) => values),
  }
}

function either(conditions: readonly Query[]): Query {
  return {
    sql: `(${conditions.map(({ sql }) => sql).join(' or ')})`,
    values: conditions.flatMap(({ values }) => values),
  }
}

function textConditions(kind: Dialect['kind'], table: string, text: string): Query[] {
  const position = kind === 'postgres' ? 'strpos' : 'instr'
  // `lower` of the database on both sides: beyond A to Z they differ in what it does.
  const inTitle = { sql: `${position}(lower(${table}.title), lower(?)) > 0`, values: [text] }
  // MySQL refuses to compare ids and endpoints, which are ASCII, with anything else.
  if (!/^[\x20-\x7e]+$/.test(text)) return [inTitle]
  const lower = text.toLowerCase()
  return [
    { sql: `substr(${table}.id, 1, ?) = ?`, values: [lower.length, lower] },
    { sql: `${position}(${HOST[kind](table)}, ?) > 0`, values: [lower] },
    inTitle,
  ]
}

/** The endpoint without scheme and port, since `443` is looked for in titles. */
const HOST: Readonly<Record<Dialect['kind'], (table: string) => string>> = {
  sqlite: (table) => `rtrim(substr(${table}.endpoint, instr(${table}.endpoint, '://') + 3), '0123456789')`,
  postgres: (table) => `rtrim(substr(${table}.endpoint, strpos(${table}.endpoint, '://') + 3), '0123456789')`,
  mysql: (table) => `regexp_replace(${table}.endpoint, '^https?://|[0-9]+$', '')`,
}
