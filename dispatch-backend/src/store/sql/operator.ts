import type { UserWithState } from '../account-store.js'
import { INSTANCE_OWNER, lockUser, toUser, USER_COLUMNS, type UserRow } from './accounts.js'
import type { Database } from './database.js'
import { voidProofs } from './proofs.js'
import { endSessionsOf } from './sessions.js'

/** See `OperatorStore.listUsers`. */
export function listUsers(
  database: Database,
  { after, limit }: { after: string; limit: number },
): Promise<UserWithState[]> {
  return database.read(
    async (connection) => {
      const rows = await connection.query<UserRow & { is_disabled: number }>(
        `select ${USER_COLUMNS}, u.is_disabled from users as u where u.email > ? order by u.email limit ?`,
        [after, limit],
      )
      return rows.map((row) => ({ ...toUser(row), isDisabled: row.is_disabled === 1 }))
    },
    { fresh: true },
  )
}

/** See `OperatorStore.setUserDisabled`. */
export function setUserDisabled(
  database: Database,
  { id, isDisabled }: { id: string; isDisabled: boolean },
): Promise<boolean> {
  return database.write(async (connection) => {
    const found = await connection.execute('update users set is_disabled = ? where id = ?', [isDisabled ? 1 : 0, id])
    if (found > 0 && isDisabled) {
      await endSessionsOf(connection, id, null)
      await voidProofs(connection, id)
    }
    return found > 0
  })
}

/** See `OperatorStore.setInstanceOwner`. The user's row is locked first, as by `deleteAccount`: only who stays can own it. */
export function setInstanceOwner(database: Database, userId: string): Promise<boolean> {
  const { dialect } = database
  const statement = dialect.upsert('settings', ['name', 'value'], ['name'], ['value'])
  return database.write(async (connection) => {
    if (!(await lockUser(connection, dialect, userId))) return false
    await connection.execute(statement, [INSTANCE_OWNER, userId])
    return true
  })
}
