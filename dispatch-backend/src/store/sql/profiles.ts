import { proofId, type EmailChange, type PasswordChange } from '../account-store.js'
import { lockUser } from './accounts.js'
import type { Connection, Database } from './database.js'
import { insertMail } from './outbox.js'
import { dropEmailChange, voidProofs } from './proofs.js'
import { endSessionsOf } from './sessions.js'

/** See `ProfileStore.renameUser`. */
export async function renameUser(database: Database, { id, name }: { id: string; name: string | null }): Promise<void> {
  await database.write((connection) => connection.execute('update users set name = ? where id = ?', [name, id]))
}

type Outcome = 'changed' | 'email-taken' | 'void'

/** See `ProfileStore.changeEmail`. Of two that take one address in the same instant, the unique index fails the second. */
export async function changeEmail(database: Database, change: EmailChange): Promise<Outcome> {
  try {
    return await database.write((connection) => moveUser(connection, database, change))
  } catch (error) {
    if (database.dialect.isDuplicate(error)) return 'email-taken'
    throw error
  }
}

/** The user's row is locked first, as by all that voids proofs: what is proven here is still so at the end. */
async function moveUser(connection: Connection, { dialect }: Database, change: EmailChange): Promise<Outcome> {
  const { id, email, mail, proof } = change
  if (!(await lockUser(connection, dialect, id))) return 'void'
  const [holder] = await connection.query<{ id: string }>('select id from users where email = ?', [email])
  if (holder && holder.id !== id) return 'email-taken'
  // It is there already: an earlier try of this call committed.
  if (holder) return 'changed'
  if (proof && !(await useProof(connection, id, email, proof))) return 'void'
  await connection.execute('update users set email = ?, is_email_verified = ? where id = ?', [email, proof ? 1 : 0, id])
  await voidProofs(connection, id)
  await connection.execute('delete from registrations where email = ?', [email])
  if (mail) await insertMail(connection, dialect, mail)
  return 'changed'
}

async function useProof(
  connection: Connection,
  userId: string,
  email: string,
  { codeHash, nowMs }: NonNullable<EmailChange['proof']>,
): Promise<boolean> {
  const used = await connection.execute(
    'delete from proofs where id = ? and email = ? and secret_hash = ? and expires_at > ?',
    [proofId('email-change', userId), email, codeHash, nowMs],
  )
  return used > 0
}

/** See `ProfileStore.changePassword`. Hashes are salted, so one that is there already was stored by this very call. */
export function changePassword(database: Database, request: PasswordChange): Promise<boolean> {
  const { userId, oldHash, newHash, keepSessionId, mail } = request
  return database.write(async (connection) => {
    const changed = await connection.execute(
      'update users set password_hash = ? where id = ? and (password_hash = ? or password_hash = ?)',
      [newHash, userId, oldHash, newHash],
    )
    if (changed === 0) return false
    await endSessionsOf(connection, userId, keepSessionId)
    await dropEmailChange(connection, userId)
    await voidProofs(connection, userId)
    if (mail) await insertMail(connection, database.dialect, mail)
    return true
  })
}
