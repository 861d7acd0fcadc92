/** A hundred thousand jobs as a busy instance has them: most finished (each by one attempt), some to come, a few under way. */
import type { Database, Dialect } from '../sql/database.js'
import { oneColumn } from '../sql/rows.js'
import type { Store } from '../store.js'
import { seedProject } from './seeds.js'
import { newId, T0, type Project } from './subject.js'

export const MANY = 100_000
const SIDE = Math.sqrt(MANY / 10)
const PLACES = 20

/** The projects of one user, among which every fifth job is; the other jobs are other users'. */
export async function seedManyJobs(store: Store, database: Database): Promise<(Project & { userId: string })[]> {
  const first = await seedProject(store)
  const own = [first, ...(await Promise.all([1, 2, 3].map(() => seedProject(store, first.userId))))]
  const others = await Promise.all(Array.from({ length: PLACES - own.length }, () => seedProject(store)))
  const places = await placesOf(store, [...own, ...others])
  await database.write((connection) =>
    connection.execute(insertStatement(database.dialect), [
      oneColumn(Array.from({ length: SIDE * 10 }, (_, index) => index)),
      oneColumn(Array.from({ length: SIDE }, (_, index) => index)),
      JSON.stringify(places),
    ]),
  )
  await database.write((connection) => connection.execute(ATTEMPTS))
  await database.read(async (connection) => {
    // MySQL alone answers rows.
    if (database.dialect.kind === 'mysql') await connection.query('analyze table jobs, attempts, projects, replicas')
    else await connection.execute('analyze')
  })
  return own
}

function placesOf(
  store: Store,
  projects: readonly (Project & { userId: string })[],
): Promise<[number, string, string][]> {
  return Promise.all(
    projects.map(async ({ projectId, userId }, index) => {
      const [organization] = await store.listOrganizations(userId)
      return [index, projectId, organization!.id]
    }),
  )
}

/** Of a thousand: 880 delivered, 100 to come, 12 retrying, 4 dead, 2 cancelled, 2 under way. */
const STATUS = `case
  when place < 880 then 'SUCCESS' when place < 980 then 'SCHEDULED' when place < 992 then 'FAILED'
  when place < 996 then 'DEAD' when place < 998 then 'CANCELLED' else 'FIRING' end`

/** One of each delivered job, with its id. */
const ATTEMPTS = `insert into attempts (id, job_id, attempt, status, scheduled_for, fired_at, response_truncated)
  select id, id, 1, 'SUCCESS', fire_at, fire_at, 0 from jobs where status = 'SUCCESS'`

/** Numbered by the database itself: rows sent over would take a minute. Its parameters: two lists of numbers, and the places. */
function insertStatement(dialect: Dialect): string {
  const number = dialect.rowsFromJson([{ name: 'n', type: 'integer' }])
  const places = dialect.rowsFromJson([
    { name: 'place_number', type: 'integer' },
    { name: 'project_id', type: 'text' },
    { name: 'organization_id', type: 'text' },
  ])
  const numbers = `select a.n * ${SIDE} + b.n as n from ${number} as a cross join ${number} as b`
  const jobs = `select n, ${T0} + n * 100 as fire_at, (n * 7919) % 1000 as place from (${numbers}) as numbers`
  return `insert into jobs (id, organization_id, project_id, title, webhook_url, endpoint, status, bucket,
      payload_bytes, fire_at, next_attempt_at, due_at, claim_id, owner, claimed_at, lease_until, created_at, updated_at,
      payload)
    select concat('01900000-0000-7000-8000-', 100000000000 + n), p.organization_id, p.project_id, 'nightly report',
      'https://hooks.example.com/report', 'https://hooks.example.com:443', ${STATUS}, n % 4096, 16, fire_at,
      case when place between 880 and 991 or place > 997 then fire_at end,
      case when place between 880 and 991 then fire_at end,
      case when place > 997 then '${newId()}' end,
      case when place > 997 then 'replica-a' end,
      case when place > 997 then fire_at end,
      case when place > 997 then fire_at + 60000 end,
      ${T0}, ${T0}, '{"report":"all"}'
    from (${jobs}) as j join ${places} as p on p.place_number = j.n % ${PLACES} order by n`
}
