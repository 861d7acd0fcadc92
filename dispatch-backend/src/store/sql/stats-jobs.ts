/** Jobs counted for people, each project along an index and only so far. */
import type { DueCountQuery, DueCounts, StateCount } from '../stats-store.js'
import type { JobScope, JobStatus } from '../store.js'
import type { Database, Dialect, SqlValue } from './database.js'

const STATUSES: readonly JobStatus[] = ['SCHEDULED', 'FIRING', 'SUCCESS', 'FAILED', 'DEAD', 'CANCELLED']
const MINUTE_MS = 60_000

/** See `StatsStore.findReachableProjects`. */
export async function findReachableProjects(
  database: Database,
  { scope, projectId, limit }: { scope: JobScope; projectId?: string; limit: number },
): Promise<string[]> {
  const { from, values } = withinScope(scope)
  const only = projectId === undefined ? { sql: '', values: [] } : { sql: ' and p.id = ?', values: [projectId] }
  const sql = `select p.id from ${from} and p.deleted_at is null${only.sql} order by p.id desc limit ?`
  const rows = await database.read(
    (connection) => connection.query<{ id: string }>(sql, [...values, ...only.values, limit]),
    { fresh: true },
  )
  return rows.map((row) => row.id)
}

function withinScope(scope: JobScope): { from: string; values: SqlValue[] } {
  if (scope.kind === 'apiKey') {
    return {
      from:
        'projects as p join api_keys as k on k.project_id = p.id ' +
        'where p.id = ? and k.id = ? and k.revoked_at is null',
      values: [scope.projectId, scope.apiKeyId],
    }
  }
  return {
    from: 'memberships as m join projects as p on p.organization_id = m.organization_id where m.user_id = ?',
    values: [scope.userId],
  }
}

interface Counted {
  readonly project_id: string
  readonly total: number
}

/** See `StatsStore.countStates`. */
export function countStates(
  database: Database,
  { projectIds, limit }: { projectIds: readonly string[]; limit: number },
): Promise<StateCount[]> {
  if (projectIds.length === 0) return Promise.resolve([])
  const arm =
    'select count(*) as total from (select id from jobs where project_id = ? and status = ? limit ?) as counted'
  const sql = projectIds.map(() => `select a.total from (${arm}) as a`).join(' union all ')
  return database.read(async (connection) => {
    const counts: StateCount[] = []
    for (const status of STATUSES) {
      const rows = await connection.query<Pick<Counted, 'total'>>(
        sql,
        projectIds.flatMap((id) => [id, status, limit]),
      )
      const count = rows.reduce((sum, row) => sum + row.total, 0)
      counts.push({ status, count, isExact: rows.every((row) => row.total < limit) })
    }
    return counts
  })
}

interface DueRow extends Counted {
  readonly minute_ms: number
}

/**
 * See `StatsStore.countDue`. The due index would hold everybody's jobs; a project's own lie by state and `fire_at`, which is
 * when a scheduled job is due. Retries are due at other times, but a project has few of them.
 */
export async function countDue(database: Database, query: DueCountQuery): Promise<DueCounts> {
  const retries =
    "select project_id, next_attempt_at as due_ms from jobs where project_id = ? and status = 'FAILED' limit ?"
  const { projectIds, fromMs, untilMs, limit } = query
  if (projectIds.length === 0) return { minutes: [], isComplete: true }
  return database.read(async (connection) => {
    const rows = [
      ...(await connection.query<DueRow>(
        byMinute(projectIds.map(() => SCHEDULED[database.dialect.kind])),
        projectIds.flatMap((id) => [id, fromMs, untilMs, limit]),
      )),
      ...(await connection.query<DueRow>(
        byMinute(projectIds.map(() => retries)),
        projectIds.flatMap((id) => [id, limit]),
      )),
    ]
    return addUp(rows, query)
  })
}

const scheduledIn = (table: string): string =>
  `select project_id, fire_at as due_ms from ${table} ` +
  "where project_id = ? and status = 'SCHEDULED' and fire_at >= ? and fire_at < ? " +
  'order by fire_at limit ?'

/** SQLite and MySQL would rather sort all that are scheduled; PostgreSQL does so only while they are few. */
const SCHEDULED: Record<Dialect['kind'], string> = {
  sqlite: scheduledIn('jobs indexed by jobs_project_due'),
  mysql: scheduledIn('jobs force index (jobs_project_due)'),
  postgres: scheduledIn('jobs'),
}

/** Each arm is wrapped, because SQLite takes no LIMIT in an arm of a union. */
function byMinute(arms: readonly string[]): string {
  const union = arms.map((arm) => `select a.project_id, a.due_ms from (${arm}) as a`).join(' union all ')
  return (
    `select u.project_id, u.due_ms - u.due_ms % ${MINUTE_MS} as minute_ms, count(*) as total from (${union}) as u ` +
    `group by u.project_id, u.due_ms - u.due_ms % ${MINUTE_MS}`
  )
}

function addUp(rows: readonly DueRow[], { fromMs, untilMs, limit, projectIds }: DueCountQuery): DueCounts {
  const minutes = new Map<number, number>()
  const perProject = new Map<string, number>()
  for (const row of rows) {
    perProject.set(row.project_id, (perProject.get(row.project_id) ?? 0) + row.total)
    // Of retries all were counted, whenever they are due.
    if (row.minute_ms < fromMs || row.minute_ms >= untilMs) continue
    minutes.set(row.minute_ms, (minutes.get(row.minute_ms) ?? 0) + row.total)
  }
  return {
    minutes: [...minutes].map(([minuteMs, due]) => ({ minuteMs, due })),
    isComplete: projectIds.every((id) => (perProject.get(id) ?? 0) < limit),
  }
}
