import type { JobListQuery, JobPage, JobScope } from '../store.js'
import type { Connection, Database } from './database.js'
import type { JobCounter } from './job-counter.js'
import { selectIds, type JobSource } from './job-sources.js'
import { SUMMARY_COLUMNS, toJobSummary, type JobSummaryRow } from './jobs.js'
import { oneColumn } from './rows.js'

/** See `JobStore.listJobs`. */
export function listJobs(database: Database, counter: JobCounter, query: JobListQuery): Promise<JobPage> {
  return database.read(async (connection) => {
    const sources = sourcesOf(query, await readProjects(connection, query.scope))
    if (sources.length === 0) return { jobs: [], total: 0, totalIsExact: true }
    const { total, isExact } = await counter.count(connection, sources)
    const { sql, values } = selectIds(database.dialect, sources, {
      offset: (query.page - 1) * query.limit,
      limit: query.limit,
    })
    const ids = await connection.query<{ id: string }>(sql, values)
    const jobs = await readSummaries(
      connection,
      database,
      ids.map((row) => row.id),
    )
    return { jobs, total, totalIsExact: isExact }
  })
}

interface ProjectRow {
  readonly id: string
  readonly organization_id: string
  readonly deleted_at: number | null
}

/** The projects within the scope, and those of its organizations that are being purged. */
function readProjects(connection: Connection, scope: JobScope): Promise<ProjectRow[]> {
  if (scope.kind === 'apiKey') {
    return connection.query<ProjectRow>(
      'select p.id, p.organization_id, p.deleted_at from projects as p join api_keys as k on k.project_id = p.id ' +
        'where p.id = ? and k.id = ? and k.revoked_at is null',
      [scope.projectId, scope.apiKeyId],
    )
  }
  return connection.query<ProjectRow>(
    'select p.id, p.organization_id, p.deleted_at from memberships as m ' +
      'join projects as p on p.organization_id = m.organization_id where m.user_id = ? order by p.id',
    [scope.userId],
  )
}

/** SQLite merges 500 at the most, and each project asked costs a search. */
const MAX_PROJECTS_ASKED = 100

/** Which stretches of which index hold the list. */
function sourcesOf({ scope, projectId, statuses }: JobListQuery, projects: readonly ProjectRow[]): JobSource[] {
  const live = projects.filter((project) => project.deleted_at === null)
  const asked = projectId === undefined ? live : live.filter((project) => project.id === projectId)
  const narrow = projectId !== undefined || scope.kind === 'apiKey'
  // By status there is an index on projects, not on organizations: each further index would be written at each state change.
  if (statuses && (narrow || asked.length * statuses.length <= MAX_PROJECTS_ASKED)) {
    return asked.flatMap(({ id }) => statuses.map((status) => ({ column: 'project_id', id, status }) as const))
  }
  if (narrow) return asked.map(({ id }) => ({ column: 'project_id', id }))
  const deleted = projects.filter((project) => project.deleted_at !== null)
  return [...new Set(live.map((project) => project.organization_id))].map((id) => ({
    column: 'organization_id',
    id,
    ...(statuses && { statuses }),
    exceptProjectIds: deleted.filter((project) => project.organization_id === id).map((project) => project.id),
  }))
}

async function readSummaries(
  connection: Connection,
  { dialect }: Database,
  ids: readonly string[],
): Promise<JobPage['jobs']> {
  if (ids.length === 0) return []
  const rows = await connection.query<JobSummaryRow & { project_name: string }>(
    `select ${SUMMARY_COLUMNS}, p.name as project_name from ${dialect.rowsFromJson([{ name: 'id', type: 'text' }])} as v ` +
      'join jobs as j on j.id = v.id join projects as p on p.id = j.project_id order by j.id desc',
    [oneColumn(ids)],
  )
  return rows.map((row) => ({ ...toJobSummary(row), project: { id: row.project_id, name: row.project_name } }))
}
