import type { Clock } from '../clock.js'
import type { Store } from '../store/store.js'

export interface BacklogSize {
  /** At most `COUNT_LIMIT`. */
  readonly jobs: number
  readonly oldestMs: number
}

/** The engine's line between "on time" and backlog. */
const OVERDUE_MS = 2_000
/** More than this is "many", however many. */
const COUNT_LIMIT = 1_000
/** Among so many rows of the due index, the oldest: those of deleted projects do not count. */
const SCAN_LIMIT = 4_000
/** Scrapes by several collectors, or by an impatient one, cost the database one read in this time. */
const KEEP_MS = 10_000
/** A scrape must answer while the database hangs; collectors give up after 10 s. */
const PATIENCE_MS = 2_000

/** Reads how many jobs are overdue and by how much: bounded in rows, in frequency and in time. */
export class Backlog {
  readonly #store: Pick<Store, 'readDue'>
  readonly #clock: Clock
  readonly #nowMs: () => number
  #reading: Promise<BacklogSize | null> | undefined
  #last: { readonly size: BacklogSize; readonly atMs: number } | undefined

  constructor(options: { store: Pick<Store, 'readDue'>; clock: Clock; nowMs: () => number }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#nowMs = options.nowMs
  }

  /** Null when the database does not answer in time. Never rejects. */
  async size(): Promise<BacklogSize | null> {
    if (this.#last && this.#clock.monotonicMs() - this.#last.atMs < KEEP_MS) return this.#last.size
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined))
    const patience = new AbortController()
    const size = await Promise.race([this.#reading, this.#clock.sleep(PATIENCE_MS, patience.signal).then(() => null)])
    patience.abort()
    return size
  }

  async #read(): Promise<BacklogSize | null> {
    const nowMs = this.#nowMs()
    const query = { fromMs: 0, untilMs: nowMs - OVERDUE_MS, excludeProjectIds: [], excludeEndpoints: [] }
    try {
      const { jobs } = await this.#store.readDue({ ...query, limit: COUNT_LIMIT, scanLimit: SCAN_LIMIT })
      const size = { jobs: jobs.length, oldestMs: jobs[0] ? nowMs - jobs[0].dueAtMs : 0 }
      this.#last = { size, atMs: this.#clock.monotonicMs() }
      return size
    } catch {
      // The engine announces an absent database; a scrape only leaves the value out.
      return null
    }
  }
}
