/** Making accounts. The first one owns the instance; each one that signs up gets an organization of its own. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.js'
import { DispatchError } from '../errors.js'
import type { AccountStore, NewUser, User } from '../store/store.js'
import { newId } from './id.js'

export interface SignUp {
  /** In canonical form: trimmed, lower case. */
  readonly email: string
  readonly password: string
  readonly name: string | null
}

/** Hashing and matching passwords; see `auth/passwords.ts`. Both may throw `BUSY`. */
export interface PasswordHasher {
  hash(password: string): Promise<string>
  /** Takes as long without a hash, and answers false. */
  matches(password: string, passwordHash: string | null): Promise<boolean>
}

const SLUG_CHARACTERS = 40
const SLUG_RANDOM_BYTES = 4
/** The owner question is asked again when another sign-up answered it in between; it can change only once. */
const TRIES = 3

export class Accounts {
  readonly #store: AccountStore
  readonly #clock: Clock
  readonly #hashPassword: (password: string) => Promise<string>

  constructor(store: AccountStore, clock: Clock, hashPassword: (password: string) => Promise<string>) {
    this.#store = store
    this.#clock = clock
    this.#hashPassword = hashPassword
  }

  /**
   * Stores a new account that is ready at once. `mayBecomeOwner`: the caller sits on this machine or knows the set-up token,
   * which the first account needs. Throws `SETUP_TOKEN_REQUIRED`, `EMAIL_TAKEN`, `BUSY`.
   */
  async register({ email, password, name }: SignUp, mayBecomeOwner: boolean): Promise<User> {
    let passwordHash: string | undefined
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const asInstanceOwner = !(await this.#store.hasInstanceOwner())
      if (asInstanceOwner && !mayBecomeOwner) throw new DispatchError('SETUP_TOKEN_REQUIRED')
      passwordHash ??= await this.#hashPassword(password)
      const createdAtMs = this.#clock.wallMs()
      // Nobody has proved that the address is theirs, so it is not called verified; nothing here asks for it.
      const user = { id: newId(), email, name, isEmailVerified: false, createdAtMs }
      const outcome = await this.#store.createUser(newAccount({ ...user, passwordHash }, asInstanceOwner))
      if (outcome === 'email-taken') throw new DispatchError('EMAIL_TAKEN')
      if (outcome === 'created') return { ...user, isInstanceOwner: asInstanceOwner }
    }
    throw new DispatchError('BUSY', { retryAfterSeconds: 1 })
  }
}

/** The user with an organization of its own. */
export function newAccount(user: NewUser['user'], asInstanceOwner: boolean): NewUser {
  const called = user.name ?? user.email.slice(0, user.email.indexOf('@'))
  return {
    user,
    organization: { id: newId(), name: `${called}'s organization`, slug: slugFor(called) },
    asInstanceOwner,
  }
}

/** Lower-case ASCII for URLs; the random end keeps two people of one name apart. */
function slugFor(name: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_CHARACTERS)
    .replace(/^-+|-+$/g, '')
  return `${words || 'organization'}-${randomBytes(SLUG_RANDOM_BYTES).toString('hex')}`
}
