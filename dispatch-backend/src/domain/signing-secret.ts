/** The secrets that sign a project's deliveries: encrypted before the store sees them. */
import type { Clock } from '../clock.js'
import { generateSigningSecret } from '../delivery/signature.js'
import type { NewSigningSecret, ProjectStore } from '../store/store.js'
import { newId, notFound } from './id.js'
import type { Sealer } from './secrets.js'

export interface ShownSigningSecret {
  readonly secret: string
  readonly createdAtMs: number
  /** Earlier ones that still sign, newest first. */
  readonly previous: readonly { readonly createdAtMs: number; readonly expiresAtMs: number }[]
}

export class SigningSecrets {
  readonly #store: ProjectStore
  readonly #clock: Clock
  readonly #sealer: Sealer

  constructor(store: ProjectStore, clock: Clock, sealer: Sealer) {
    this.#store = store
    this.#clock = clock
    this.#sealer = sealer
  }

  /** A new secret, ready to be stored. */
  make(): NewSigningSecret {
    return { id: newId(), sealed: this.#sealer.seal(generateSigningSecret()), createdAtMs: this.#clock.wallMs() }
  }

  /** The current secret in clear. Throws an Error when it was encrypted under another key. */
  async show(projectId: string): Promise<ShownSigningSecret> {
    const [current, ...earlier] = await this.#store.listSigningSecrets({ projectId, nowMs: this.#clock.wallMs() })
    if (!current) throw notFound('Signing secret')
    const previous = earlier.flatMap(({ createdAtMs, expiresAtMs }) =>
      expiresAtMs === null ? [] : [{ createdAtMs, expiresAtMs }],
    )
    return { secret: this.#sealer.open(current.sealed), createdAtMs: current.createdAtMs, previous }
  }

  /** A new current secret; all earlier ones stop signing after `overlapSeconds` at the latest (0 = now). */
  async rotate(projectId: string, overlapSeconds: number): Promise<ShownSigningSecret> {
    const previousExpireAtMs = this.#clock.wallMs() + overlapSeconds * 1000
    await this.#store.rotateSigningSecret({ projectId, secret: this.make(), previousExpireAtMs })
    return this.show(projectId)
  }
}
