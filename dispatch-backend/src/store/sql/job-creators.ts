import type { NewJob } from '../store.js'
import { readLiveApiKeys } from './api-key-check.js'
import type { Connection, Dialect, JsonColumn } from './database.js'

/**
 * The organization of each job whose creator may schedule in its project: a live key of the project, or a member of its
 * organization. Asked within the transaction that stores the jobs, whatever a replica has cached.
 */
export async function readOrganizations(
  connection: Connection,
  dialect: Dialect,
  jobs: readonly NewJob[],
): Promise<Map<NewJob, string>> {
  const apiKeyIds = jobs.flatMap(({ scope }) => (scope.kind === 'apiKey' ? [scope.apiKeyId] : []))
  const keys = await readLiveApiKeys(connection, dialect, apiKeyIds)
  const memberships = await readMemberships(connection, dialect, jobs)
  const organizations = new Map<NewJob, string>()
  for (const job of jobs) {
    const organizationId = job.scope.kind === 'user' ? memberships.get(pairOf(job.scope.userId, job)) : byKey(job)
    if (organizationId !== undefined) organizations.set(job, organizationId)
  }
  return organizations

  function byKey({ scope, projectId }: NewJob): string | undefined {
    const key = scope.kind === 'apiKey' ? keys.get(scope.apiKeyId) : undefined
    return key?.projectId === projectId ? key.organizationId : undefined
  }
}

const COLUMNS: readonly JsonColumn[] = [
  { name: 'user_id', type: 'text' },
  { name: 'project_id', type: 'text' },
]

function pairOf(userId: string, { projectId }: { projectId: string }): string {
  return `${userId} ${projectId}`
}

async function readMemberships(
  connection: Connection,
  dialect: Dialect,
  jobs: readonly NewJob[],
): Promise<Map<string, string>> {
  const pairs = new Map(
    jobs.flatMap((job) =>
      job.scope.kind === 'user' ? [[pairOf(job.scope.userId, job), [job.scope.userId, job.projectId]] as const] : [],
    ),
  )
  if (pairs.size === 0) return new Map()
  const rows = await connection.query<{ user_id: string; project_id: string; organization_id: string }>(
    `select m.user_id, p.id as project_id, p.organization_id from ${dialect.rowsFromJson(COLUMNS)} as v ` +
      'join projects as p on p.id = v.project_id and p.deleted_at is null ' +
      'join memberships as m on m.user_id = v.user_id and m.organization_id = p.organization_id',
    [JSON.stringify([...pairs.values()])],
  )
  return new Map(rows.map((row) => [pairOf(row.user_id, { projectId: row.project_id }), row.organization_id]))
}
