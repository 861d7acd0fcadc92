/**
 * Passwords, argon2id. Hashing is slow on purpose and runs on the thread pool that file and DNS calls share: only a few
 * run at a time, and a bounded number wait, so that a flood of sign-ins cannot starve the rest.
 */
import { hash, type Options, verify } from '@node-rs/argon2'
import { randomBytes } from 'node:crypto'
import { DispatchError } from '../errors.js'

/** OWASP's second choice for argon2id: 19 MiB, two passes, one lane. Stored hashes carry their own numbers. */
const COST: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
export const MAX_PASSWORD_BYTES = 1024
/** Half of the thread pool's four threads. */
const AT_ONCE = 2
/** Some three seconds of work. */
const MAX_WAITING = 200
const RETRY_AFTER_SECONDS = 3

export class Passwords {
  readonly #decoy: string
  readonly #waiting: (() => void)[] = []
  #running = 0

  private constructor(decoy: string) {
    this.#decoy = decoy
  }

  static async create(): Promise<Passwords> {
    return new Passwords(await hash(randomBytes(32), COST))
  }

  /** Throws `VALIDATION` when it is longer than 1024 bytes, `BUSY` when too many wait. */
  async hash(password: string): Promise<string> {
    if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
      throw new DispatchError('VALIDATION', { message: `password: expected at most ${MAX_PASSWORD_BYTES} bytes` })
    }
    return this.#inTurn(() => hash(password, COST))
  }

  /** Without a hash (no such account) it takes the same time and answers false. Throws `BUSY`. */
  async matches(password: string, passwordHash: string | null): Promise<boolean> {
    const isMatch = await this.#inTurn(() => verify(passwordHash ?? this.#decoy, password))
    return isMatch && passwordHash !== null
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running < AT_ONCE) this.#running += 1
    else await this.#waitForTurn()
    try {
      return await work()
    } finally {
      // The place goes to the next in line directly, so that nobody can slip in between.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }

  #waitForTurn(): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.reject(
        new DispatchError('BUSY', {
          message: 'Too many people are signing in; try again',
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        }),
      )
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
