import type { Deletion } from '../retention-store.js'
import type { Connection, Dialect } from './database.js'
import { deleteByIds, oneColumn } from './rows.js'

/** Payloads and answers deleted in one transaction: SQLite touches all their pages, and its writer does nothing else meanwhile. */
const MAX_BYTES = 4 * 1024 * 1024
/** The most an answer may have (`AttemptRecord.responseBody`). To measure each one would be to read it. */
const ATTEMPT_BYTES = 64 * 1024
const MAX_ATTEMPTS = MAX_BYTES / ATTEMPT_BYTES

/** So many jobs that have one attempt each take one transaction for their attempts and one for themselves. */
export const JOBS_AT_ONCE = MAX_ATTEMPTS

export interface DeletableJob {
  readonly id: string
  readonly payload_bytes: number
}

/**
 * Deletes jobs, whose rows the caller has locked, and before them their attempts: at most `limit` rows in all, and about
 * `MAX_BYTES`. Attempts and jobs that are cut off stay for the next call.
 */
export async function deleteJobs(
  connection: Connection,
  dialect: Dialect,
  jobs: readonly DeletableJob[],
  limit: number,
): Promise<Deletion> {
  if (jobs.length === 0) return { rows: 0, isDone: true }
  const wanted = dialect.rowsFromJson([{ name: 'id', type: 'text' }])
  const attemptLimit = Math.min(limit, MAX_ATTEMPTS)
  const attempts = await connection.query<{ id: string }>(
    `select a.id from ${wanted} as v join attempts as a on a.job_id = v.id limit ?`,
    [oneColumn(jobs.map((job) => job.id)), attemptLimit],
  )
  const attemptIds = attempts.map((row) => row.id)
  const count = await deleteByIds(connection, 'attempts', attemptIds)
  if (count >= attemptLimit) return { rows: count, isDone: false }
  const ids = fitting(jobs, limit - count, MAX_BYTES - count * ATTEMPT_BYTES)
  return { rows: count + (await deleteByIds(connection, 'jobs', ids)), isDone: ids.length === jobs.length }
}

/** Ids of the first jobs that stay within the bounds; of one job at least, however large it is. */
function fitting(jobs: readonly DeletableJob[], maxJobs: number, maxBytes: number): string[] {
  let bytes = 0
  const tooMany = jobs.findIndex((job, index) => {
    bytes += job.payload_bytes
    return index >= maxJobs || (index > 0 && bytes > maxBytes)
  })
  return (tooMany < 0 ? jobs : jobs.slice(0, tooMany)).map((job) => job.id)
}
