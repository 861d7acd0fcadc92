/**
 * Lists of jobs are read along an index, newest first. A list may need several stretches of it (one for each organization of
 * the user, or for each project when a status is asked for): each gives its first rows, and these are merged.
 */
import { placeholders } from '../placeholders.js'
import type { JobStatus } from '../store.js'
import type { Dialect, SqlValue } from './database.js'

/** Jobs that follow each other in one of the indexes that end in the id. */
export interface JobSource {
  readonly column: 'organization_id' | 'project_id'
  readonly id: string
  /** Of a project: the index has one state after the other. */
  readonly status?: JobStatus
  /** No index has organizations by status: there it is a filter, for who has too many projects to ask each. */
  readonly statuses?: readonly JobStatus[]
  /** Projects marked as deleted whose rows are still being purged. */
  readonly exceptProjectIds?: readonly string[]
}

export interface Query {
  readonly sql: string
  readonly values: readonly SqlValue[]
}

/** Ids of the sources' jobs, newest first. There must be at least one source. */
export function selectIds(
  dialect: Dialect,
  sources: readonly JobSource[],
  { offset, limit }: { offset: number; limit: number },
): Query {
  const newest = dialect.kind === 'mysql' ? newestByHint : newestByRange
  const { sql, values } = union(sources.map((source) => newest(source, offset + limit)))
  return {
    sql: `select page.id from (${sql}) as page order by page.id desc limit ? offset ?`,
    values: [...values, limit, offset],
  }
}

/** How many jobs (`total`) the sources have, counting to `limit` in each at the most; null = to the end. */
export function selectCount(sources: readonly JobSource[], limit: number | null): Query {
  const { sql, values } = union(sources.map((source) => countable(source, limit)))
  return { sql: `select count(*) as total from (${sql}) as counted`, values }
}

/** Each arm is wrapped, because SQLite takes no LIMIT in an arm of a union. */
function union(arms: readonly Query[]): Query {
  return {
    sql: arms.map(({ sql }) => `select arm.id from (${sql}) as arm`).join(' union all '),
    values: arms.flatMap((arm) => arm.values),
  }
}

function countable(source: JobSource, limit: number | null): Query {
  const { columns, values } = keyOf(source)
  const filter = filterOf(source)
  return {
    sql:
      `select id from jobs where ${columns.map((column) => `${column} = ?`).join(' and ')}${filter.sql}` +
      (limit === null ? '' : ' limit ?'),
    values: [...values, ...filter.values, ...(limit === null ? [] : [limit])],
  }
}

/**
 * The newest of a source as a range of its index, in the index's order. Asked for with `=` and `order by id`, planners would
 * rather walk all jobs backwards by primary key, hoping to meet enough of these soon; who has only old jobs would wait.
 */
function newestByRange(source: JobSource, limit: number): Query {
  const { columns, values } = keyOf(source)
  const row = `(${[...columns, 'id'].join(', ')})`
  const bounds = `(${placeholders(columns.length + 1)})`
  const filter = filterOf(source)
  const order = [...columns, 'id'].map((column) => `${column} desc`).join(', ')
  return {
    sql: `select id from jobs where ${row} >= ${bounds} and ${row} <= ${bounds}${filter.sql} order by ${order} limit ?`,
    values: [...values, BEFORE_IDS, ...values, AFTER_IDS, ...filter.values, limit],
  }
}

const BEFORE_IDS = ''
const AFTER_IDS = '~'

/** MySQL makes no range of a comparison of rows, but can be told which index to take. */
function newestByHint(source: JobSource, limit: number): Query {
  const { columns, values, index } = keyOf(source)
  const filter = filterOf(source)
  return {
    sql:
      `select id from jobs force index (${index}) where ${columns.map((column) => `${column} = ?`).join(' and ')}` +
      `${filter.sql} order by id desc limit ?`,
    values: [...values, ...filter.values, limit],
  }
}

function keyOf({ column, id, status }: JobSource): { columns: string[]; values: string[]; index: string } {
  if (column === 'organization_id') return { columns: [column], values: [id], index: 'jobs_organization' }
  if (status) return { columns: [column, 'status'], values: [id, status], index: 'jobs_project_status' }
  return { columns: [column], values: [id], index: 'jobs_project' }
}

/** What the index does not decide. */
function filterOf({ statuses: byStatus = [], exceptProjectIds = [] }: JobSource): Query {
  return {
    sql:
      (byStatus.length > 0 ? ` and status in (${placeholders(byStatus.length)})` : '') +
      (exceptProjectIds.length > 0 ? ` and project_id not in (${placeholders(exceptProjectIds.length)})` : ''),
    values: [...byStatus, ...exceptProjectIds],
  }
}
