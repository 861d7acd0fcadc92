/** What changed, for people who look on. */
import type { JobState, RecentChange, RecentChanges } from '../stats-store.js'
import type { JobStatus } from '../store.js'
import type { Database } from './database.js'
import { idBefore, timeOfId } from './id-time.js'
import { oneColumn } from './rows.js'

interface StateRow {
  readonly id: string
  readonly project_id: string
  readonly status: JobStatus
  readonly attempt: number
  readonly next_attempt_at: number | null
  readonly updated_at: number
}

/** See `StatsStore.readJobStates`. */
export async function readJobStates(database: Database, ids: readonly string[]): Promise<JobState[]> {
  if (ids.length === 0) return []
  const rows = await database.read(
    (connection) =>
      connection.query<StateRow>(
        'select j.id, j.project_id, j.status, j.attempt, j.next_attempt_at, j.updated_at ' +
          `from ${database.dialect.rowsFromJson([{ name: 'id', type: 'text' }])} as v join jobs as j on j.id = v.id`,
        [oneColumn(ids)],
      ),
    { fresh: true },
  )
  return rows.map((row) => ({
    id: row.id,
    projectId: row.project_id,
    status: row.status,
    attempt: row.attempt,
    nextAttemptAtMs: row.next_attempt_at,
    updatedAtMs: row.updated_at,
  }))
}

interface ChangeRow {
  readonly id: string
  readonly job_id: string | null
  /** null: the job of an attempt was purged meanwhile. */
  readonly project_id: string | null
}

const RECENT_JOBS = 'select id, id as job_id, project_id from jobs where id > ? order by id desc limit ?'
const RECENT_ATTEMPTS =
  'select p.id, p.job_id, j.project_id from (' +
  'select id, job_id from attempts where id > ? order by id desc limit ?' +
  ') as p left join jobs as j on j.id = p.job_id order by p.id desc'

const RECENT_ECHOES = 'select id, null as job_id, project_id from echo_requests where id > ? order by id desc limit ?'

/** See `StatsStore.readRecentChanges`. */
export async function readRecentChanges(
  database: Database,
  { fromMs, limit }: { fromMs: number; limit: number },
): Promise<RecentChanges> {
  const values = [idBefore(fromMs), limit]
  const kinds = await database.read(
    async (connection) => [
      await connection.query<ChangeRow>(RECENT_JOBS, values),
      await connection.query<ChangeRow>(RECENT_ATTEMPTS, values),
      await connection.query<ChangeRow>(RECENT_ECHOES, values),
    ],
    { fresh: true },
  )
  const startOf = (rows: readonly ChangeRow[]): number => (rows.length < limit ? fromMs : timeOfId(rows.at(-1)!.id) + 1)
  return { changes: kinds.flat().flatMap(toChange), sinceMs: Math.max(...kinds.map(startOf)) }
}

function toChange({ id, job_id: jobId, project_id: projectId }: ChangeRow): RecentChange[] {
  return projectId === null ? [] : [{ id, jobId, projectId }]
}
