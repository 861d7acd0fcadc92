/** A project's API keys: made, listed, revoked. Who holds one is `api-key-ring.ts`. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../clock.js'
import type { ApiKey, NewApiKey, ProjectStore } from '../store/store.js'
import { hashApiKey } from './api-key-ring.js'
import { newId, notFound, requireId } from './id.js'

export type CreatedApiKey = Omit<NewApiKey, 'keyHash'> & { readonly key: string }

const KEY_BYTES = 32

export class ApiKeys {
  readonly #store: ProjectStore
  readonly #clock: Clock

  constructor(store: ProjectStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** A new key, `sk_` and 64 hex digits; only its hash is stored, so this answer is the only one that holds it. */
  async create(projectId: string, label: string): Promise<CreatedApiKey> {
    const key = `sk_${randomBytes(KEY_BYTES).toString('hex')}`
    const row = { id: newId(), projectId, label, lastFour: key.slice(-4), createdAtMs: this.#clock.wallMs() }
    await this.#store.createApiKey({ ...row, keyHash: hashApiKey(key) })
    return { ...row, key }
  }

  list(projectId: string): Promise<ApiKey[]> {
    return this.#store.listApiKeys(projectId)
  }

  /** From here on the key opens nothing. Throws `NOT_FOUND` when the project has no such key. */
  async revoke(projectId: string, keyId: string): Promise<void> {
    const id = requireId(keyId, 'API key')
    if (!(await this.#store.revokeApiKey({ projectId, id, nowMs: this.#clock.wallMs() }))) throw notFound('API key')
  }
}
