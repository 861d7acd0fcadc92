import type { JobFilter, JobListQuery, JobPage } from '../store.js'
import type { Connection, Database } from './database.js'
import type { JobCounter } from './job-counter.js'
import { findMatching, MAX_SEARCHED, type JobSearch } from './job-search.js'
import { selectIds, type JobSource, type Page } from './job-sources.js'
import { MAX_SOURCES, readProjects, sourcesOf, type ProjectRow } from './list-sources.js'
import { readFirst } from './merge-sources.js'
import { SUMMARY_COLUMNS, toJobSummary, type JobSummaryRow } from './jobs.js'
import { oneColumn } from './rows.js'

/** See `JobStore.listJobs`. */
export function listJobs(
  database: Database,
  counter: JobCounter,
  query: JobListQuery,
): Promise<JobPage | 'too-many-projects'> {
  return database.read(async (connection) => {
    const projects = await readProjects(connection, query.scope)
    const sources = sourcesOf(query, projects)
    if (sources.length > MAX_SOURCES) return 'too-many-projects'
    const search = searchOf(query)
    if (sources.length === 0) return { jobs: [], total: 0, totalIsExact: true, ...(search && { search: NOTHING }) }
    const { ascending = false, page, limit } = query
    const wanted = { ascending, offset: (page - 1) * limit, limit }
    const read = search ? readFound : readAll
    const reading = { connection, database, counter, counted: countedSources(query, projects, sources) }
    const { ids, ...counts } = await read(reading, sources, wanted, search ?? {})
    return { jobs: await readSummaries(connection, database, ids), ...counts }
  })
}

interface Reading {
  readonly connection: Connection
  readonly database: Database
  readonly counter: JobCounter
  /** The stretches that are counted: the same jobs in fewer of them, where that can be. */
  readonly counted: readonly JobSource[]
}

type Counts = Omit<JobPage, 'jobs'>

const NOTHING = { searched: 0, limited: false }

/** What no index decides; undefined = nothing. */
export function searchOf({ endpoint, text }: JobFilter): JobSearch | undefined {
  if (endpoint === undefined && text === undefined) return undefined
  return { ...(endpoint !== undefined && { endpoint }), ...(text !== undefined && { text }) }
}

/** A list by due time is one stretch for each project and state; without a time or states all of a project's jobs are in it. */
function countedSources(
  query: JobListQuery,
  projects: readonly ProjectRow[],
  sources: readonly JobSource[],
): readonly JobSource[] {
  const { sort, statuses, fromMs, toMs, ...rest } = query
  const areAll = sort === 'due' && statuses === undefined && fromMs === undefined && toMs === undefined
  return areAll ? sourcesOf(rest, projects) : sources
}

async function readAll(
  { connection, database, counter, counted }: Reading,
  sources: readonly JobSource[],
  page: Page,
): Promise<Counts & { ids: readonly string[] }> {
  const { total, isExact } = await counter.count(connection, counted)
  // A page behind the end would be looked for through all of them.
  const ids = isExact && page.offset >= total ? [] : await readIds(connection, database, sources, page)
  return { ids, total, totalIsExact: isExact }
}

/** Ids along the index first, then only the rows of those: not the rows of all stretches. */
async function readFound(
  { connection, database: { dialect } }: Reading,
  sources: readonly JobSource[],
  { ascending, offset, limit }: Page,
  search: JobSearch,
): Promise<Counts & { ids: readonly string[] }> {
  const first = await readFirst(connection, dialect, sources, { ascending, limit: MAX_SEARCHED + 1 })
  const searched = first.slice(0, MAX_SEARCHED).map(({ id }) => id)
  const matching = await findMatching(connection, dialect, searched, search)
  const found = searched.filter((id) => matching.has(id))
  return {
    ids: found.slice(offset, offset + limit),
    total: found.length,
    totalIsExact: true,
    search: { searched: searched.length, limited: first.length > MAX_SEARCHED },
  }
}

/** Merged here, entries come over to be thrown away, so no more than a search may bring; beyond, the database merges. */
const MAX_MERGED = MAX_SEARCHED

async function readIds(
  connection: Connection,
  { dialect }: Database,
  sources: readonly JobSource[],
  page: Page,
): Promise<readonly string[]> {
  const { ascending, offset, limit } = page
  if (sources.length > 1 && offset + limit <= MAX_MERGED) {
    const first = await readFirst(connection, dialect, sources, { ascending, limit: offset + limit })
    return first.slice(offset).map(({ id }) => id)
  }
  const { sql, values } = selectIds(dialect, sources, page)
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
    return row ? [{ project: { id: row.project_id, name: row.project_name }, ...toJobSummary(row) }] : []
  })
}
