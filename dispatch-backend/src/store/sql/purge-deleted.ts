/**
 * What belonged to deleted projects goes in chunks, children first, each by primary key. The project's own row goes last and
 * not before every transaction has ended that may have seen the project alive: a job stored after its project is gone
 * would stay for ever. Organizations of deleted accounts follow their projects.
 */
import type { Connection, Database, Dialect } from './database.js'
import { readDatabaseClock } from './database-clock.js'
import { deleteJobs } from './delete-jobs.js'
import { selectIds } from './job-sources.js'
import { deleteKeys, type KeyRow } from './purge-expired.js'
import { deleteByIds, oneColumn } from './rows.js'

/** Longer than any transaction lasts. */
const GRACE_MS = 10 * 60_000

/** See `Store.purgeDeleted`. A project's row stays, unseen, for ten minutes after the project was deleted. */
export function purgeDeleted(database: Database, { limit }: { limit: number }): Promise<number> {
  const { dialect } = database
  return database.write(async (connection) => {
    const deletedBefore = (await readDatabaseClock(connection, dialect)) - GRACE_MS
    const projects = await connection.query<{ id: string; deleted_at: number }>(
      'select id, deleted_at from projects where deleted_at is not null order by deleted_at, id',
    )
    let left = limit
    for (const project of projects) {
      for (const step of [purgeJobs, purgeIdempotencyKeys, purgeApiKeys, purgeSecrets]) {
        if (left > 0) left -= await step(connection, dialect, project.id, left)
      }
      if (left > 0 && project.deleted_at <= deletedBefore) {
        left -= await deleteByIds(connection, 'projects', [project.id])
      }
    }
    if (left > 0) left -= await purgeOrganizations(connection, left)
    return limit - left
  })
}

/** Those of deleted accounts, once their projects are gone. */
async function purgeOrganizations(connection: Connection, limit: number): Promise<number> {
  const rows = await connection.query<IdRow>(
    'select id from organizations where deleted_at is not null and ' +
      'not exists (select 1 from projects as p where p.organization_id = organizations.id) and ' +
      'not exists (select 1 from memberships as m where m.organization_id = organizations.id) limit ?',
    [limit],
  )
  return deleteByIds(connection, 'organizations', idsOf(rows))
}

type Step = (connection: Connection, dialect: Dialect, projectId: string, limit: number) => Promise<number>

const purgeJobs: Step = async (connection, dialect, projectId, limit) => {
  const chosen = selectIds(dialect, [{ column: 'project_id', id: projectId }], { offset: 0, limit })
  const jobIds = idsOf(await connection.query<IdRow>(chosen.sql, chosen.values))
  if (jobIds.length === 0) return 0
  const wanted = dialect.rowsFromJson([{ name: 'id', type: 'text' }])
  // Locked, so that a record under way cannot add an attempt to a job that is going.
  await connection.query(
    `select j.id from ${wanted} as v join jobs as j on j.id = v.id order by j.id${dialect.forUpdate}`,
    [oneColumn(jobIds)],
  )
  return deleteJobs(connection, dialect, jobIds, limit)
}

const purgeIdempotencyKeys: Step = async (connection, _dialect, projectId, limit) => {
  const rows = await connection.query<KeyRow>(
    'select project_id, idempotency_key from idempotency_keys where project_id = ? limit ?',
    [projectId, limit],
  )
  return deleteKeys(connection, rows, '', [])
}

const purgeApiKeys: Step = async (connection, _dialect, projectId, limit) => {
  const rows = await connection.query<IdRow>('select id from api_keys where project_id = ? limit ?', [projectId, limit])
  return deleteByIds(connection, 'api_keys', idsOf(rows))
}

const purgeSecrets: Step = async (connection, _dialect, projectId, limit) => {
  const rows = await connection.query<IdRow>('select id from signing_secrets where project_id = ? limit ?', [
    projectId,
    limit,
  ])
  return deleteByIds(connection, 'signing_secrets', idsOf(rows))
}

interface IdRow {
  readonly id: string
}

function idsOf(rows: readonly IdRow[]): string[] {
  return rows.map((row) => row.id)
}
