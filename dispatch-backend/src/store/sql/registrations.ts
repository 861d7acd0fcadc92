import type { NewMail, Registration } from '../account-store.js'
import { proofId } from '../account-store.js'
import type { NewUser } from '../store.js'
import { insertAccount } from './accounts.js'
import type { Connection, Database } from './database.js'
import { insertMail } from './outbox.js'

const COLUMNS = [
  'id',
  'email',
  'name',
  'password_hash',
  'may_own_instance',
  'is_contested',
  'created_at',
  'expires_at',
] as const

/**
 * As the caller judged it by the row it had looked at; any other unexpired one makes it contested. Under its own id it finds
 * what a first try decided. First in the SET list: to its right MySQL sees the new id and expiry.
 */
const IS_CONTESTED =
  'is_contested = case when id = ? then is_contested when id = ? or expires_at <= ? then ? else 1 end'
const REPLACED = COLUMNS.filter((column) => column !== 'is_contested')
const REPLACE = `update registrations set ${[IS_CONTESTED, ...REPLACED.map((column) => `${column} = ?`)].join(', ')} where email = ?`

/** See `RegistrationStore.storeRegistration`. */
export async function storeRegistration(
  database: Database,
  { registration, beforeId, mail }: { registration: Registration; beforeId: string | null; mail: NewMail },
): Promise<void> {
  const { dialect } = database
  const { id, email, createdAtMs } = registration
  const row = toRow(registration)
  const replacement = [id, beforeId, createdAtMs, row.is_contested, ...REPLACED.map((column) => row[column]), email]
  await database.write(async (connection) => {
    // Not an upsert: its conflict is on the address, while the key is the id, which changes too. The update comes first, so
    // that a row confirmed and deleted meanwhile is not taken for the one that stays.
    if ((await connection.execute(REPLACE, replacement)) === 0) {
      const values = COLUMNS.map((column) => row[column])
      await connection.execute(dialect.insertIfAbsent('registrations', COLUMNS, 1), values)
      // The insert waited for another one of the address, if there was one, and left it alone.
      await connection.execute(REPLACE, replacement)
    }
    await insertMail(connection, dialect, mail)
  })
}

interface RegistrationRow {
  readonly id: string
  readonly email: string
  readonly name: string | null
  readonly password_hash: string
  readonly may_own_instance: number
  readonly is_contested: number
  readonly created_at: number
  readonly expires_at: number
}

/** See `RegistrationStore.findRegistration`. */
export function findRegistration(
  database: Database,
  { email, nowMs }: { email: string; nowMs: number },
): Promise<Registration | null> {
  return database.read(
    async (connection) => {
      const [row] = await connection.query<RegistrationRow>(
        `select ${COLUMNS.join(', ')} from registrations where email = ? and expires_at > ?`,
        [email, nowMs],
      )
      return row ? toRegistration(row) : null
    },
    { fresh: true },
  )
}

function toRow(registration: Registration): RegistrationRow {
  return {
    id: registration.id,
    email: registration.email,
    name: registration.name,
    password_hash: registration.passwordHash,
    may_own_instance: registration.mayOwnInstance ? 1 : 0,
    is_contested: registration.isContested ? 1 : 0,
    created_at: registration.createdAtMs,
    expires_at: registration.expiresAtMs,
  }
}

function toRegistration(row: RegistrationRow): Registration {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    passwordHash: row.password_hash,
    mayOwnInstance: row.may_own_instance === 1,
    isContested: row.is_contested === 1,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
  }
}

type Outcome = 'created' | 'gone' | 'owner-exists' | 'owner-missing'

/** See `RegistrationStore.confirmRegistration`. */
export function confirmRegistration(
  database: Database,
  request: NewUser & { readonly mail: NewMail | null },
): Promise<Outcome> {
  const { dialect } = database
  const { user, mail } = request
  return database.write(async (connection) => {
    if (!(await isWaiting(connection, user.id, dialect.forUpdate))) return 'gone'
    const outcome = await insertAccount(connection, dialect, request)
    if (outcome === 'email-taken') return 'gone'
    if (outcome !== 'created') return outcome
    await connection.execute('delete from registrations where id = ?', [user.id])
    await connection.execute('delete from proofs where id = ?', [proofId('registration', user.id)])
    if (mail) await insertMail(connection, dialect, mail)
    return 'created'
  })
}

/** Or is the account already: an earlier try of this call committed. */
async function isWaiting(connection: Connection, id: string, forUpdate: string): Promise<boolean> {
  const waiting = await connection.query(`select id from registrations where id = ?${forUpdate}`, [id])
  if (waiting.length > 0) return true
  return (await connection.query('select id from users where id = ?', [id])).length > 0
}
