/** Statements prepared while `jobs` was nearly empty must not read the whole table once it is full. */
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../clock.js'
import { databases } from '../../testing/databases.js'
import { seedProject } from '../conformance/seeds.js'
import { ALL_DUE, claimRequest, createJobs, failure, T0 } from '../conformance/subject.js'
import { watched, type Statement } from '../conformance/query-plan.js'
import type { ServerConfig } from '../database-config.js'
import { openDriver } from '../driver.js'
import { migrate } from '../migrate.js'
import type { Connection, Database } from '../sql/database.js'
import { SqlStore } from '../sql-store.js'
import { numberParameters } from './parameters.js'

const ROUNDS = 10
/** Below some 15,000 rows a scan is the cheaper way. */
const MANY = 40_000

it.each(databases.filter(({ name }) => name === 'PostgreSQL'))(
  'statements prepared on a nearly empty table of $name search in a full one',
  async ({ create }) => {
    const { config, drop } = await create()
    onTestFinished(drop)
    await migrate(config)
    // All prepared statements are on the one connection.
    const { database } = openDriver(
      { ...(config as ServerConfig), poolSize: 1 },
      { clock: systemClock, deadlineMs: 30_000 },
    )
    onTestFinished(() => database.close())
    const hot = await runHotVerbs(database)
    expect(hot.length).toBeGreaterThan(3)
    await database.read(async (connection) => {
      for (const statement of hot)
        expect(await explainPrepared(connection, statement)).not.toMatch(/Seq Scan on jobs\b/)
    })
  },
)

/** Claims, records and hands back until the statements are prepared, then fills the table; answers those on `jobs`. */
async function runHotVerbs(database: Database): Promise<Statement[]> {
  const seen: Statement[] = []
  const capabilities = { singleEngine: false, sharesHostClock: false, description: '' }
  const store = new SqlStore({ database: watched(database, seen), clock: systemClock, capabilities })
  await database.write((connection) => connection.execute('alter table jobs set (autovacuum_enabled = off)'))
  const project = await seedProject(store)
  for (let round = 0; round < ROUNDS; round += 1) {
    const request = claimRequest(await createJobs(store, project, [{}, {}]))
    const [sent, unsent] = (await store.claim(request)).jobs
    await store.recordAttempts([failure(sent!, request.claimId, T0)])
    await store.handBack([{ id: unsent!.id, claimId: request.claimId }])
    await store.readDue(ALL_DUE)
  }
  const last = new Map(seen.map((statement) => [statement.sql, statement]))
  await database.write((connection) =>
    connection.execute(
      `insert into jobs select copy.* from generate_series(1, ?) as n
        cross join (select * from jobs limit 1) as j
        cross join lateral jsonb_populate_record(null::jobs, to_jsonb(j) || jsonb_build_object('id', lpad(n::text, 36, '0'))) as copy`,
      [MANY],
    ),
  )
  return [...last.values()].filter(({ sql }) => /\bjobs\b/.test(sql) && !sql.startsWith('insert'))
}

/** The plan of the prepared statement as it would run now. */
async function explainPrepared(connection: Connection, { sql, values }: Statement): Promise<string> {
  const [prepared] = await connection.query<{ name: string }>(
    'select name from pg_prepared_statements where statement = ?',
    [numberParameters(sql)],
  )
  const literals = values.map((value) =>
    typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value),
  )
  const rows = await connection.query<Record<string, string>>(
    `explain execute "${prepared!.name}" (${literals.join(', ')})`,
  )
  return rows.map((row) => row['QUERY PLAN']).join('\n')
}
