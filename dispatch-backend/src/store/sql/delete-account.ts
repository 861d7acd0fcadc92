/**
 * The end of an account. Its row goes at once, so that its address is free again; what it leaves behind (organizations it
 * had for itself, their projects and jobs) is marked, which stops everything, and purged in chunks.
 */
import { MAX_COUNTED_JOBS, type AccountContents, type NewMail } from '../account-store.js'
import { placeholders } from '../placeholders.js'
import type { Role } from '../store.js'
import { INSTANCE_OWNER, lockUser } from './accounts.js'
import type { Connection, Database, Dialect } from './database.js'
import { insertMail } from './outbox.js'
import { voidProofs } from './proofs.js'
import { lockSetting } from './settings.js'

/** Most entitled first: who takes over when the last owner leaves. */
const RANKS: readonly Role[] = ['owner', 'manager', 'admin', 'member']

/** See `ProfileStore.accountContents`. */
export function accountContents(database: Database, userId: string): Promise<AccountContents> {
  return database.read(
    async (connection) => {
      const organizationIds = await ownOrganizations(connection, userId)
      const projects = await connection.query<{ id: string }>(
        `select id from projects where organization_id in (${placeholders(organizationIds.length || 1)}) and deleted_at is null`,
        organizationIds.length > 0 ? organizationIds : [''],
      )
      let pendingJobs = 0
      for (const { id } of projects) {
        if (pendingJobs < MAX_COUNTED_JOBS) pendingJobs += await countPending(connection, id)
      }
      return { organizations: organizationIds.length, projects: projects.length, pendingJobs }
    },
    { fresh: true },
  )
}

/** Organizations of which the user is the only member. */
async function ownOrganizations(connection: Connection, userId: string): Promise<string[]> {
  const rows = await connection.query<{ organization_id: string }>(
    'select m.organization_id from memberships as m where m.user_id = ? and not exists ' +
      '(select 1 from memberships as o where o.organization_id = m.organization_id and o.user_id <> m.user_id) ' +
      'order by m.organization_id',
    [userId],
  )
  return rows.map((row) => row.organization_id)
}

async function countPending(connection: Connection, projectId: string): Promise<number> {
  const [row] = await connection.query<{ total: number }>(
    "select count(*) as total from (select id from jobs where project_id = ? and status in ('SCHEDULED', 'FAILED') " +
      'limit ?) as pending',
    [projectId, MAX_COUNTED_JOBS],
  )
  return row!.total
}

/** See `ProfileStore.deleteAccount`. Locks, in this order: the user, the instance's owner, the memberships. */
export function deleteAccount(
  database: Database,
  { userId, nowMs, mail }: { userId: string; nowMs: number; mail: NewMail | null },
): Promise<'deleted' | 'owns-instance'> {
  const { dialect } = database
  return database.write(async (connection) => {
    // Gone already: an earlier try of this call committed.
    if (!(await lockUser(connection, dialect, userId))) return 'deleted'
    if (!(await giveUpInstance(connection, dialect, userId))) return 'owns-instance'
    await lockMemberships(connection, dialect, userId)
    for (const id of await ownOrganizations(connection, userId)) {
      await connection.execute('update organizations set deleted_at = ? where id = ?', [nowMs, id])
      await connection.execute('update projects set deleted_at = ? where organization_id = ? and deleted_at is null', [
        nowMs,
        id,
      ])
    }
    await leaveOrganizations(connection, userId)
    await voidProofs(connection, userId)
    await connection.execute('delete from outbox where subject_id = ?', [userId])
    await connection.execute('delete from sessions where user_id = ?', [userId])
    await connection.execute('delete from memberships where user_id = ?', [userId])
    await connection.execute('delete from users where id = ?', [userId])
    if (mail) await insertMail(connection, dialect, mail)
    return 'deleted'
  })
}

/** False while others have accounts: somebody has to own the instance. */
async function giveUpInstance(connection: Connection, dialect: Dialect, userId: string): Promise<boolean> {
  if ((await lockSetting(connection, dialect, INSTANCE_OWNER)) !== userId) return true
  const others = await connection.query('select id from users where id <> ? limit 1', [userId])
  if (others.length > 0) return false
  await connection.execute('delete from settings where name = ? and value = ?', [INSTANCE_OWNER, userId])
  return true
}

/**
 * All of the organizations that the user is in, so that no project is made in them meanwhile, and of two last members who
 * leave at once the second finds itself alone.
 */
async function lockMemberships(connection: Connection, { forUpdate }: Dialect, userId: string): Promise<void> {
  const own = await connection.query<{ organization_id: string }>(
    'select organization_id from memberships where user_id = ?',
    [userId],
  )
  if (own.length === 0) return
  await connection.query(
    `select user_id from memberships where organization_id in (${placeholders(own.length)}) ` +
      `order by organization_id, user_id${forUpdate}`,
    own.map((row) => row.organization_id),
  )
}

/** An organization that others share must not be left without an owner. */
async function leaveOrganizations(connection: Connection, userId: string): Promise<void> {
  const owned = await connection.query<{ organization_id: string }>(
    "select organization_id from memberships where user_id = ? and role = 'owner' order by organization_id",
    [userId],
  )
  for (const { organization_id: id } of owned) {
    const others = await connection.query<{ user_id: string; role: Role }>(
      'select user_id, role from memberships where organization_id = ? and user_id <> ? order by created_at, user_id',
      [id, userId],
    )
    const heir = others.toSorted((a, b) => RANKS.indexOf(a.role) - RANKS.indexOf(b.role))[0]
    if (!heir) continue
    await connection.execute("update memberships set role = 'owner' where organization_id = ? and user_id = ?", [
      id,
      heir.user_id,
    ])
  }
}
