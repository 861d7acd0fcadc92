import type { Connection, Dialect } from './database.js'
import { deleteByIds, oneColumn } from './rows.js'

/**
 * Deletes jobs, whose rows the caller has locked, and before them their attempts: at most `limit` rows in all. Attempts may
 * be left where the limit cuts them off; those jobs stay for the next call. Answers how many rows went.
 */
export async function deleteJobs(
  connection: Connection,
  dialect: Dialect,
  jobIds: readonly string[],
  limit: number,
): Promise<number> {
  if (jobIds.length === 0) return 0
  const wanted = dialect.rowsFromJson([{ name: 'id', type: 'text' }])
  const attempts = await connection.query<{ id: string }>(
    `select a.id from ${wanted} as v join attempts as a on a.job_id = v.id limit ?`,
    [oneColumn(jobIds), limit],
  )
  const attemptIds = attempts.map((row) => row.id)
  const count = await deleteByIds(connection, 'attempts', attemptIds)
  if (count >= limit) return count
  return count + (await deleteByIds(connection, 'jobs', jobIds.slice(0, limit - count)))
}
