/**
 * Signing up by mail. A registration becomes an account when a code that was mailed to its address comes back; until then it
 * holds nothing that could stand in anybody's way.
 *
 * - Whoever can read the mailbox gets the account. Registering again replaces the password, the name and the code; if the
 *   passwords differ, nobody can tell whose the last one is (somebody may have registered a stranger's address just before or
 *   after its owner did). Such a contested password only becomes the account's when it comes with the code; otherwise the
 *   account starts without one, and a link to choose it is mailed.
 * - No answer, and no amount of work, tells whether an address has an account: what is mailed is decided when it is sent.
 */
import { createHash } from 'node:crypto'
import type { Clock } from '../clock.js'
import { DispatchError } from '../errors.js'
import { proofId, type ProofPurpose, type Registration } from '../store/account-store.js'
import type { Store, User } from '../store/store.js'
import { newAccount, type PasswordHasher, type SignUp } from './account.js'
import { newId } from './id.js'
import { newMail } from './new-mail.js'
import { newToken, type HashCode } from './proof.js'

/** Sending mail, as far as the domain knows it. */
export interface MailSender {
  readonly hashCode: HashCode
  /** Told after a mail was queued. */
  wake(): void
}

export interface RegistrationDeps {
  readonly store: Store
  readonly clock: Clock
  readonly passwords: PasswordHasher
  readonly mail: MailSender
}

export interface MailedCode {
  readonly email: string
  readonly code: string
  /** The password of the registration; settles whose it is when the address was registered more than once. */
  readonly password?: string | undefined
}

export interface VerifiedAccount {
  readonly user: User
  readonly passwordHash: string
  readonly needsPassword: boolean
}

const REGISTRATION_LIFETIME_MS = 24 * 60 * 60_000
/** Wrong codes for one address, however many codes were mailed, until an hour has passed since the first of them. */
const MAX_WRONG_CODES = 5
const WRONG_CODES_WINDOW_MS = 60 * 60_000
const MINUTE_MS = 60_000
/** The owner question is asked again when another sign-up answered it in between; it can change only once. */
const TRIES = 3

export class Registrations {
  readonly #deps: RegistrationDeps

  constructor(deps: RegistrationDeps) {
    this.#deps = deps
  }

  /** Throws `SETUP_TOKEN_REQUIRED`, `BUSY`. */
  async register({ email, password, name }: SignUp, mayOwnInstance: boolean): Promise<void> {
    const { store, clock, passwords, mail } = this.#deps
    if (!mayOwnInstance && !(await store.hasInstanceOwner())) throw new DispatchError('SETUP_TOKEN_REQUIRED')
    const createdAtMs = clock.wallMs()
    const before = await store.findRegistration({ email, nowMs: createdAtMs })
    const isSame = await passwords.matches(password, before?.passwordHash ?? null)
    const registration: Registration = {
      ...{ id: newId(), email, name, mayOwnInstance, createdAtMs },
      passwordHash: await passwords.hash(password),
      isContested: before !== null && (before.isContested || !isSame),
      expiresAtMs: createdAtMs + REGISTRATION_LIFETIME_MS,
    }
    // Hashing takes long enough for others to come in between; the store sees them.
    const beforeId = before?.id ?? null
    await store.storeRegistration({ registration, beforeId, mail: newMail(clock, 'registration', email) })
    mail.wake()
  }

  /** Mails a fresh code, if the address waits for one. */
  async resend(email: string): Promise<void> {
    const { store, clock, mail } = this.#deps
    await store.queueMail(newMail(clock, 'registration', email))
    mail.wake()
  }

  /** Whether a registration with this password waits for its code. Takes the same time if none does. */
  async isWaiting(email: string, password: string): Promise<boolean> {
    const { store, clock, passwords } = this.#deps
    const registration = await store.findRegistration({ email, nowMs: clock.wallMs() })
    return passwords.matches(password, registration?.passwordHash ?? null)
  }

  /**
   * Makes the registration an account. `passwordHash`: what it has been given, for its first session. `needsPassword`: nobody
   * knows that password, a link to choose one is on its way. Throws
   * `CODE_INVALID` (also when there is no such registration), `CODE_LOCKED`, `SETUP_TOKEN_REQUIRED`, `BUSY`.
   */
  async verify({ email, code, password }: MailedCode): Promise<VerifiedAccount> {
    const { store, clock, passwords } = this.#deps
    const registration = await store.findRegistration({ email, nowMs: clock.wallMs() })
    const isProven = password !== undefined && (await passwords.matches(password, registration?.passwordHash ?? null))
    await judgeCode(this.#deps, { purpose: 'registration', subjectId: registration?.id ?? null, email, code })
    if (!registration) throw new DispatchError('CODE_INVALID')
    const needsPassword = !isProven && (registration.isContested || password !== undefined)
    const passwordHash = needsPassword ? await passwords.hash(newToken()) : registration.passwordHash
    const user = await this.#confirm({ ...registration, passwordHash }, needsPassword)
    return { user, passwordHash, needsPassword }
  }

  async #confirm(registration: Registration, needsPassword: boolean): Promise<User> {
    const { store, clock, mail } = this.#deps
    const link = needsPassword ? newMail(clock, 'password-reset', registration.email) : null
    const { id, email, name, passwordHash } = registration
    const user = { id, email, name, passwordHash, isEmailVerified: true, createdAtMs: clock.wallMs() }
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const asInstanceOwner = !(await store.hasInstanceOwner())
      if (asInstanceOwner && !registration.mayOwnInstance) throw new DispatchError('SETUP_TOKEN_REQUIRED')
      const outcome = await store.confirmRegistration({ ...newAccount(user, asInstanceOwner), mail: link })
      if (outcome === 'gone') throw new DispatchError('CODE_INVALID')
      if (outcome !== 'created') continue
      if (link) mail.wake()
      return { id, email, name, isEmailVerified: true, createdAtMs: user.createdAtMs, isInstanceOwner: asInstanceOwner }
    }
    throw new DispatchError('BUSY', { retryAfterSeconds: 1 })
  }
}

export interface CodeQuestion {
  readonly purpose: ProofPurpose
  /** null when nobody waits for a code; it is judged (and counted) all the same. */
  readonly subjectId: string | null
  readonly email: string
  readonly code: string
}

/** Throws `CODE_INVALID`, or `CODE_LOCKED` after too many wrong ones. */
export async function judgeCode(
  { store, clock, mail }: Pick<RegistrationDeps, 'store' | 'clock' | 'mail'>,
  { purpose, subjectId, email, code }: CodeQuestion,
): Promise<void> {
  const nowMs = clock.wallMs()
  // Of a registration by address alone: each new one is another subject, but no new five tries.
  const counted = purpose === 'registration' ? [purpose, email] : [purpose, email, subjectId]
  const verdict = await store.tryCode({
    tryId: newId(),
    countId: createHash('sha256').update(counted.join('\0')).digest('hex'),
    proofId: subjectId === null ? null : proofId(purpose, subjectId),
    codeHash: mail.hashCode(email, code),
    maxWrong: MAX_WRONG_CODES,
    windowMs: WRONG_CODES_WINDOW_MS,
    nowMs,
  })
  if (verdict.outcome === 'right') return
  if (verdict.outcome === 'wrong') throw new DispatchError('CODE_INVALID')
  const minutes = Math.ceil((verdict.untilMs - nowMs) / MINUTE_MS)
  throw new DispatchError('CODE_LOCKED', { message: `Too many wrong codes; try again in ${minutes} min` })
}
