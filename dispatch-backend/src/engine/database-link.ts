import type { Clock } from '../clock.js'
import type { Events } from '../events.js'
import { DatabaseAwayError } from '../store/store.js'
import { elapsedMs, momentOf, type Moment } from './elapsed.js'
import { HEARTBEAT_STALE_MS, RETRY_PAUSE_CAP_MS, RETRY_PAUSE_MS } from './limits.js'

/**
 * What this replica knows of its connection to the database: away or there, and for how long there without a gap. All of
 * the engine's calls go through it, so one of them noticing is enough for the others.
 */
export class DatabaseLink {
  readonly #clock: Clock
  readonly #events: Events
  readonly #random: () => number
  #awaySinceMs: number | undefined
  #connectedSinceMs: number | undefined
  #lastContact: Moment | undefined

  constructor(options: { clock: Clock; events: Events; random: () => number }) {
    this.#clock = options.clock
    this.#events = options.events
    this.#random = options.random
  }

  get isAway(): boolean {
    return this.#awaySinceMs !== undefined
  }

  /** How long calls have been succeeding without a gap that would have made this replica look dead to the others. */
  connectedForMs(): number {
    if (this.#connectedSinceMs === undefined || this.isAway || this.#hasGap()) return 0
    return this.#clock.monotonicMs() - this.#connectedSinceMs
  }

  /** Runs `run`, noting whether the database answered; rejects as it does. */
  async call<T>(during: string, run: () => Promise<T>): Promise<T> {
    try {
      const result = await run()
      this.#noteContact()
      return result
    } catch (error) {
      if (error instanceof DatabaseAwayError) this.#noteAway(during, error)
      else this.#noteContact()
      throw error
    }
  }

  /** `call`, again and again while the database is away; rejects with any other error, or once `signal` aborts. */
  async insist<T>(during: string, run: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let pauseMs = RETRY_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, RETRY_PAUSE_CAP_MS)) {
      try {
        return await this.call(during, run)
      } catch (error) {
        if (!(error instanceof DatabaseAwayError) || signal.aborted) throw error
        await this.#clock.sleep(pauseMs * (0.5 + this.#random()), signal)
      }
    }
  }

  #noteContact(): void {
    const nowMs = this.#clock.monotonicMs()
    if (this.#connectedSinceMs === undefined || this.#hasGap()) this.#connectedSinceMs = nowMs
    this.#lastContact = momentOf(this.#clock)
    if (this.#awaySinceMs === undefined) return
    const awayMs = nowMs - this.#awaySinceMs
    this.#awaySinceMs = undefined
    this.#events.emit('databaseBack', { awayMs })
  }

  #noteAway(during: string, error: unknown): void {
    this.#connectedSinceMs = undefined
    if (this.#awaySinceMs !== undefined) return
    this.#awaySinceMs = this.#clock.monotonicMs()
    this.#events.emit('databaseAway', { during, error })
  }

  #hasGap(): boolean {
    return this.#lastContact !== undefined && elapsedMs(this.#lastContact, this.#clock) > HEARTBEAT_STALE_MS
  }
}
