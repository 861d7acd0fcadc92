import type { Attempt, AttemptStatus, Job, JobDetails, JobScope, JobStatus, JobSummary } from '../store.js'
import type { Connection, Database, Dialect, SqlValue } from './database.js'
import { oneColumn } from './rows.js'

export interface JobSummaryRow {
  readonly id: string
  readonly project_id: string
  readonly title: string
  readonly webhook_url: string
  readonly fire_at: number
  readonly next_attempt_at: number | null
  readonly status: JobStatus
  readonly attempt: number
  readonly retry_count: number
  readonly created_at: number
  readonly updated_at: number
  readonly replay_of: string | null
}

/** Columns of a `JobSummaryRow`, of the table `j`. */
export const SUMMARY_COLUMNS =
  'j.id, j.project_id, j.title, j.webhook_url, j.fire_at, j.next_attempt_at, j.status, j.attempt, j.retry_count, ' +
  'j.created_at, j.updated_at, j.replay_of'

interface JobRow extends JobSummaryRow {
  readonly payload: string
}

export function toJobSummary(row: JobSummaryRow): JobSummary {
  return {
    id: row.id,
    projectId: row.project_id,
    title: row.title,
    webhookUrl: row.webhook_url,
    fireAtMs: row.fire_at,
    nextAttemptAtMs: row.next_attempt_at,
    status: row.status,
    attempt: row.attempt,
    retryCount: row.retry_count,
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
    replayOf: row.replay_of,
  }
}

/** Whole jobs by id; for callers that have established whose they are. */
export async function readJobs(
  connection: Connection,
  dialect: Dialect,
  ids: readonly string[],
): Promise<Map<string, Job>> {
  if (ids.length === 0) return new Map()
  const rows = await connection.query<JobRow>(
    `select ${SUMMARY_COLUMNS}, j.payload from ${dialect.rowsFromJson([{ name: 'id', type: 'text' }])} as v ` +
      'join jobs as j on j.id = v.id',
    [oneColumn([...new Set(ids)])],
  )
  return new Map(rows.map((row) => [row.id, { payload: row.payload, ...toJobSummary(row) }]))
}

/** See `JobStore.getJob`. */
export function getJob(database: Database, scope: JobScope, id: string): Promise<JobDetails | null> {
  const owned = ownership(scope)
  return database.read(
    async (connection) => {
      const [row] = await connection.query<JobRow & { project_name: string }>(
        `select ${SUMMARY_COLUMNS}, j.payload, p.name as project_name ` +
          'from jobs as j join projects as p on p.id = j.project_id and p.deleted_at is null ' +
          `where j.id = ? and ${owned.condition}`,
        [id, ...owned.values],
      )
      if (!row) return null
      return {
        payload: row.payload,
        project: { id: row.project_id, name: row.project_name },
        attempts: await readAttempts(connection, id),
        ...toJobSummary(row),
      }
    },
    { fresh: true },
  )
}

/** Whether the scope reaches the job `j`: it has a live key of its project, or is a member of its organization. */
function ownership(scope: JobScope): { condition: string; values: SqlValue[] } {
  if (scope.kind === 'apiKey') {
    return {
      condition:
        'j.project_id = ? and exists (select 1 from api_keys as k ' +
        'where k.id = ? and k.project_id = j.project_id and k.revoked_at is null)',
      values: [scope.projectId, scope.apiKeyId],
    }
  }
  return {
    condition: 'exists (select 1 from memberships as m where m.organization_id = j.organization_id and m.user_id = ?)',
    values: [scope.userId],
  }
}

interface AttemptRow {
  readonly id: string
  readonly attempt: number
  readonly status: AttemptStatus
  readonly scheduled_for: number
  readonly fired_at: number
  readonly response_code: number | null
  readonly response_body: string | null
  readonly response_truncated: number
  readonly lateness_ms: number | null
  readonly duration_ms: number | null
  readonly error: string | null
}

async function readAttempts(connection: Connection, jobId: string): Promise<Attempt[]> {
  const rows = await connection.query<AttemptRow>(
    'select id, attempt, status, scheduled_for, fired_at, response_code, response_body, response_truncated, ' +
      'lateness_ms, duration_ms, error from attempts where job_id = ? order by attempt desc',
    [jobId],
  )
  return rows.map((row) => ({
    id: row.id,
    attempt: row.attempt,
    status: row.status,
    scheduledForMs: row.scheduled_for,
    firedAtMs: row.fired_at,
    responseCode: row.response_code,
    responseBody: row.response_body,
    responseTruncated: row.response_truncated === 1,
    latenessMs: row.lateness_ms,
    durationMs: row.duration_ms,
    error: row.error,
  }))
}
