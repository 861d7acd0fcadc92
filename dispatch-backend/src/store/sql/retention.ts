/** See `RetentionStore`: pages are read along the primary key, rows deleted by it, both in small pieces. */
import type { DeleteFinished, Deletion, FinishedPage, FinishedQuery, RetentionLimits } from '../retention-store.js'
import type { JobStatus } from '../store.js'
import type { Database } from './database.js'
import { deleteJobs, type DeletableJob } from './delete-jobs.js'
import { idBefore } from './id-time.js'
import { oneColumn } from './rows.js'

interface EndRow {
  readonly id: string
  readonly status: JobStatus
  readonly updated_at: number
}

/** See `RetentionStore.findFinished`. */
export async function findFinished(database: Database, query: FinishedQuery): Promise<FinishedPage> {
  const { after, limit } = query
  const before = idBefore(Math.max(query.successBeforeMs ?? 0, query.failedBeforeMs ?? 0))
  const rows = await database.read((connection) =>
    connection.query<EndRow>('select id, status, updated_at from jobs where id > ? and id < ? order by id limit ?', [
      after,
      before,
      limit,
    ]),
  )
  const last = rows.length < limit ? undefined : rows.at(-1)
  return { ids: rows.filter((row) => isOver(row, query)).map((row) => row.id), next: last?.id ?? null }
}

/** See `RetentionStore.deleteFinished`. */
export function deleteFinished(database: Database, request: DeleteFinished): Promise<Deletion> {
  const { dialect } = database
  return database.write(async (connection) => {
    const rows = await connection.query<EndRow & DeletableJob>(
      `select j.id, j.status, j.updated_at, j.payload_bytes from ${dialect.rowsFromJson([{ name: 'id', type: 'text' }])} as v ` +
        `join jobs as j on j.id = v.id order by j.id${dialect.forUpdate}`,
      [oneColumn(request.ids)],
    )
    const over = rows.filter((row) => isOver(row, request))
    return deleteJobs(connection, dialect, over, request.limit)
  })
}

/** See `RetentionStore.countFinished`. Counts in an index, and stops at the limit. */
export function countFinished(database: Database, { limit }: { limit: number }): Promise<number> {
  return database.read(async (connection) => {
    const [row] = await connection.query<{ total: number }>(
      "select count(*) as total from (select status from jobs where status in ('SUCCESS', 'DEAD', 'CANCELLED') " +
        'limit ?) as finished',
      [limit],
    )
    return row!.total
  })
}

/** A finished job never changes again, so `updated_at` is when it ended. */
function isOver({ status, updated_at: endedAtMs }: EndRow, limits: RetentionLimits): boolean {
  const limitMs = limitOf(status, limits)
  return limitMs !== null && endedAtMs < limitMs
}

function limitOf(status: JobStatus, { successBeforeMs, failedBeforeMs }: RetentionLimits): number | null {
  switch (status) {
    case 'SUCCESS':
    case 'CANCELLED':
      return successBeforeMs
    case 'DEAD':
      return failedBeforeMs
    case 'SCHEDULED':
    case 'FIRING':
    case 'FAILED':
      return null
  }
}
