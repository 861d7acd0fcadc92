import {
  DummyDriver,
  Kysely,
  MysqlQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Compilable,
} from 'kysely'
import type { JobStatus } from '../store.js'
import type { Connection, Dialect, SqlValue } from './database.js'

/** The columns that composed queries name; all others are written as SQL text. */
export interface Tables {
  readonly jobs: {
    readonly id: string
    readonly organization_id: string
    readonly project_id: string
    readonly status: JobStatus
  }
}

export type QueryBuilder = Kysely<Tables>

/**
 * Kysely as a compiler only: it composes the text, our own connection runs it. All dialects take `?` as parameter; MySQL
 * alone quotes names with backticks.
 */
export function createQueryBuilder({ kind }: Dialect): QueryBuilder {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => (kind === 'mysql' ? new MysqlQueryCompiler() : new SqliteQueryCompiler()),
    },
  })
}

/** Runs a composed query; `Row` is what it selects. */
export function run<Row>(connection: Connection, query: Compilable<Row>): Promise<Row[]> {
  const { sql, parameters } = query.compile()
  return connection.query<Row>(sql, parameters as readonly SqlValue[])
}
