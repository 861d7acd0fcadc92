/**
 * The minutes that are not rolled up yet, counted from the newest attempts of all projects. Everybody who asks within a
 * second shares one reading, so its cost does not grow with the number of people who look on.
 */
import type { Clock } from '../clock.js'
import type { StatsStore } from '../store/stats-store.js'
import { Tallies, type CountedMinute } from './tallies.js'
import { MINUTE_MS } from './widths.js'

export interface OpenMinutes {
  /** When it was read, by the database's clock. */
  readonly nowMs: number
  readonly minutes: readonly CountedMinute[]
  /** False: there were too many attempts, the oldest of them are not in it. */
  readonly isComplete: boolean
}

const SHARED_FOR_MS = 1_000
const PAGE_ATTEMPTS = 1_000
/** Enough for 80 attempts a second; while there are more, the newest are counted, and the answer says so. */
export const MAX_OPEN_ATTEMPTS = 10_000

type OpenStore = Pick<StatsStore, 'readStatsProgress' | 'readAttemptFacts'>

export class OpenMinutesReader {
  readonly #store: OpenStore
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #maxAttempts: number
  #shared: { readonly sinceMs: number; readonly reading: Promise<OpenMinutes> } | undefined

  constructor(store: OpenStore, clock: Pick<Clock, 'monotonicMs'>, maxAttempts = MAX_OPEN_ATTEMPTS) {
    this.#store = store
    this.#clock = clock
    this.#maxAttempts = maxAttempts
  }

  read(): Promise<OpenMinutes> {
    const nowMs = this.#clock.monotonicMs()
    if (this.#shared && nowMs - this.#shared.sinceMs < SHARED_FOR_MS) return this.#shared.reading
    const reading = this.#readNow()
    const shared = { sinceMs: nowMs, reading }
    this.#shared = shared
    reading.catch(() => {
      if (this.#shared === shared) this.#shared = undefined
    })
    return reading
  }

  async #readNow(): Promise<OpenMinutes> {
    const { databaseNowMs, countedUntilMs } = await this.#store.readStatsProgress()
    // Ids made by a clock that is a little ahead are in it too.
    const range = { fromMs: countedUntilMs ?? 0, untilMs: databaseNowMs + MINUTE_MS }
    const tallies = new Tallies()
    let isComplete = false
    let after: string | undefined
    for (let read = 0; !isComplete && read < this.#maxAttempts; read += PAGE_ATTEMPTS) {
      const place = after !== undefined && { after }
      const page = await this.#store.readAttemptFacts({ ...range, ...place, limit: PAGE_ATTEMPTS, newestFirst: true })
      tallies.add(page)
      after = page.at(-1)?.id
      isComplete = after === undefined
    }
    return { nowMs: databaseNowMs, minutes: tallies.minutes(), isComplete }
  }
}
