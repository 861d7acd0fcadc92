/**
 * Accounts and their organizations. Who owns the instance is a row of `settings`, whose primary key admits one: of two
 * racing first sign-ups the second finds the first one's id there.
 */
import type { NewUser, Organization, Role, Store, User, UserWithPassword } from '../store.js'
import type { Connection, Database, Dialect } from './database.js'
import { lockSetting, readSetting } from './settings.js'

export const INSTANCE_OWNER = 'instance-owner'

/** See `AccountStore.hasInstanceOwner`. */
export function hasInstanceOwner(database: Database): Promise<boolean> {
  return database.read(async (connection) => (await readSetting(connection, INSTANCE_OWNER)) !== null, { fresh: true })
}

type Outcome = Awaited<ReturnType<Store['createUser']>>

/** See `AccountStore.createUser`. */
export function createUser(database: Database, request: NewUser): Promise<Outcome> {
  return database.write((connection) => insertAccount(connection, database.dialect, request))
}

/** `createUser` within a transaction. */
export async function insertAccount(connection: Connection, dialect: Dialect, request: NewUser): Promise<Outcome> {
  const refusal = await settleOwner(connection, dialect, request)
  if (refusal) return refusal
  if (!(await insertUser(connection, dialect, request))) {
    await giveUpOwnership(connection, request)
    return 'email-taken'
  }
  await insertOrganization(connection, dialect, request)
  return 'created'
}

async function settleOwner(
  connection: Connection,
  dialect: Dialect,
  { user, asInstanceOwner }: NewUser,
): Promise<'owner-exists' | 'owner-missing' | null> {
  // Locked: the owner can only leave while there is no other account, and this one is about to be there.
  if (!asInstanceOwner)
    return (await lockSetting(connection, dialect, INSTANCE_OWNER)) === null ? 'owner-missing' : null
  await connection.execute(dialect.insertIfAbsent('settings', ['name', 'value'], 1), [INSTANCE_OWNER, user.id])
  return (await readSetting(connection, INSTANCE_OWNER)) === user.id ? null : 'owner-exists'
}

/** Only this transaction can have written our id: had an earlier try committed it, the user would be there too. */
async function giveUpOwnership(connection: Connection, { user, asInstanceOwner }: NewUser): Promise<void> {
  if (!asInstanceOwner) return
  await connection.execute('delete from settings where name = ? and value = ?', [INSTANCE_OWNER, user.id])
}

/** False when the address belongs to somebody else. The unique index decides, so nobody can come in between. */
async function insertUser(connection: Connection, dialect: Dialect, { user }: NewUser): Promise<boolean> {
  const columns = ['id', 'email', 'name', 'password_hash', 'is_email_verified', 'is_disabled', 'created_at']
  await connection.execute(dialect.insertIfAbsent('users', columns, 1), [
    user.id,
    user.email,
    user.name,
    user.passwordHash,
    user.isEmailVerified ? 1 : 0,
    0,
    user.createdAtMs,
  ])
  const [row] = await connection.query<{ id: string }>('select id from users where email = ?', [user.email])
  return row?.id === user.id
}

async function insertOrganization(
  connection: Connection,
  dialect: Dialect,
  { user, organization }: NewUser,
): Promise<void> {
  const { id, name, slug } = organization
  const insert = dialect.insertIfAbsent('organizations', ['id', 'name', 'slug', 'created_at'], 1)
  await connection.execute(insert, [id, name, slug, user.createdAtMs])
  // A taken slug must not cost the account: the end of the id makes it our own.
  const [row] = await connection.query('select id from organizations where id = ?', [id])
  if (!row) await connection.execute(insert, [id, name, `${slug}-${id.slice(-12)}`, user.createdAtMs])
  await connection.execute(
    dialect.insertIfAbsent('memberships', ['organization_id', 'user_id', 'role', 'created_at'], 1),
    [id, user.id, 'owner', user.createdAtMs],
  )
}

export interface UserRow {
  readonly user_id: string
  readonly email: string
  readonly name: string | null
  readonly is_email_verified: number
  readonly user_created_at: number
  readonly instance_owner_id: string | null
}

/** Columns of a `UserRow`, of the table `u`. */
export const USER_COLUMNS =
  'u.id as user_id, u.email, u.name, u.is_email_verified, u.created_at as user_created_at, ' +
  `(select o.value from settings as o where o.name = '${INSTANCE_OWNER}') as instance_owner_id`

export function toUser(row: UserRow): User {
  return {
    id: row.user_id,
    email: row.email,
    name: row.name,
    isEmailVerified: row.is_email_verified === 1,
    isInstanceOwner: row.instance_owner_id === row.user_id,
    createdAtMs: row.user_created_at,
  }
}

/** False when there is no such user. Keeps others from changing or deleting it until the transaction ends. */
export async function lockUser(connection: Connection, { forUpdate }: Dialect, id: string): Promise<boolean> {
  return (await connection.query(`select id from users where id = ?${forUpdate}`, [id])).length > 0
}

/** See `AccountStore.findUserByEmail`. */
export function findUserByEmail(database: Database, email: string): Promise<UserWithPassword | null> {
  return database.read(
    async (connection) => {
      const [row] = await connection.query<UserRow & { password_hash: string; is_disabled: number }>(
        `select ${USER_COLUMNS}, u.password_hash, u.is_disabled from users as u where u.email = ?`,
        [email],
      )
      return row ? { ...toUser(row), passwordHash: row.password_hash, isDisabled: row.is_disabled === 1 } : null
    },
    { fresh: true },
  )
}

/** See `AccountStore.listOrganizations`: oldest membership first. */
export function listOrganizations(database: Database, userId: string): Promise<Organization[]> {
  return database.read((connection) =>
    connection.query<{ id: string; name: string; slug: string; role: Role }>(
      'select o.id, o.name, o.slug, m.role from memberships as m join organizations as o on o.id = m.organization_id ' +
        'where m.user_id = ? order by m.created_at, o.id',
      [userId],
    ),
  )
}
