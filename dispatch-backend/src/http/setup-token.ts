import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { DispatchError } from '../errors.js'
import type { Events } from '../events.js'

const BYTES = 16

export function newSetupToken(): string {
  return randomBytes(BYTES).toString('hex')
}

/**
 * Lets a caller who is not on this machine make the first account. The one of the start is undefined while there is an owner;
 * should the owner leave later, another one is made and announced, by this process or by any other that is asked for it.
 */
export class SetupToken {
  readonly #events: Events
  #text: string | undefined

  constructor(text: string | undefined, events: Events) {
    this.#text = text
    this.#events = events
  }

  /** Compared as hashes, in constant time whatever the lengths. */
  is(given: string | readonly string[] | undefined): boolean {
    if (this.#text === undefined || typeof given !== 'string') return false
    return timingSafeEqual(sha256(given), sha256(this.#text))
  }

  /** The owner has left: whoever knew the token before must not make the next account by it. */
  renew(): void {
    this.#text = newSetupToken()
    this.#events.emit('setupTokenMade', { setupToken: this.#text })
  }

  /** Runs what may need the token. When it is missed and there is none yet (the owner left elsewhere), there is one then. */
  async offerTo<Result>(signUp: () => Promise<Result>): Promise<Result> {
    try {
      return await signUp()
    } catch (error) {
      const isMissed = error instanceof DispatchError && error.code === 'SETUP_TOKEN_REQUIRED'
      if (isMissed && this.#text === undefined) this.renew()
      throw error
    }
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
