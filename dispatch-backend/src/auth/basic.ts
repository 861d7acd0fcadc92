/** E-mail and password: the provider that is always there. */
import { DispatchError } from '../errors.js'
import type { AccountStore, User } from '../store/store.js'
import type { Passwords } from './passwords.js'
import type { AuthProvider, RequestHeaders, SignedInUser } from './provider.js'
import type { Sessions } from './sessions.js'

const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i

export class BasicAuth implements AuthProvider {
  readonly name = 'basic'
  readonly #store: AccountStore
  readonly #passwords: Passwords
  readonly #sessions: Sessions

  constructor(store: AccountStore, passwords: Passwords, sessions: Sessions) {
    this.#store = store
    this.#passwords = passwords
    this.#sessions = sessions
  }

  identify(headers: RequestHeaders): Promise<SignedInUser | null> {
    const { authorization } = headers
    const token = typeof authorization === 'string' ? BEARER.exec(authorization)?.[1] : undefined
    return token === undefined ? Promise.resolve(null) : this.#sessions.find(token)
  }

  /**
   * The user with this address and password. Throws `BAD_CREDENTIALS`, which does not tell whether there is such an
   * account and takes the same time either way; `ACCOUNT_DISABLED` only to someone who knows the password; `BUSY`.
   */
  async checkPassword(email: string, password: string): Promise<User> {
    const found = await this.#store.findUserByEmail(email)
    const isMatch = await this.#passwords.matches(password, found?.passwordHash ?? null)
    if (!found || !isMatch) throw new DispatchError('BAD_CREDENTIALS')
    if (found.isDisabled) throw new DispatchError('ACCOUNT_DISABLED')
    const { id, name, isEmailVerified, isInstanceOwner, createdAtMs } = found
    return { id, email, name, isEmailVerified, isInstanceOwner, createdAtMs }
  }
}
