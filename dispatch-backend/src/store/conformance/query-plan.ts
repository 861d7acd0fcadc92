/** Reading what a database means to do with a statement: `EXPLAIN`, in each one's own words. */
import type { Connection, Database, Dialect, SqlValue } from '../sql/database.js'

export interface Statement {
  readonly sql: string
  readonly values: readonly SqlValue[]
}

/** What a plan does to the table `jobs` (also under the aliases that the verbs use). */
export interface JobsPlan {
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

export async function explain(connection: Connection, kind: Dialect['kind'], statement: Statement): Promise<JobsPlan> {
  const prefix = kind === 'sqlite' ? 'explain query plan' : 'explain'
  const rows = await connection.query<Record<string, unknown>>(`${prefix} ${statement.sql}`, statement.values)
  return READERS[kind](rows)
}

const JOBS_TABLE = '(?:jobs|j|t)'

const READERS: Record<Dialect['kind'], (rows: readonly Record<string, unknown>[]) => JobsPlan> = {
  // SEARCH jobs USING INDEX jobs_due (due_at>? AND due_at<?)
  sqlite(rows) {
    const text = rows.map((row) => String(row['detail'])).join('\n')
    const found = text.matchAll(new RegExp(`SEARCH ${JOBS_TABLE} USING (?:COVERING )?INDEX (\\w+)`, 'g'))
    const indexes = [...found].map(([, index]) => (index === 'sqlite_autoindex_jobs_1' ? 'primary' : index!))
    return { indexes, scansTable: new RegExp(`SCAN ${JOBS_TABLE}\\b`).test(text), text }
  },
  // Index Scan using jobs_due on jobs  (cost=…), and below it: Index Cond: (…)
  postgres(rows) {
    const text = rows.map((row) => String(row['QUERY PLAN'])).join('\n')
    const found = [
      ...text.matchAll(/Index (?:Only )?Scan (?:Backward )?using (\w+) on jobs\b.*\n\s+(Index Cond)/g),
      ...text.matchAll(/Bitmap Index Scan on (jobs_\w+).*\n\s+(Index Cond)/g),
    ]
    const indexes = found.map(([, index]) => (index === 'jobs_pkey' ? 'primary' : index!))
    return { indexes, scansTable: /Seq Scan on jobs\b/.test(text), text }
  },
  mysql(rows) {
    const jobs = rows.filter((row) => new RegExp(`^${JOBS_TABLE}$`).test(String(row['table'])))
    const searches = jobs.filter((row) => !['ALL', 'index'].includes(String(row['type'])))
    return {
      indexes: searches.map((row) => String(row['key']).replace('PRIMARY', 'primary')),
      scansTable: searches.length < jobs.length,
      text: rows.map((row) => JSON.stringify(row)).join('\n'),
    }
  },
}
