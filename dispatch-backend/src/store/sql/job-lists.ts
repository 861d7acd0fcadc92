import type { JobFilter, JobListQuery, JobPage } from '../store.js'
import type { Connection, Database } from './database.js'
import type { JobCounter } from './job-counter.js'
import { countFound, MAX_SEARCHED, selectFound, type JobSearch } from './job-search.js'
import { selectIds, type JobSource, type Page, type Query } from './job-sources.js'
import { MAX_SOURCES, readProjects, sourcesOf } from './list-sources.js'
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

/** What no index decides; undefined = nothing. */
export function searchOf({ endpoint, text }: JobFilter): JobSearch | undefined {
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
