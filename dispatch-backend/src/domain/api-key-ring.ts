/**
 * Who holds an API key. What a key opens is remembered for a few seconds, so that a busy key costs no read per request;
 * every write checks the key again inside its transaction, and reads ask for a fresh answer, so a revoked key fails at once.
 */
import { createHash } from 'node:crypto'
import type { Clock } from '../clock.js'
import type { ApiKey, ProjectStore } from '../store/store.js'
import { LruMap } from '../lru-map.js'

export interface ApiKeyIdentity {
  readonly id: string
  readonly projectId: string
  readonly organizationId: string
}

type KeyStore = Pick<ProjectStore, 'findApiKey' | 'touchApiKeys'>

export interface KeyLookup {
  /** Read from the store now; otherwise what was read in the last seconds will do. */
  readonly fresh: boolean
}

export interface PresentedKey {
  /** Whether it was valid when it was last looked up: such callers need no limit for strangers. */
  readonly isKnown: boolean
  /** Whose it is, or null; notes its use. */
  readonly identify: (lookup: KeyLookup) => Promise<ApiKeyIdentity | null>
}

/** Text that can be no key: nobody is asked about it. */
const NO_KEY: PresentedKey = { isKnown: false, identify: () => Promise.resolve(null) }

const KEY_SHAPE = /^sk_[0-9a-f]{64}$/
const REMEMBERED_KEYS = 10_000
const REMEMBERED_MS = 5_000

/** SHA-256 of the whole key: all that is ever stored of it. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

export class ApiKeyRing {
  readonly #store: KeyStore
  readonly #clock: Clock
  readonly #known = new LruMap<string, { identity: ApiKeyIdentity; readAtMs: number }>(REMEMBERED_KEYS)
  readonly #uses = new Map<string, number>()

  constructor(store: KeyStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** A key as a caller presents it; hashed here, once. */
  present(key: string): PresentedKey {
    if (!KEY_SHAPE.test(key)) return NO_KEY
    const hash = hashApiKey(key)
    return {
      isKnown: this.#known.get(hash) !== undefined,
      identify: (lookup) => this.#identify(hash, lookup),
    }
  }

  /** Writes when keys were last used; what could not be written is kept for the next time. */
  async flushUses(): Promise<void> {
    const uses = [...this.#uses].map(([id, usedAtMs]) => ({ id, usedAtMs }))
    if (uses.length === 0) return
    await this.#store.touchApiKeys(uses)
    // One that was used again meanwhile is written the next time.
    for (const { id, usedAtMs } of uses) if (this.#uses.get(id) === usedAtMs) this.#uses.delete(id)
  }

  /** When the key was last used, in epoch ms, or null: also what is not written yet; other replicas write theirs. */
  lastUseMs({ id, lastUsedAtMs }: Pick<ApiKey, 'id' | 'lastUsedAtMs'>): number | null {
    return this.#uses.get(id) ?? lastUsedAtMs
  }

  async #identify(hash: string, { fresh }: KeyLookup): Promise<ApiKeyIdentity | null> {
    const known = this.#known.get(hash)
    const isRecent = known !== undefined && this.#clock.monotonicMs() - known.readAtMs < REMEMBERED_MS
    const identity = isRecent && !fresh ? known.identity : await this.#read(hash)
    if (identity) this.#uses.set(identity.id, this.#clock.wallMs())
    return identity
  }

  async #read(hash: string): Promise<ApiKeyIdentity | null> {
    const readAtMs = this.#clock.monotonicMs()
    const identity = await this.#store.findApiKey(hash)
    if (identity) this.#known.set(hash, { identity, readAtMs })
    else this.#known.delete(hash)
    return identity
  }
}
