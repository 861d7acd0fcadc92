/**
 * Lists of jobs are read along an index, newest first. A list may need several stretches of it (one for each organization of
 * the user, or for each project when a status is asked for): each gives its first rows, and these are merged.
 */
import type { SelectQueryBuilder } from 'kysely'
import type { JobStatus } from '../store.js'
import type { QueryBuilder, Tables } from './query-builder.js'

/** Jobs that follow each other in one of the indexes that end in the id. */
export interface JobSource {
  readonly column: 'organization_id' | 'project_id'
  readonly id: string
  readonly status?: JobStatus
  /** Projects marked as deleted whose rows are still being purged. */
  readonly exceptProjectIds?: readonly string[]
}

type IdQuery = SelectQueryBuilder<Tables, 'jobs', { id: string }>

/** Ids of the sources' jobs, newest first. There must be at least one source. */
export function selectIds(
  builder: QueryBuilder,
  sources: readonly JobSource[],
  { offset, limit }: { offset: number; limit: number },
): SelectQueryBuilder<Tables & { page: { id: string } }, 'page', { id: string }> {
  const [first, ...others] = sources.map((source) =>
    // Wrapped, because SQLite takes no LIMIT in an arm of a union.
    builder.selectFrom(firstIds(builder, source, offset + limit).as('arm')).select('arm.id'),
  )
  const merged = others.reduce((union, arm) => union.unionAll(arm), first!)
  return builder.selectFrom(merged.as('page')).select('page.id').orderBy('page.id', 'desc').limit(limit).offset(offset)
}

/** How many jobs the sources have, counting to `limit` at the most; null = to the end. */
export function selectCount(
  builder: QueryBuilder,
  sources: readonly JobSource[],
  limit: number | null,
): SelectQueryBuilder<Tables & { counted: { id: string } }, 'counted', { total: number }> {
  const [first, ...others] = sources.map((source) => {
    const ids = idsOf(builder, source)
    return builder.selectFrom((limit === null ? ids : ids.limit(limit)).as('arm')).select('arm.id')
  })
  const merged = others.reduce((union, arm) => union.unionAll(arm), first!)
  return builder.selectFrom(merged.as('counted')).select((eb) => eb.fn.countAll<number>().as('total'))
}

function firstIds(builder: QueryBuilder, source: JobSource, limit: number): IdQuery {
  return idsOf(builder, source).orderBy('id', 'desc').limit(limit)
}

function idsOf(builder: QueryBuilder, { column, id, status, exceptProjectIds = [] }: JobSource): IdQuery {
  let query = builder.selectFrom('jobs').select('jobs.id').where(column, '=', id)
  if (status) query = query.where('status', '=', status)
  if (exceptProjectIds.length > 0) query = query.where('project_id', 'not in', exceptProjectIds)
  return query
}
