/** Attempts as statistics read them: along their primary key, which is the order in which their records were made. */
import type { AttemptFact, AttemptFactQuery, Failure } from '../stats-store.js'
import type { AttemptStatus, JobStatus } from '../store.js'
import type { Database } from './database.js'
import { idBefore, timeOfId } from './id-time.js'
import { oneColumn } from './rows.js'

/** Of an error, what statistics keep. */
const ERROR_CHARACTERS = 200

interface FactRow {
  readonly id: string
  readonly status: AttemptStatus
  readonly fired_at: number
  readonly lateness_ms: number | null
  readonly error: string | null
  readonly project_id: string
  readonly endpoint: string
}

/** See `StatsStore.readAttemptFacts`. The page is chosen before its jobs are looked up, so that no planner reads all jobs. */
export async function readAttemptFacts(database: Database, query: AttemptFactQuery): Promise<AttemptFact[]> {
  const { fromMs, untilMs, after, limit, newestFirst = false } = query
  const order = newestFirst ? 'desc' : 'asc'
  const from = newestFirst ? idBefore(fromMs) : (after ?? idBefore(fromMs))
  const until = newestFirst ? (after ?? idBefore(untilMs)) : idBefore(untilMs)
  const rows = await database.read((connection) =>
    connection.query<FactRow>(
      'select p.id, p.status, p.fired_at, p.lateness_ms, p.error, j.project_id, j.endpoint from (' +
        `select id, job_id, status, fired_at, lateness_ms, substr(error, 1, ${ERROR_CHARACTERS}) as error ` +
        `from attempts where id > ? and id < ? order by id ${order} limit ?` +
        `) as p join jobs as j on j.id = p.job_id order by p.id ${order}`,
      [from, until, limit],
    ),
  )
  return rows.map((row) => ({
    id: row.id,
    madeAtMs: timeOfId(row.id),
    projectId: row.project_id,
    endpoint: row.endpoint,
    status: row.status,
    firedAtMs: row.fired_at,
    latenessMs: row.lateness_ms,
    error: row.error,
  }))
}

/** See `StatsStore.findNextAttemptMs`. */
export async function findNextAttemptMs(database: Database, fromMs: number): Promise<number | null> {
  const [row] = await database.read((connection) =>
    connection.query<{ id: string }>('select id from attempts where id > ? order by id limit 1', [idBefore(fromMs)]),
  )
  return row ? timeOfId(row.id) : null
}

interface FailureRow {
  readonly id: string
  readonly job_id: string
  readonly attempt: number
  readonly fired_at: number
  readonly response_code: number | null
  readonly error: string | null
  readonly project_id: string
  readonly title: string
  readonly endpoint: string
  readonly job_status: JobStatus
  readonly job_attempt: number
}

/** See `StatsStore.readFailures`. */
export async function readFailures(
  database: Database,
  { ids, projectIds }: { ids: readonly string[]; projectIds: readonly string[] },
): Promise<Failure[]> {
  if (ids.length === 0 || projectIds.length === 0) return []
  const wanted = database.dialect.rowsFromJson([{ name: 'id', type: 'text' }])
  const rows = await database.read((connection) =>
    connection.query<FailureRow>(
      'select a.id, a.job_id, a.attempt, a.fired_at, a.response_code, a.error, j.project_id, j.title, j.endpoint, ' +
        'j.status as job_status, j.attempt as job_attempt ' +
        `from ${wanted} as v join attempts as a on a.id = v.id join jobs as j on j.id = a.job_id ` +
        // An expression, lest a planner begin with all jobs of the projects.
        `where coalesce(j.project_id, '') in (select p.id from ${wanted} as p) order by a.id desc`,
      [oneColumn(ids), oneColumn(projectIds)],
    ),
  )
  return rows.map(toFailure)
}

function toFailure(row: FailureRow): Failure {
  const isLast = row.job_attempt === row.attempt
  return {
    attemptId: row.id,
    jobId: row.job_id,
    projectId: row.project_id,
    title: row.title,
    endpoint: row.endpoint,
    attempt: row.attempt,
    firedAtMs: row.fired_at,
    responseCode: row.response_code,
    error: row.error,
    willRetry: !isLast || row.job_status === 'FAILED',
  }
}
