import { timingSafeEqual } from 'node:crypto'
import type { CodeTry, CodeVerdict, Proof } from '../account-store.js'
import type { User } from '../store.js'
import { lockUser, toUser, USER_COLUMNS, type UserRow } from './accounts.js'
import type { Connection, Database, Dialect } from './database.js'
import { endSessionsOf } from './sessions.js'

const COLUMNS = ['id', 'subject_id', 'email', 'secret_hash', 'created_at', 'expires_at']

/** See `ProofStore.issueProof`. */
export function issueProof(database: Database, proof: Proof & { readonly mailId?: string }): Promise<boolean> {
  const { id, subjectId, email, secretHash, createdAtMs, expiresAtMs, mailId } = proof
  const { dialect } = database
  const statement = dialect.upsert('proofs', COLUMNS, ['id'], COLUMNS.slice(1))
  return database.write(async (connection) => {
    if (mailId !== undefined) {
      const queued = await connection.query(`select id from outbox where id = ?${dialect.forUpdate}`, [mailId])
      if (queued.length === 0) return false
    }
    await connection.execute(statement, [id, subjectId, email, secretHash, createdAtMs, expiresAtMs])
    return true
  })
}

/** See `ProofStore.tryCode`. The count's row is locked first, so that tries at once are judged one after the other. */
export function tryCode(database: Database, request: CodeTry): Promise<CodeVerdict> {
  const { countId, tryId, nowMs, maxWrong, windowMs } = request
  return database.write(async (connection) => {
    const count = await lockCount(connection, database.dialect, request)
    const isReplay = count.last_try === tryId
    const isOver = count.expires_at <= nowMs
    const wrongBefore = isOver ? 0 : count.wrong - (isReplay ? 1 : 0)
    if (wrongBefore >= maxWrong) return { outcome: 'locked', untilMs: count.expires_at }
    if (await isRight(connection, request)) return { outcome: 'right' }
    await connection.execute('update code_tries set wrong = ?, last_try = ?, expires_at = ? where id = ?', [
      wrongBefore + 1,
      tryId,
      isOver || wrongBefore === 0 ? nowMs + windowMs : count.expires_at,
      countId,
    ])
    return { outcome: 'wrong' }
  })
}

interface CountRow {
  readonly wrong: number
  readonly last_try: string | null
  readonly expires_at: number
}

async function lockCount(connection: Connection, dialect: Dialect, request: CodeTry): Promise<CountRow> {
  const { countId, nowMs, windowMs } = request
  const insert = dialect.insertIfAbsent('code_tries', ['id', 'wrong', 'expires_at'], 1)
  await connection.execute(insert, [countId, 0, nowMs + windowMs])
  const [row] = await connection.query<CountRow>(
    `select wrong, last_try, expires_at from code_tries where id = ?${dialect.forUpdate}`,
    [countId],
  )
  // On Postgres an insert that met the row has not locked it: the purge may have taken it since.
  return row ?? lockCount(connection, dialect, request)
}

async function isRight(connection: Connection, { proofId, codeHash, nowMs }: CodeTry): Promise<boolean> {
  const [proof] = await connection.query<{ secret_hash: string }>(
    'select secret_hash from proofs where id = ? and expires_at > ?',
    [proofId ?? '', nowMs],
  )
  const stored = Buffer.from(proof?.secret_hash ?? '0'.repeat(codeHash.length))
  const given = Buffer.from(codeHash)
  return timingSafeEqual(stored, given) && proof !== undefined
}

/**
 * See `ProofStore.resetPassword`. A used token stays, expired, until it is purged: a replay after an unknown COMMIT finds it
 * and the password it has set.
 */
export function resetPassword(
  database: Database,
  { tokenHash, passwordHash, nowMs }: { tokenHash: string; passwordHash: string; nowMs: number },
): Promise<User | null> {
  return database.write(async (connection) => {
    const [found] = await connection.query<UserRow & { password_hash: string; is_unused: number }>(
      `select ${USER_COLUMNS}, u.password_hash, case when p.expires_at > ? then 1 else 0 end as is_unused ` +
        'from proofs as p join users as u on u.id = p.subject_id and u.email = p.email ' +
        "where p.secret_hash = ? and p.id like 'password-reset:%'",
      [nowMs, tokenHash],
    )
    if (!found) return null
    if (found.is_unused === 0) return found.password_hash === passwordHash ? toUser(found) : null
    // First, as by all that voids proofs or uses them. A change of the address that came first has voided this token.
    await lockUser(connection, database.dialect, found.user_id)
    const used = await connection.execute('update proofs set expires_at = 0 where secret_hash = ? and expires_at > ?', [
      tokenHash,
      nowMs,
    ])
    // Another one used it just now.
    if (used === 0) return null
    await connection.execute('update users set password_hash = ?, is_email_verified = 1 where id = ?', [
      passwordHash,
      found.user_id,
    ])
    await endSessionsOf(connection, found.user_id, null)
    await dropEmailChange(connection, found.user_id)
    await voidProofs(connection, found.user_id, tokenHash)
    return toUser({ ...found, is_email_verified: 1 })
  })
}

/** A change of the address that waits for its code to be mailed: whoever asked for it may be who the password is changed for. */
export async function dropEmailChange(connection: Connection, userId: string): Promise<void> {
  await connection.execute("delete from outbox where subject_id = ? and kind = 'email-change'", [userId])
}

/** What else was mailed for the account is void: the password was changed, or the address. */
export async function voidProofs(connection: Connection, userId: string, exceptHash = ''): Promise<void> {
  await connection.execute('delete from proofs where subject_id = ? and secret_hash <> ?', [userId, exceptHash])
}
