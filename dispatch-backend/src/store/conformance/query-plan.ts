/** Reading what a database means to do with a statement: `EXPLAIN`, in each one's own words. */
import type { Connection, Database, Dialect, SqlValue } from '../sql/database.js'

export interface Statement {
  readonly sql: string
  readonly values: readonly SqlValue[]
}

/** What a plan does to one table (also under the aliases that the verbs use). */
export interface TablePlan {
  /** Indexes searched; `primary` is the primary key. */
  readonly indexes: readonly string[]
  readonly scansTable: boolean
  readonly text: string
}

/** The same database, noting each statement that runs on it. */
export function watched(database: Database, seen: Statement[]): Database {
  const watch = (connection: Connection): Connection => ({
    query: (sql, values = []) => {
      seen.push({ sql, values })
      return connection.query(sql, values)
    },
    execute: (sql, values = []) => {
      seen.push({ sql, values })
      return connection.execute(sql, values)
    },
  })
  return {
    dialect: database.dialect,
    write: (body) => database.write((connection) => body(watch(connection))),
    read: (body, options) => database.read((connection) => body(watch(connection)), options),
    close: () => database.close(),
  }
}

const ALIASES = { jobs: '(?:jobs|j|t)', attempts: '(?:attempts|a)' } as const
export type Table = keyof typeof ALIASES

export async function explain(
  connection: Connection,
  kind: Dialect['kind'],
  statement: Statement,
  table: Table = 'jobs',
): Promise<TablePlan> {
  const prefix = kind === 'sqlite' ? 'explain query plan' : 'explain'
  const rows = await connection.query<Record<string, unknown>>(`${prefix} ${statement.sql}`, statement.values)
  return READERS[kind](rows, table)
}

/** SQLite names what makes up a constraint by its place in the table. */
const SQLITE_CONSTRAINTS: Readonly<Record<string, string>> = {
  sqlite_autoindex_jobs_1: 'primary',
  sqlite_autoindex_attempts_1: 'primary',
  sqlite_autoindex_attempts_2: 'attempts_job',
}

const READERS: Record<Dialect['kind'], (rows: readonly Record<string, unknown>[], table: Table) => TablePlan> = {
  // SEARCH jobs USING INDEX jobs_due (due_at>? AND due_at<?)
  sqlite(rows, table) {
    const text = rows.map((row) => String(row['detail'])).join('\n')
    const found = text.matchAll(new RegExp(`SEARCH ${ALIASES[table]} USING (?:COVERING )?INDEX (\\w+)`, 'g'))
    const indexes = [...found].map(([, index]) => SQLITE_CONSTRAINTS[index!] ?? index!)
    return { indexes, scansTable: new RegExp(`SCAN ${ALIASES[table]}\\b`).test(text), text }
  },
  // Index Scan using jobs_due on jobs  (cost=…), and below it: Index Cond: (…)
  postgres(rows, table) {
    const text = rows.map((row) => String(row['QUERY PLAN'])).join('\n')
    const scan = `Index (?:Only )?Scan (?:Backward )?using (\\w+) on ${table}\\b.*\\n\\s+(Index Cond)`
    const found = [
      ...text.matchAll(new RegExp(scan, 'g')),
      ...text.matchAll(new RegExp(`Bitmap Index Scan on (${table}_\\w+).*\\n\\s+(Index Cond)`, 'g')),
    ]
    const indexes = found.map(([, index]) => (index === `${table}_pkey` ? 'primary' : index!))
    return { indexes, scansTable: new RegExp(`Seq Scan on ${table}\\b`).test(text), text }
  },
  mysql(rows, table) {
    const own = rows.filter((row) => new RegExp(`^${ALIASES[table]}$`).test(String(row['table'])))
    const searches = own.filter((row) => !['ALL', 'index'].includes(String(row['type'])))
    return {
      indexes: searches.map((row) => String(row['key']).replace('PRIMARY', 'primary')),
      scansTable: searches.length < own.length,
      text: rows.map((row) => JSON.stringify(row)).join('\n'),
    }
  },
}
