/** From whose jobs are asked for to the stretches of indexes that hold them. */
import type { JobFilter, JobScope, JobStatus } from '../store.js'
import type { Connection } from './database.js'
import type { JobSource } from './job-sources.js'

export interface ProjectRow {
  readonly id: string
  readonly organization_id: string
  readonly deleted_at: number | null
}

/** The projects within the scope, and those of its organizations that are being purged. */
export function readProjects(connection: Connection, scope: JobScope): Promise<ProjectRow[]> {
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

/** Each project asked costs a search. */
const MAX_PROJECTS_ASKED = 100
/** Of a list by due time, which asks each project for each state; more would not fit into a statement of SQLite. */
export const MAX_SOURCES = 2_000

/** Which stretches of which index hold the list. */
export function sourcesOf(query: JobFilter, projects: readonly ProjectRow[]): JobSource[] {
  const { scope, projectId, statuses, fromMs, toMs } = query
  const live = projects.filter((project) => project.deleted_at === null)
  const asked = projectId === undefined ? live : live.filter((project) => project.id === projectId)
  const range = { ...(fromMs !== undefined && { fromMs }), ...(toMs !== undefined && { toMs }) }
  if (query.sort === 'due') return byState(asked, statuses ?? ALL_STATUSES, { ...range, sort: 'due' })
  const isNarrow = projectId !== undefined || scope.kind === 'apiKey'
  // By status there is an index on projects, not on organizations: each further index would be written at each state change.
  if (statuses && (isNarrow || asked.length * statuses.length <= MAX_PROJECTS_ASKED)) {
    return byState(asked, statuses, range)
  }
  if (isNarrow) return asked.map(({ id }) => ({ column: 'project_id', id, ...range }))
  const deleted = projects.filter((project) => project.deleted_at !== null)
  return [...new Set(live.map((project) => project.organization_id))].map((id) => ({
    column: 'organization_id',
    id,
    ...range,
    ...(statuses && { statuses }),
    exceptProjectIds: deleted.filter((project) => project.organization_id === id).map((project) => project.id),
  }))
}

const ALL_STATUSES: readonly JobStatus[] = ['SCHEDULED', 'FIRING', 'SUCCESS', 'FAILED', 'DEAD', 'CANCELLED']

function byState(
  projects: readonly ProjectRow[],
  statuses: readonly JobStatus[],
  rest: Pick<JobSource, 'sort' | 'fromMs' | 'toMs'>,
): JobSource[] {
  return projects.flatMap(({ id }) =>
    statuses.map((status) => ({ column: 'project_id', id, status, ...rest }) as const),
  )
}
