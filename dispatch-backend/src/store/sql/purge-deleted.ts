/**
 * What belonged to deleted projects goes in chunks, children first, each by primary key. The project's own row goes last and
 * not before every transaction has ended that may have seen the project alive: a job stored after its project is gone
 * would stay for ever. Organizations of deleted accounts follow their projects.
 */
import type { Deletion } from '../retention-store.js'
import type { Connection, Database, Dialect } from './database.js'
import { readDatabaseClock } from './database-clock.js'
import { purgeEcho } from './echoes.js'
import { deleteJobs, JOBS_AT_ONCE, type DeletableJob } from './delete-jobs.js'
import { selectIds } from './job-sources.js'
import { deleteKeys, type KeyRow } from './purge-expired.js'
import { deleteByIds, oneColumn } from './rows.js'
import { purgeProjectStats } from './stats-buckets.js'

/**
 * Well over what a transaction can take: it is given up after half a minute, and the server ends that of a process which
 * stands still after a minute. (MySQL 8 cannot; there only a longer standstill could leave a job behind.)
 */
const GRACE_MS = 10 * 60_000
/** Of one transaction. */
const MAX_PROJECTS = 20

/** See `Store.purgeDeleted`. A project's row stays, unseen, for ten minutes after the project was deleted. */
export function purgeDeleted(database: Database, { limit }: { limit: number }): Promise<number> {
  const { dialect } = database
  return database.write(async (connection) => {
    const nowMs = await readDatabaseClock(connection, dialect)
    const deletedBefore = nowMs - GRACE_MS
    await markOrphans(connection, nowMs)
    let left = limit
    for (const project of await findProjects(connection, deletedBefore)) {
      for (const step of [purgeJobs, purgeEcho, purgeStats, purgeIdempotencyKeys, purgeApiKeys, purgeSecrets]) {
        const { rows, isDone } = await step(connection, dialect, project.id, left)
        left -= rows
        if (!isDone || left === 0) return limit - left
      }
      if (project.deleted_at <= deletedBefore) left -= await deleteByIds(connection, 'projects', [project.id])
      if (left === 0) return limit
    }
    return limit - left + (await purgeOrganizations(connection, left))
  })
}

/**
 * Projects of deleted organizations. `createProject` and `deleteAccount` keep out of each other's way by row locks, which on a
 * cluster hold on one node only; what slips through is caught here.
 */
async function markOrphans(connection: Connection, nowMs: number): Promise<void> {
  const gone = await connection.query<IdRow>(
    'select p.id from organizations as o join projects as p on p.organization_id = o.id ' +
      'where o.deleted_at is not null and p.deleted_at is null order by p.id limit ?',
    [MAX_PROJECTS],
  )
  for (const { id } of gone) {
    await connection.execute('update projects set deleted_at = ? where id = ? and deleted_at is null', [nowMs, id])
  }
}

/** A project's signing secrets go last: one that has none any more only waits for its own row's turn. */
function findProjects(connection: Connection, deletedBefore: number): Promise<{ id: string; deleted_at: number }[]> {
  return connection.query(
    'select id, deleted_at from projects as p where deleted_at is not null and ' +
      '(deleted_at <= ? or exists (select 1 from signing_secrets as s where s.project_id = p.id)) ' +
      'order by deleted_at, id limit ?',
    [deletedBefore, MAX_PROJECTS],
  )
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

type Step = (connection: Connection, dialect: Dialect, projectId: string, limit: number) => Promise<Deletion>

const purgeJobs: Step = async (connection, dialect, projectId, limit) => {
  const most = Math.min(limit, JOBS_AT_ONCE)
  const chosen = selectIds(dialect, [{ column: 'project_id', id: projectId }], {
    ascending: true,
    offset: 0,
    limit: most,
  })
  const jobIds = idsOf(await connection.query<IdRow>(chosen.sql, chosen.values))
  if (jobIds.length === 0) return { rows: 0, isDone: true }
  const wanted = dialect.rowsFromJson([{ name: 'id', type: 'text' }])
  // Locked, so that a record under way cannot add an attempt to a job that is going.
  const jobs = await connection.query<DeletableJob>(
    `select j.id, j.payload_bytes from ${wanted} as v join jobs as j on j.id = v.id order by j.id${dialect.forUpdate}`,
    [oneColumn(jobIds)],
  )
  const { rows, isDone } = await deleteJobs(connection, dialect, jobs, limit)
  return { rows, isDone: isDone && jobIds.length < most }
}

const purgeIdempotencyKeys: Step = async (connection, _dialect, projectId, limit) => {
  const keys = await connection.query<KeyRow>(
    'select project_id, idempotency_key from idempotency_keys where project_id = ? limit ?',
    [projectId, limit],
  )
  return { rows: await deleteKeys(connection, keys, '', []), isDone: keys.length < limit }
}

const purgeStats: Step = (connection, _dialect, projectId, limit) => purgeProjectStats(connection, projectId, limit)

const purgeApiKeys: Step = (connection, _dialect, projectId, limit) =>
  purgeTable(connection, 'api_keys', projectId, limit)

const purgeSecrets: Step = (connection, _dialect, projectId, limit) =>
  purgeTable(connection, 'signing_secrets', projectId, limit)

async function purgeTable(connection: Connection, table: string, projectId: string, limit: number): Promise<Deletion> {
  const rows = await connection.query<IdRow>(`select id from ${table} where project_id = ? limit ?`, [projectId, limit])
  return { rows: await deleteByIds(connection, table, idsOf(rows)), isDone: rows.length < limit }
}

interface IdRow {
  readonly id: string
}

function idsOf(rows: readonly IdRow[]): string[] {
  return rows.map((row) => row.id)
}
