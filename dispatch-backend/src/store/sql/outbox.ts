import type { MailKind, NewMail, QueuedMail } from '../account-store.js'
import type { Connection, Database, Dialect } from './database.js'

const COLUMNS = ['id', 'kind', 'email', 'subject_id', 'detail', 'tries', 'next_try_at', 'created_at', 'expires_at']
const MAX_ERROR = 500

/** See `MailStore.queueMail`. */
export async function queueMail(database: Database, mail: NewMail): Promise<void> {
  await database.write((connection) => insertMail(connection, database.dialect, mail))
}

/**
 * Within the transaction of what the mail is about, so that neither is there without the other. A mail of the same kind
 * that waits (or is being sent this moment, of what may be outdated by now) becomes this one: it is due, and its claim void.
 */
export async function insertMail(connection: Connection, dialect: Dialect, mail: NewMail): Promise<void> {
  const { id, kind, email, detail, nowMs, expiresAtMs } = mail
  const subjectId = mail.userId ?? ''
  // The update first: it locks the row, or finds that there is none. Between an insert that collides and an update that
  // follows it, the row could be finished and deleted.
  const waiting = await connection.execute(
    'update outbox set detail = ?, tries = 0, claim_id = null, next_try_at = ?, expires_at = ? ' +
      'where kind = ? and email = ? and subject_id = ?',
    [detail, nowMs, expiresAtMs, kind, email, subjectId],
  )
  if (waiting > 0) return
  const values = [id, kind, email, subjectId, detail, 0, nowMs, nowMs, expiresAtMs]
  await connection.execute(dialect.insertIfAbsent('outbox', COLUMNS, 1), values)
}

interface MailRow {
  readonly id: string
  readonly kind: MailKind
  readonly email: string
  readonly subject_id: string
  readonly detail: string | null
  readonly tries: number
  readonly expires_at: number
}

/** See `MailStore.claimMails`. The next try stands at the end of the lease: a claim whose holder died is simply due again. */
export function claimMails(
  database: Database,
  { claimId, nowMs, leaseMs, limit }: { claimId: string; nowMs: number; leaseMs: number; limit: number },
): Promise<QueuedMail[]> {
  return database.write(async (connection) => {
    const due = await connection.query<{ id: string; next_try_at: number }>(
      'select id, next_try_at from outbox where next_try_at <= ? and expires_at > ? order by next_try_at, id limit ?',
      [nowMs, nowMs, limit],
    )
    for (const { id, next_try_at } of due.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
      await connection.execute(
        'update outbox set claim_id = ?, next_try_at = ?, tries = tries + 1 where id = ? and next_try_at = ?',
        [claimId, nowMs + leaseMs, id, next_try_at],
      )
    }
    const rows = await connection.query<MailRow>(
      'select id, kind, email, subject_id, detail, tries, expires_at from outbox where claim_id = ? order by id',
      [claimId],
    )
    return rows.map(toMail)
  })
}

function toMail(row: MailRow): QueuedMail {
  return {
    id: row.id,
    kind: row.kind,
    email: row.email,
    userId: row.subject_id === '' ? null : row.subject_id,
    detail: row.detail,
    tries: row.tries,
    expiresAtMs: row.expires_at,
  }
}

/** See `MailStore.finishMail`. */
export async function finishMail(database: Database, { id, claimId }: { id: string; claimId: string }): Promise<void> {
  await database.write((connection) =>
    connection.execute('delete from outbox where id = ? and claim_id = ?', [id, claimId]),
  )
}

/** See `MailStore.retryMail`. */
export async function retryMail(
  database: Database,
  { id, claimId, nextTryAtMs, error }: { id: string; claimId: string; nextTryAtMs: number; error: string },
): Promise<void> {
  await database.write((connection) =>
    connection.execute(
      'update outbox set claim_id = null, next_try_at = ?, last_error = ? where id = ? and claim_id = ?',
      [nextTryAtMs, error.slice(0, MAX_ERROR), id, claimId],
    ),
  )
}
