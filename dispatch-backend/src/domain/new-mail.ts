import type { Clock } from '../clock.js'
import type { MailKind, NewMail } from '../store/account-store.js'
import { newId } from './id.js'

const DAY_MS = 24 * 60 * 60_000
/** A code or link that comes a day late still works: its own time begins when it is sent. */
const EXPIRES_AFTER_MS = { proof: DAY_MS, notice: 3 * DAY_MS }
const NOTICES: ReadonlySet<MailKind> = new Set(['password-changed', 'email-changed', 'account-deleted'])

/** A mail for the outbox. Notices are worth more patience than what people wait for. */
export function newMail(
  clock: Clock,
  kind: MailKind,
  email: string,
  { userId = null, detail = null }: { userId?: string | null; detail?: string | null } = {},
): NewMail {
  const nowMs = clock.wallMs()
  const expiresAtMs = nowMs + EXPIRES_AFTER_MS[NOTICES.has(kind) ? 'notice' : 'proof']
  return { id: newId(), kind, email, userId, detail, nowMs, expiresAtMs }
}
