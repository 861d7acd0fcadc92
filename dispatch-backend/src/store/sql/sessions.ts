import type { NewSession, Session, User } from '../store.js'
import { toUser, USER_COLUMNS, type UserRow } from './accounts.js'
import type { Connection, Database, Dialect } from './database.js'

const COLUMNS = ['id', 'token_hash', 'user_id', 'created_at', 'expires_at', 'last_seen_at', 'ip_address', 'user_agent']

/**
 * See `AccountStore.createSession`. The user's row is locked first, as it is by all that ends sessions: they either find this
 * one, or it finds what they changed.
 */
export function createSession(database: Database, session: NewSession): Promise<boolean> {
  return database.write(async (connection) => {
    if (!(await lockSignedIn(connection, database.dialect, session))) return false
    await connection.execute(database.dialect.insertIfAbsent('sessions', COLUMNS, 1), [
      session.id,
      session.tokenHash,
      session.userId,
      session.createdAtMs,
      session.expiresAtMs,
      session.createdAtMs,
      session.ipAddress,
      session.userAgent,
    ])
    return true
  })
}

/** False when the user may not, or no longer, sign in with that password. */
async function lockSignedIn(
  connection: Connection,
  { forUpdate }: Dialect,
  { userId, passwordHash }: NewSession,
): Promise<boolean> {
  const isSame = passwordHash === undefined ? '' : ' and password_hash = ?'
  const rows = await connection.query(
    `select id from users where id = ? and is_disabled = 0${isSame}${forUpdate}`,
    passwordHash === undefined ? [userId] : [userId, passwordHash],
  )
  return rows.length > 0
}

interface SessionRow extends UserRow {
  readonly id: string
  readonly created_at: number
  readonly expires_at: number
  readonly last_seen_at: number
  readonly ip_address: string | null
  readonly user_agent: string | null
}

/** See `AccountStore.findSession`. */
export function findSession(
  database: Database,
  { tokenHash, nowMs }: { tokenHash: string; nowMs: number },
): Promise<{ session: Session; user: User } | null> {
  return database.read(
    async (connection) => {
      const [row] = await connection.query<SessionRow>(
        `select s.id, s.created_at, s.expires_at, s.last_seen_at, s.ip_address, s.user_agent, ${USER_COLUMNS} ` +
          'from sessions as s join users as u on u.id = s.user_id ' +
          'where s.token_hash = ? and s.expires_at > ? and u.is_disabled = 0',
        [tokenHash, nowMs],
      )
      return row ? { session: toSession(row), user: toUser(row) } : null
    },
    { fresh: true },
  )
}

function toSession(row: Omit<SessionRow, keyof UserRow> & { user_id: string }): Session {
  return {
    id: row.id,
    userId: row.user_id,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
    lastSeenAtMs: row.last_seen_at,
    ipAddress: row.ip_address,
    userAgent: row.user_agent,
  }
}

/** See `AccountStore.touchSession`. A late touch never takes the time back. */
export async function touchSession(database: Database, { id, nowMs }: { id: string; nowMs: number }): Promise<void> {
  await database.write((connection) =>
    connection.execute('update sessions set last_seen_at = ? where id = ? and last_seen_at < ?', [nowMs, id, nowMs]),
  )
}

/**
 * See `AccountStore.endSession`. The row stays, expired, for the purge to take: a replay after an unknown COMMIT still
 * finds it and answers the same.
 */
export async function endSession(database: Database, { userId, id }: { userId: string; id: string }): Promise<boolean> {
  const ended = await database.write((connection) =>
    connection.execute('update sessions set expires_at = 0 where id = ? and user_id = ?', [id, userId]),
  )
  return ended > 0
}

/** See `ProfileStore.listSessions`. */
export function listSessions(
  database: Database,
  { userId, nowMs }: { userId: string; nowMs: number },
): Promise<Session[]> {
  return database.read(
    async (connection) => {
      const rows = await connection.query<Omit<SessionRow, keyof UserRow> & { user_id: string }>(
        'select id, user_id, created_at, expires_at, last_seen_at, ip_address, user_agent from sessions ' +
          'where user_id = ? and expires_at > ? order by last_seen_at desc, id desc',
        [userId, nowMs],
      )
      return rows.map(toSession)
    },
    { fresh: true },
  )
}

/** See `ProfileStore.endSessions`. */
export function endSessions(
  database: Database,
  { userId, exceptId, nowMs }: { userId: string; exceptId: string | null; nowMs: number },
): Promise<number> {
  return database.write(async (connection) => {
    const [row] = await connection.query<{ total: number }>(
      'select count(*) as total from sessions where user_id = ? and id <> ? and expires_at > ?',
      [userId, exceptId ?? '', nowMs],
    )
    await endSessionsOf(connection, userId, exceptId)
    return row!.total
  })
}

/** All sessions of the user but one, within a transaction. */
export async function endSessionsOf(connection: Connection, userId: string, exceptId: string | null): Promise<void> {
  await connection.execute('update sessions set expires_at = 0 where user_id = ? and id <> ?', [userId, exceptId ?? ''])
}
