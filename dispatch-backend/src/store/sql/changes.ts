/** What changed, for people who look on. */
import type { JobState, RecentChange } from '../stats-store.js'
import type { JobStatus } from '../store.js'
import type { Database } from './database.js'
import { idBefore } from './id-time.js'
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
  readonly job_id: string
  readonly project_id: string
}

/** See `StatsStore.readRecentChanges`. The newest of each kind: when there are more, somebody else's refresh tells. */
export async function readRecentChanges(
  database: Database,
  { fromMs, limit }: { fromMs: number; limit: number },
): Promise<RecentChange[]> {
  const from = idBefore(fromMs)
  const rows = await database.read(
    async (connection) => [
      ...(await connection.query<ChangeRow>(
        'select id, id as job_id, project_id from jobs where id > ? order by id desc limit ?',
        [from, limit],
      )),
      ...(await connection.query<ChangeRow>(
        'select a.id, a.job_id, j.project_id from (' +
          'select id, job_id from attempts where id > ? order by id desc limit ?' +
          ') as a join jobs as j on j.id = a.job_id',
        [from, limit],
      )),
    ],
    { fresh: true },
  )
  return rows.map((row) => ({ id: row.id, jobId: row.job_id, projectId: row.project_id }))
}
