/** What a signed-in user does to the own account, and what one who forgot the password does. */
import type { Clock } from '../clock.js'
import { DispatchError } from '../errors.js'
import { MAX_COUNTED_JOBS, type AccountContents } from '../store/account-store.js'
import type { Store, User, UserWithPassword } from '../store/store.js'
import type { PasswordHasher } from './account.js'
import { newMail } from './new-mail.js'
import { hashToken } from './proof.js'
import { judgeCode, type MailedCode, type MailSender } from './registration.js'

export interface ProfileDeps {
  readonly store: Store
  readonly clock: Clock
  readonly passwords: PasswordHasher
  /** null = mail is off: addresses are changed unverified, and nobody is told. */
  readonly mail: MailSender | null
}

export interface ProfileChange {
  readonly name?: string | null | undefined
  readonly email?: string | undefined
}

export class Profiles {
  readonly #deps: ProfileDeps

  constructor(deps: ProfileDeps) {
    this.#deps = deps
  }

  /**
   * Answers the user as it is now. A new address is mailed a code first, and becomes the account's by `confirmEmail`; an
   * address that others have is told to them only. The caller has asked for the password before (`confirmPassword`). Throws
   * `EMAIL_TAKEN`, `SESSION_INVALID` (both without mail).
   */
  async update(user: User, { name = user.name, email = user.email }: ProfileChange): Promise<User> {
    const { store, clock, mail } = this.#deps
    if (name !== user.name) await store.renameUser({ id: user.id, name })
    if (email === user.email) return { ...user, name }
    if (!mail) {
      const outcome = await store.changeEmail({ id: user.id, email, mail: null, proof: null })
      if (outcome === 'email-taken') throw new DispatchError('EMAIL_TAKEN')
      // The account was deleted a moment ago.
      if (outcome === 'void') throw new DispatchError('SESSION_INVALID')
      return { ...user, name, email, isEmailVerified: false }
    }
    await store.queueMail(newMail(clock, 'email-change', email, { userId: user.id }))
    mail.wake()
    return { ...user, name }
  }

  /**
   * Gives the account the address that the code was mailed to, and tells the old one. Throws `CODE_INVALID`, `CODE_LOCKED`;
   * `EMAIL_TAKEN` when others have it by now, which only who reads its mails gets to know.
   */
  async confirmEmail(user: User, { email, code }: MailedCode): Promise<User> {
    const { store, clock, mail } = this.#deps
    if (!mail) throw new DispatchError('CODE_INVALID')
    await judgeCode({ store, clock, mail }, { purpose: 'email-change', subjectId: user.id, email, code })
    const notice = newMail(clock, 'email-changed', user.email, { userId: user.id, detail: email })
    // Judged once more where it is used up: what voided the code since (a new password, say) must not lose to it.
    const proof = { codeHash: mail.hashCode(email, code), nowMs: clock.wallMs() }
    const outcome = await store.changeEmail({ id: user.id, email, mail: notice, proof })
    if (outcome === 'email-taken') throw new DispatchError('EMAIL_TAKEN')
    if (outcome === 'void') throw new DispatchError('CODE_INVALID')
    mail.wake()
    return { ...user, email, isEmailVerified: true }
  }

  /** Ends the other sessions and tells the owner. Throws `WRONG_PASSWORD`, `VALIDATION`, `BUSY`. */
  async changePassword(user: User, sessionId: string | null, current: string, next: string): Promise<void> {
    const { store, clock, passwords, mail } = this.#deps
    const { passwordHash: oldHash } = await this.confirmPassword(user, current)
    const newHash = await passwords.hash(next)
    const notice = mail && newMail(clock, 'password-changed', user.email, { userId: user.id })
    const request = { userId: user.id, oldHash, newHash, keepSessionId: sessionId, mail: notice }
    if (!(await store.changePassword(request))) throw new DispatchError('WRONG_PASSWORD')
    mail?.wake()
  }

  /** Queues a link to choose a new password, which is only sent if the address has an account. */
  async forgotPassword(email: string): Promise<void> {
    const { store, clock, mail } = this.#deps
    if (!mail) return
    await store.queueMail(newMail(clock, 'password-reset', email))
    mail.wake()
  }

  /** Throws `RESET_TOKEN_INVALID`, `VALIDATION`, `BUSY`. */
  async resetPassword(token: string, password: string): Promise<void> {
    const { store, clock, passwords, mail } = this.#deps
    const passwordHash = await passwords.hash(password)
    const nowMs = clock.wallMs()
    const user = await store.resetPassword({ tokenHash: hashToken(token), passwordHash, nowMs })
    if (!user) throw new DispatchError('RESET_TOKEN_INVALID')
    if (!mail) return
    await store.queueMail(newMail(clock, 'password-changed', user.email, { userId: user.id }))
    mail.wake()
  }

  /** Answers, in words, what went with it; the address is told. Throws `WRONG_PASSWORD`, `OWNS_INSTANCE`, `BUSY`. */
  async deleteAccount(user: User, password: string): Promise<string> {
    const { store, clock, mail } = this.#deps
    await this.confirmPassword(user, password)
    const contents = describe(await store.accountContents(user.id))
    const notice = mail && newMail(clock, 'account-deleted', user.email, { detail: contents })
    const outcome = await store.deleteAccount({ userId: user.id, nowMs: clock.wallMs(), mail: notice })
    if (outcome === 'owns-instance') throw new DispatchError('OWNS_INSTANCE')
    mail?.wake()
    return contents
  }

  /** That it is the user who asks, not just somebody at an open session. Throws `WRONG_PASSWORD`, `BUSY`. */
  async confirmPassword({ email, id }: User, password: string): Promise<UserWithPassword> {
    const found = await this.#deps.store.findUserByEmail(email)
    const isRight = await this.#deps.passwords.matches(password, found?.passwordHash ?? null)
    if (found?.id !== id || !isRight) throw new DispatchError('WRONG_PASSWORD')
    return found
  }
}

function describe({ organizations, projects, pendingJobs }: AccountContents): string {
  const jobs =
    pendingJobs >= MAX_COUNTED_JOBS ? `more than ${MAX_COUNTED_JOBS} pending jobs` : count(pendingJobs, 'pending job')
  return `${count(organizations, 'organization')}, ${count(projects, 'project')} and ${jobs}`
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
