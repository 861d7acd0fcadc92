import type { NewProject, Project, Role } from '../store.js'
import type { Connection, Database, Dialect } from './database.js'
import type { JobCounter } from './job-counter.js'
import { insertSigningSecret } from './signing-secrets.js'

const MANAGERS: ReadonlySet<Role> = new Set(['owner', 'manager', 'admin'])

/** See `ProjectStore.createProject`. */
export function createProject(database: Database, request: NewProject): Promise<'created' | 'not-found' | 'forbidden'> {
  const { dialect } = database
  return database.write(async (connection) => {
    const membership = await lockMembership(connection, dialect, request)
    if (!membership) return 'not-found'
    if (!MANAGERS.has(membership.role)) return 'forbidden'
    const columns = ['id', 'organization_id', 'name', 'created_at', 'updated_at']
    await connection.execute(dialect.insertIfAbsent('projects', columns, 1), [
      request.id,
      membership.organization_id,
      request.name,
      request.nowMs,
      request.nowMs,
    ])
    await insertSigningSecret(connection, dialect, request.id, request.signingSecret)
    return 'created'
  })
}

/**
 * In the organization asked for, or else the first that the user owns. Locked, as `deleteAccount` locks it: that either finds
 * the new project, or the project finds no membership any more.
 */
async function lockMembership(
  connection: Connection,
  { forUpdate }: Dialect,
  { userId, organizationId }: NewProject,
): Promise<{ organization_id: string; role: Role } | undefined> {
  const [membership] = await connection.query<{ organization_id: string; role: Role }>(
    `select organization_id, role from memberships where user_id = ? and ${organizationId ? 'organization_id' : 'role'} = ? ` +
      `order by created_at, organization_id limit 1${forUpdate}`,
    [userId, organizationId ?? 'owner'],
  )
  return membership
}

interface ProjectRow {
  readonly id: string
  readonly organization_id: string
  readonly name: string
  readonly role: Role
  readonly created_at: number
  readonly updated_at: number
  readonly api_keys: number
}

const PROJECTS_OF_USER =
  'select p.id, p.organization_id, p.name, m.role, p.created_at, p.updated_at, ' +
  '(select count(*) from api_keys as k where k.project_id = p.id and k.revoked_at is null) as api_keys ' +
  'from memberships as m join projects as p on p.organization_id = m.organization_id ' +
  'where m.user_id = ? and p.deleted_at is null'

/** See `ProjectStore.listProjects`: newest first. */
export function listProjects(database: Database, counter: JobCounter, userId: string): Promise<Project[]> {
  return database.read(async (connection) => {
    const rows = await connection.query<ProjectRow>(`${PROJECTS_OF_USER} order by p.id desc`, [userId])
    const projects: Project[] = []
    for (const row of rows) projects.push(await toProject(connection, counter, row))
    return projects
  })
}

/** See `ProjectStore.getProject`. */
export function getProject(
  database: Database,
  counter: JobCounter,
  { userId, id }: { userId: string; id: string },
): Promise<Project | null> {
  return database.read(
    async (connection) => {
      const [row] = await connection.query<ProjectRow>(`${PROJECTS_OF_USER} and p.id = ?`, [userId, id])
      return row ? toProject(connection, counter, row) : null
    },
    { fresh: true },
  )
}

async function toProject(connection: Connection, counter: JobCounter, row: ProjectRow): Promise<Project> {
  const jobs = await counter.count(connection, [{ column: 'project_id', id: row.id }])
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    role: row.role,
    createdAtMs: row.created_at,
    updatedAtMs: row.updated_at,
    counts: { jobs: jobs.total, apiKeys: row.api_keys },
  }
}

/** See `ProjectStore.renameProject`. */
export async function renameProject(
  database: Database,
  { id, name, nowMs }: { id: string; name: string; nowMs: number },
): Promise<void> {
  await database.write((connection) =>
    connection.execute('update projects set name = ?, updated_at = ? where id = ? and deleted_at is null', [
      name,
      nowMs,
      id,
    ]),
  )
}

/** See `ProjectStore.markProjectDeleted`. */
export async function markProjectDeleted(
  database: Database,
  { id, nowMs }: { id: string; nowMs: number },
): Promise<void> {
  await database.write((connection) =>
    connection.execute('update projects set deleted_at = ? where id = ? and deleted_at is null', [nowMs, id]),
  )
}
