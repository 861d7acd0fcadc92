import type { NewMail, PasswordChange } from '../account-store.js'
import type { Database } from './database.js'
import { insertMail } from './outbox.js'
import { voidProofs } from './proofs.js'
import { endSessionsOf } from './sessions.js'

/** See `ProfileStore.renameUser`. */
export async function renameUser(database: Database, { id, name }: { id: string; name: string | null }): Promise<void> {
  await database.write((connection) => connection.execute('update users set name = ? where id = ?', [name, id]))
}

interface EmailChange {
  readonly id: string
  readonly email: string
  readonly isVerified: boolean
  readonly mail: NewMail | null
}

/** See `ProfileStore.changeEmail`. Should two take one address in the same instant, the unique index fails the second. */
export function changeEmail(
  database: Database,
  { id, email, isVerified, mail }: EmailChange,
): Promise<'changed' | 'email-taken'> {
  return database.write(async (connection) => {
    const [holder] = await connection.query<{ id: string }>('select id from users where email = ?', [email])
    if (holder && holder.id !== id) return 'email-taken'
    await connection.execute('update users set email = ?, is_email_verified = ? where id = ?', [
      email,
      isVerified ? 1 : 0,
      id,
    ])
    await voidProofs(connection, id)
    await connection.execute('delete from registrations where email = ?', [email])
    if (mail) await insertMail(connection, database.dialect, mail)
    return 'changed'
  })
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
    await voidProofs(connection, userId)
    await connection.execute("delete from outbox where subject_id = ? and kind = 'email-change'", [userId])
    if (mail) await insertMail(connection, database.dialect, mail)
    return true
  })
}
