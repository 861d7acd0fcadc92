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

/** See `RegistrationStore.storeRegistration`. */
export async function storeRegistration(
  database: Database,
  { registration, mail }: { registration: Registration; mail: NewMail },
): Promise<void> {
  const { dialect } = database
  const { id, email, name, passwordHash, mayOwnInstance, isContested, createdAtMs, expiresAtMs } = registration
  await database.write(async (connection) => {
    const values = [
      id,
      email,
      name,
      passwordHash,
      mayOwnInstance ? 1 : 0,
      isContested ? 1 : 0,
      createdAtMs,
      expiresAtMs,
    ]
    // Not an upsert: its conflict is on the address, while the key is the id, which changes too. The update comes first, so
    // that a row confirmed and deleted meanwhile is not taken for the one that stays.
    const assignments = COLUMNS.map((column) => `${column} = ?`).join(', ')
    const replaced = await connection.execute(`update registrations set ${assignments} where email = ?`, [
      ...values,
      email,
    ])
    if (replaced === 0) await connection.execute(dialect.insertIfAbsent('registrations', COLUMNS, 1), values)
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
