import type { JobListQuery, JobPage, JobScope, JobStatus } from '../store.js'
import type { Connection, Database } from './database.js'
import type { JobCounter } from './job-counter.js'
import { countFound, MAX_SEARCHED, selectFound, type JobSearch } from './job-search.js'
import { selectIds, type JobSource, type Page, type Query } from './job-sources.js'
import { SUMMARY_COLUMNS, toJobSummary, type JobSummaryRow } from './jobs.js'
import { oneColumn } from './rows.js'

/** See `JobStore.listJobs`. */
export function listJobs(
  database: Database,
  counter: JobCounter,
  query: JobListQuery,
): Promise<JobPage | 'too-many-projects'> {
  return database.read(async (connection) => {
    const sources = sourcesOf(query, await readProjects(connection, query.scope))
    if (sources.length > MAX_SOURCES) return 'too-many-projects'
    const search = searchOf(query)
    if (sources.length === 0) return { jobs: [], total: 0, totalIsExact: true, ...(search && { search: NOTHING }) }
    const { ascending = false, page, limit } = query
    const wanted = { ascending, offset: (page - 1) * limit, limit }
    const read = search ? readFound : readAll
    const { ids, ...counts } = await read({ connection, database, counter }, sources, wanted, search ?? {})
    return { jobs: await readSummaries(connection, database, ids), ...counts }
  })
}

interface Reading {
  readonly connection: Connection
  readonly database: Database
  readonly counter: JobCounter
}

type Counts = Omit<JobPage, 'jobs'>

const NOTHING = { searched: 0, limited: false }

function searchOf({ endpoint, text }: JobListQuery): JobSearch | undefined {
  if (endpoint === undefined && text === undefined) return undefined
  return { ...(endpoint !== undefined && { endpoint }), ...(text !== undefined && { text }) }
}

async function readAll(
  { connection, database, counter }: Reading,
  sources: readonly JobSource[],
  page: Page,
): Promise<Counts & { ids: readonly string[] }> {
  const { total, isExact } = await counter.count(connection, sources)
  // A page behind the end would be looked for through all of them.
  const ids =
    isExact && page.offset >= total ? [] : await readIds(connection, selectIds(database.dialect, sources, page))
  return { ids, total, totalIsExact: isExact }
}

async function readFound(
  { connection, database: { dialect }, counter }: Reading,
  sources: readonly JobSource[],
  page: Page,
  search: JobSearch,
): Promise<Counts & { ids: readonly string[] }> {
  const inAll = await counter.countTo(connection, sources, MAX_SEARCHED + 1)
  const count = countFound(dialect, sources, search, page.ascending)
  const [row] = await connection.query<{ total: number }>(count.sql, count.values)
  const { total } = row!
  const ids = page.offset >= total ? [] : await readIds(connection, selectFound(dialect, sources, search, page))
  const limited = inAll > MAX_SEARCHED
  return { ids, total, totalIsExact: true, search: { searched: Math.min(inAll, MAX_SEARCHED), limited } }
}

async function readIds(connection: Connection, { sql, values }: Query): Promise<string[]> {
  return (await connection.query<{ id: string }>(sql, values)).map((row) => row.id)
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

/** Each project asked costs a search. */
const MAX_PROJECTS_ASKED = 100
/** Of a list by due time, which asks each project for each state; more would not fit into a statement of SQLite. */
const MAX_SOURCES = 2_000

/** Which stretches of which index hold the list. */
function sourcesOf(query: JobListQuery, projects: readonly ProjectRow[]): JobSource[] {
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

/** In the order of the ids given. */
async function readSummaries(
  connection: Connection,
  { dialect }: Database,
  ids: readonly string[],
): Promise<JobPage['jobs']> {
  if (ids.length === 0) return []
  const rows = await connection.query<JobSummaryRow & { project_name: string }>(
    `select ${SUMMARY_COLUMNS}, p.name as project_name from ${dialect.rowsFromJson([{ name: 'id', type: 'text' }])} as v ` +
      'join jobs as j on j.id = v.id join projects as p on p.id = j.project_id',
    [oneColumn(ids)],
  )
  const byId = new Map(rows.map((row) => [row.id, row]))
  // A job deleted since its id was read is not there any more.
  return ids.flatMap((id) => {
    const row = byId.get(id)
    return row ? [{ ...toJobSummary(row), project: { id: row.project_id, name: row.project_name } }] : []
  })
}
