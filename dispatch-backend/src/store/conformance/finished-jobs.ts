/** Two hundred days of a thousand jobs each: most delivered, some dead or cancelled, some not over yet. */
import type { Database } from '../sql/database.js'
import { oneColumn } from '../sql/rows.js'
import type { Store } from '../store.js'
import { seedProject } from './seeds.js'
import { T0, type Project } from './subject.js'

export const DAYS = 200
export const JOBS_A_DAY = 1_000
export const DAY_MS = 86_400_000

const DAYS_WITH_ATTEMPTS = 20

/** Of each day's thousand. Those that ended late were created that day and ended on the last one. */
export const PER_DAY = { SUCCESS: 900, late: 20, CANCELLED: 20, DEAD: 40, SCHEDULED: 10, FAILED: 10 } as const

const STATUS = `case when n < 920 then 'SUCCESS' when n < 940 then 'CANCELLED' when n < 980 then 'DEAD'
  when n < 990 then 'SCHEDULED' else 'FAILED' end`

/** Fills the database with the jobs of one project; day 0 is 200 days before `T0`. */
export async function seedFinishedJobs(store: Store, database: Database): Promise<Project> {
  const project = await seedProject(store)
  const { dialect } = database
  const number = dialect.rowsFromJson([{ name: 'n', type: 'integer' }])
  const days = dialect.rowsFromJson([
    { name: 'prefix', type: 'text' },
    { name: 'created_at', type: 'integer' },
  ])
  await database.write(async (connection) => {
    // Numbered by the database itself: rows sent over would take a minute.
    await connection.execute(
      `insert into jobs (id, organization_id, project_id, title, webhook_url, endpoint, status, bucket, payload_bytes,
        fire_at, next_attempt_at, due_at, created_at, updated_at, payload)
      select concat(d.prefix, 100000000000 + n), '${project.projectId}', '${project.projectId}', 'nightly report',
        'https://hooks.example.com/report', 'https://hooks.example.com:443', ${STATUS}, n % 4096, 16,
        created_at, case when n >= 980 then created_at end, case when n >= 980 then ${T0 + DAY_MS} end, created_at,
        case when n between 900 and 919 then ${T0} else created_at + 60000 end, '{"report":"all"}'
      from ${days} as d cross join ${number} as v`,
      [JSON.stringify(Array.from({ length: DAYS }, (_, day) => [idPrefix(day), dayMs(day)])), numbers()],
    )
    for (const attempt of [1, 2, 3]) await connection.execute(attemptsStatement(attempt))
  })
  await database.read(async (connection) => {
    // MySQL alone answers rows.
    if (dialect.kind === 'mysql') await connection.query('analyze table jobs, attempts')
    else await connection.execute('analyze')
  })
  return project
}

/** The beginning of day 0 to 199, of which the last is the one before `T0`. */
export function dayMs(day: number): number {
  return T0 - (DAYS - day) * DAY_MS
}

/** What the ids of a day's jobs begin with: UUIDv7 of its first millisecond. */
function idPrefix(day: number): string {
  const hex = dayMs(day).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-`
}

function numbers(): string {
  return oneColumn(Array.from({ length: JOBS_A_DAY }, (_, index) => index))
}

/** Delivered jobs have one attempt, dead ones three; those of later days, which no case deletes, have none. */
function attemptsStatement(attempt: number): string {
  const statuses = attempt === 1 ? "'SUCCESS', 'DEAD'" : "'DEAD'"
  return `insert into attempts (id, job_id, attempt, status, scheduled_for, fired_at, response_code, response_truncated,
      response_body)
    select replace(id, '-7000-', '-700${attempt}-'), id, ${attempt}, 'FAILED', fire_at, fire_at, 500, 0, 'an answer'
    from jobs where status in (${statuses}) and fire_at < ${dayMs(DAYS_WITH_ATTEMPTS)}`
}
