/**
 * Lists of jobs are read along an index, in its order or backwards. A list may need several stretches of it (one for each
 * organization of the user, or for each project and state): each gives its first rows, and these are merged.
 */
import { placeholders } from '../placeholders.js'
import type { JobPlace, JobStatus } from '../store.js'
import type { Dialect, SqlValue } from './database.js'
import { idBefore } from './id-time.js'

/** Jobs that follow each other in one of the indexes. */
export interface JobSource {
  readonly column: 'organization_id' | 'project_id'
  readonly id: string
  /** Of a project: the index has one state after the other. */
  readonly status?: JobStatus
  /** By `fire_at` (of one project and state) instead of by creation, which is by id. */
  readonly sort?: 'due'
  /** Only jobs created (or due) in `[fromMs, toMs)`. */
  readonly fromMs?: number
  readonly toMs?: number
  /** No index has organizations by status: there it is a filter, for who has too many projects to ask each. */
  readonly statuses?: readonly JobStatus[]
  /** Projects marked as deleted whose rows are still being purged. */
  readonly exceptProjectIds?: readonly string[]
  /** Only what comes behind it in the order asked for. */
  readonly after?: JobPlace
}

export interface Query {
  readonly sql: string
  readonly values: readonly SqlValue[]
}

export interface Page {
  readonly ascending: boolean
  readonly offset: number
  readonly limit: number
}

/** Ids of the sources' jobs, in the order of their (common) sort. There must be at least one source. */
export function selectIds(dialect: Dialect, sources: readonly JobSource[], page: Page): Query {
  // One stretch is in order already: a deep page skips index entries, and nothing is gathered and sorted.
  if (sources.length === 1) {
    const { sql, values } = first(dialect)(sources[0]!, { ...page, columns: [] })
    return { sql: `${sql} offset ?`, values: [...values, page.offset] }
  }
  const { sql, values } = selectFirst(dialect, sources, { ascending: page.ascending, limit: page.offset + page.limit })
  return {
    sql: `select page.id from (${sql}) as page order by ${orderOf(sources, 'page', page.ascending)} limit ? offset ?`,
    values: [...values, page.limit, page.offset],
  }
}

/** The sort columns of the first so many of each source, in no order, with the source's number (`source_number`, from 0). */
export function selectNumbered(
  dialect: Dialect,
  sources: readonly JobSource[],
  { ascending, limit }: Pick<Page, 'ascending' | 'limit'>,
): Query {
  const arms = sources.map((source, index) =>
    first(dialect)(source, { ascending, limit, columns: [`${index} as source_number`] }),
  )
  return union(arms)
}

/** The first so many of each source, in no order; with these columns beside those of the order. */
function selectFirst(
  dialect: Dialect,
  sources: readonly JobSource[],
  { ascending, limit, columns = [] }: First,
): Query {
  return union(sources.map((source) => first(dialect)(source, { ascending, limit, columns })))
}

function first({ kind }: Dialect): typeof firstByRange {
  return kind === 'mysql' ? firstByHint : firstByRange
}

interface First {
  readonly ascending: boolean
  readonly limit: number
  readonly columns?: readonly string[]
}

/** How many jobs (`total`) the sources have together, counting to `limit` at the most; null = to the end. */
export function selectCount(sources: readonly JobSource[], limit: number | null): Query {
  const { sql, values } = union(sources.map((source) => countable(source, limit)))
  if (limit === null) return { sql: `select count(*) as total from (${sql}) as counted`, values }
  // Hundreds of sources must not be counted to the limit each.
  return { sql: `select count(*) as total from (${sql} limit ?) as counted`, values: [...values, limit] }
}

/** `order by` this, of a table that has the columns of `sortColumns`. */
export function orderOf(sources: readonly JobSource[], table: string, ascending: boolean): string {
  const direction = ascending ? '' : ' desc'
  return sortColumns(sources[0]!)
    .map((column) => `${table}.${column}${direction}`)
    .join(', ')
}

/** SQLite merges 500 at the most. */
const MAX_ARMS = 100

/** Each arm is wrapped, because SQLite takes no LIMIT in an arm of a union. */
function union(arms: readonly Query[]): Query {
  const groups = Array.from({ length: Math.ceil(arms.length / MAX_ARMS) }, (_, index) =>
    joined(arms.slice(index * MAX_ARMS, (index + 1) * MAX_ARMS)),
  )
  return groups.length === 1 ? groups[0]! : joined(groups)
}

function joined(arms: readonly Query[]): Query {
  return {
    sql: arms.map(({ sql }) => `select arm.* from (${sql}) as arm`).join(' union all '),
    values: arms.flatMap((arm) => arm.values),
  }
}

function countable(source: JobSource, limit: number | null): Query {
  const { columns, values } = keyOf(source)
  const range = rangeOf(source)
  const filter = filterOf(source)
  return {
    sql:
      `select id from jobs where ${columns.map((column) => `${column} = ?`).join(' and ')}${range.sql}${filter.sql}` +
      (limit === null ? '' : ' limit ?'),
    values: [...values, ...range.values, ...filter.values, ...(limit === null ? [] : [limit])],
  }
}

