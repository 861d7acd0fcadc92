import type { Clock } from '../clock.js'

/** The endpoints whose pace is remembered while nothing of theirs is in flight (least recently used go first). */
const REMEMBERED_ENDPOINTS = 10_000
/** An attempt that holds its slot this long or less is no burden; slower ones are squeezed in proportion. */
const FAIR_SLOT_MS = 1_000
/** Weight of the newest attempt in the moving average of slot times. */
const NEWEST_WEIGHT = 0.2

interface Endpoint {
  inFlight: number
  /** Sum of the start times in flight: with the count it gives their mean age. */
  startedSumMs: number
  averageMs: number
}

/** The right to deliver one attempt. `release` is idempotent. */
export interface Slot {
  release(): void
}

/**
 * Bulkheads. Attempts in flight are bounded for the process and per endpoint (a key: project and scheme + host + port).
 *
 * While more than half of the process's slots are taken, an endpoint may hold only its share of slot-seconds: with slots
 * held `s` seconds on average (finished ones, or those in flight if they are older) it gets `1/s` of its slots, never less
 * than one. So an endpoint that hangs is squeezed within seconds and the others stay punctual, while a merely slow one
 * keeps all its slots on a quiet process.
 */
export class Slots {
  readonly #total: number
  readonly #perEndpoint: number
  readonly #clock: Clock
  readonly #endpoints = new Map<string, Endpoint>()
  #inFlight = 0

  constructor(options: { total: number; perEndpoint: number; clock: Clock }) {
    this.#total = options.total
    this.#perEndpoint = options.perEndpoint
    this.#clock = options.clock
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get free(): number {
    return this.#total - this.#inFlight
  }

  /** A slot, or undefined when the process or the endpoint has none left. */
  tryTake(key: string): Slot | undefined {
    const endpoint = this.#endpoint(key)
    if (this.free <= 0 || endpoint.inFlight >= this.#limit(endpoint)) return undefined
    const startedMs = this.#clock.monotonicMs()
    this.#inFlight += 1
    endpoint.inFlight += 1
    endpoint.startedSumMs += startedMs
    let held = true
    return {
      release: () => {
        if (!held) return
        held = false
        this.#inFlight -= 1
        endpoint.inFlight -= 1
        endpoint.startedSumMs -= startedMs
        const heldMs = this.#clock.monotonicMs() - startedMs
        endpoint.averageMs += NEWEST_WEIGHT * (heldMs - endpoint.averageMs)
      },
    }
  }

  #limit(endpoint: Endpoint): number {
    if (this.#inFlight * 2 <= this.#total) return this.#perEndpoint
    const ageMs = endpoint.inFlight > 0 ? this.#clock.monotonicMs() - endpoint.startedSumMs / endpoint.inFlight : 0
    const slotMs = Math.max(endpoint.averageMs, ageMs, FAIR_SLOT_MS)
    return Math.max(1, Math.floor((this.#perEndpoint * FAIR_SLOT_MS) / slotMs))
  }

  #endpoint(key: string): Endpoint {
    const known = this.#endpoints.get(key)
    const endpoint = known ?? { inFlight: 0, startedSumMs: 0, averageMs: 0 }
    // Re-inserting keeps the map in order of use.
    if (known) this.#endpoints.delete(key)
    this.#endpoints.set(key, endpoint)
    if (this.#endpoints.size > REMEMBERED_ENDPOINTS) this.#forgetIdle()
    return endpoint
  }

  /** Only what is in flight is beyond forgetting, so the map never outgrows the memory limit plus the slots. */
  #forgetIdle(): void {
    for (const [key, endpoint] of this.#endpoints) {
      if (this.#endpoints.size <= REMEMBERED_ENDPOINTS) return
      if (endpoint.inFlight === 0) this.#endpoints.delete(key)
    }
  }
}
