/** E-mail and password: the provider that is always there. */
import { DispatchError } from '../errors.js'
import type { AccountStore, User } from '../store/store.js'
import type { Passwords } from './passwords.js'
import type { AuthProvider, RequestHeaders, SignedInUser } from './provider.js'
import type { Sessions } from './sessions.js'

const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i

/** Tells whether an account waits for its address to be verified; see `Registrations`. */
export interface WaitingAccounts {
  isWaiting(email: string, password: string): Promise<boolean>
}

export interface BasicAuthDeps {
  readonly store: AccountStore
  readonly passwords: Passwords
  readonly sessions: Sessions
  /** null = mail is off, nothing waits. */
  readonly registrations: WaitingAccounts | null
}

/** Who gave the right password, and the hash that it matched: it may be changed before the session is stored. */
export interface CheckedUser {
  readonly user: User
  readonly passwordHash: string
}

export class BasicAuth implements AuthProvider {
  readonly name = 'basic'
  readonly #deps: BasicAuthDeps

  constructor(deps: BasicAuthDeps) {
    this.#deps = deps
  }

  identify(headers: RequestHeaders): Promise<SignedInUser | null> {
    const token = bearerToken(headers)
    return token === undefined ? Promise.resolve(null) : this.#deps.sessions.find(token)
  }

  /**
   * The user with this address and password. Throws `BAD_CREDENTIALS`, which does not tell whether there is such an
   * account and takes the same time either way; `ACCOUNT_DISABLED` and `EMAIL_NOT_VERIFIED` only to someone who knows the
   * password; `BUSY`.
   */
  async checkPassword(email: string, password: string): Promise<CheckedUser> {
    const { store, passwords, registrations } = this.#deps
    const found = await store.findUserByEmail(email)
    const isMatch = await passwords.matches(password, found?.passwordHash ?? null)
    if (!found || !isMatch) {
      // Asked also where there is an account: a stranger who registered its address must not learn of it here.
      const isWaiting = await registrations?.isWaiting(email, password)
      if (!isWaiting) throw new DispatchError('BAD_CREDENTIALS')
      throw new DispatchError('EMAIL_NOT_VERIFIED', { data: { needsVerification: true, email } })
    }
    if (found.isDisabled) throw new DispatchError('ACCOUNT_DISABLED')
    const { id, name, isEmailVerified, isInstanceOwner, createdAtMs, passwordHash } = found
    return { user: { id, email, name, isEmailVerified, isInstanceOwner, createdAtMs }, passwordHash }
  }
}

/** The session token that the request carries, not checked. */
export function bearerToken({ authorization }: RequestHeaders): string | undefined {
  return typeof authorization === 'string' ? BEARER.exec(authorization)?.[1] : undefined
}