/**
 * The first of a source as a range of its index, in the index's order. Asked for with `=` and `order by id`, planners would
 * rather walk all jobs by primary key, hoping to meet enough of these soon; who has only old jobs would wait.
 */
function firstByRange(source: JobSource, { ascending, limit, columns: further }: Required<First>): Query {
  const { columns, values } = keyOf(source)
  const sort = sortColumns(source)
  const all = [...columns, ...sort]
  const row = `(${all.join(', ')})`
  const bounds = `(${placeholders(all.length)})`
  const { low, high } = boundsOf(source, ascending)
  const [above, below] = source.after ? (ascending ? ['>', '<='] : ['>=', '<']) : ['>=', '<=']
  const filter = filterOf(source)
  const order = all.map((column) => `${column}${ascending ? '' : ' desc'}`).join(', ')
  return {
    sql:
      `select ${[...sort, ...further].join(', ')} from jobs where ${row} ${above} ${bounds} and ${row} ${below} ${bounds}${filter.sql} ` +
      `order by ${order} limit ?`,
    values: [...values, ...low, ...values, ...high, ...filter.values, limit],
  }
}

/** MySQL makes no range of a comparison of rows, but can be told which index to take. */
function firstByHint(source: JobSource, { ascending, limit, columns: further }: Required<First>): Query {
  const { columns, values, index } = keyOf(source)
  const sort = sortColumns(source)
  const range = rangeOf(source)
  const behind = behindOf(source, ascending)
  const filter = filterOf(source)
  const order = sort.map((column) => `${column}${ascending ? '' : ' desc'}`).join(', ')
  return {
    sql:
      `select ${[...sort, ...further].join(', ')} from jobs force index (${index}) ` +
      `where ${columns.map((column) => `${column} = ?`).join(' and ')}${range.sql}${behind.sql}${filter.sql} order by ${order} limit ?`,
    values: [...values, ...range.values, ...behind.values, ...filter.values, limit],
  }
}

function keyOf({ column, id, status, sort }: JobSource): { columns: string[]; values: string[]; index: string } {
  if (column === 'organization_id') return { columns: [column], values: [id], index: 'jobs_organization' }
  if (!status) return { columns: [column], values: [id], index: 'jobs_project' }
  const index = sort === 'due' ? 'jobs_project_due' : 'jobs_project_status'
  return { columns: [column, 'status'], values: [id, status], index }
}

function sortColumns({ sort }: JobSource): string[] {
  return sort === 'due' ? ['fire_at', 'id'] : ['id']
}

const BEFORE_IDS = ''
const AFTER_IDS = '~'
const END_OF_TIME_MS = Number.MAX_SAFE_INTEGER

/** The range as values of the sort columns. No id is one of the bounds but that of `after`. */
function boundsOf(source: JobSource, ascending: boolean): { low: SqlValue[]; high: SqlValue[] } {
  const range = rangeBoundsOf(source)
  if (!source.after) return range
  const { id, fireAtMs } = source.after
  const place = source.sort === 'due' ? [fireAtMs, id] : [id]
  return ascending ? { ...range, low: place } : { ...range, high: place }
}

function rangeBoundsOf({ sort, fromMs, toMs }: JobSource): { low: SqlValue[]; high: SqlValue[] } {
  if (sort === 'due') return { low: [fromMs ?? 0, BEFORE_IDS], high: [(toMs ?? END_OF_TIME_MS) - 1, AFTER_IDS] }
  return {
    low: [fromMs === undefined ? BEFORE_IDS : idBefore(fromMs)],
    high: [toMs === undefined ? AFTER_IDS : idBefore(toMs)],
  }
}

/** The range as a condition on one column. */
function rangeOf({ sort, fromMs, toMs }: JobSource): Query {
  const column = sort === 'due' ? 'fire_at' : 'id'
  const valueOf = (ms: number): SqlValue => (sort === 'due' ? ms : idBefore(ms))
  return {
    sql: (fromMs === undefined ? '' : ` and ${column} >= ?`) + (toMs === undefined ? '' : ` and ${column} < ?`),
    values: [fromMs, toMs].flatMap((ms) => (ms === undefined ? [] : [valueOf(ms)])),
  }
}

/** What comes behind `after`, as a condition that MySQL makes ranges of. */
function behindOf({ sort, after }: JobSource, ascending: boolean): Query {
  if (!after) return { sql: '', values: [] }
  const sign = ascending ? '>' : '<'
  if (sort !== 'due') return { sql: ` and id ${sign} ?`, values: [after.id] }
  return {
    sql: ` and (fire_at ${sign} ? or (fire_at = ? and id ${sign} ?))`,
    values: [after.fireAtMs, after.fireAtMs, after.id],
  }
}

/** What the index does not decide. */
function filterOf({ statuses = [], exceptProjectIds = [] }: JobSource): Query {
  return {
    sql:
      (statuses.length > 0 ? ` and status in (${placeholders(statuses.length)})` : '') +
      (exceptProjectIds.length > 0 ? ` and project_id not in (${placeholders(exceptProjectIds.length)})` : ''),
    values: [...statuses, ...exceptProjectIds],
  }
}
