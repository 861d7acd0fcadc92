import type { Clock } from '../clock.js'

/** A measurement that can be off by this much at the most is a good one. */
const PRECISE_MS = 50
/** After this long any measurement is better than the last one. */
const STALE_SAMPLE_MS = 30_000

/**
 * The time the engine fires by: UTC epoch milliseconds as the *database* has them, so that replicas with wrong clocks fire
 * at the same moment.
 *
 * On a database that shares our host's clock this is the wall clock. Otherwise it is the monotonic clock plus a base that
 * each heartbeat measures (Cristian's algorithm: the answer is taken to be half the round trip old), so a step of the
 * local wall clock moves nothing. An offset smaller than what the measurement can tell counts as none.
 */
export class EngineClock {
  readonly #clock: Clock
  readonly #sharesHostClock: boolean
  /** Corrected time minus monotonic time. */
  #baseMs: number
  /** Corrected time minus wall time, when last measured. */
  #offsetMs = 0
  #isSettled = false
  #lastUncertaintyMs = Infinity
  #lastAcceptedMs = 0

  constructor(clock: Clock, options: { sharesHostClock: boolean }) {
    this.#clock = clock
    this.#sharesHostClock = options.sharesHostClock
    this.#baseMs = clock.wallMs() - clock.monotonicMs()
  }

  /** Whole milliseconds, rounded down: a job whose due time this has reached is truly due. */
  nowMs(): number {
    if (this.#sharesHostClock) return this.#clock.wallMs()
    return Math.floor(this.#clock.monotonicMs() + this.#baseMs)
  }

  get offsetMs(): number {
    return this.#offsetMs
  }

  /** The time has been measured well at least once (or needs no measuring). */
  get isSettled(): boolean {
    return this.#sharesHostClock || this.#isSettled
  }

  /** Takes in that the database said `databaseNowMs` between two readings of the monotonic clock. */
  noteDatabaseTime(databaseNowMs: number, askedMonotonicMs: number, answeredMonotonicMs: number): void {
    if (this.#sharesHostClock) return
    const measuredBaseMs = databaseNowMs - (askedMonotonicMs + answeredMonotonicMs) / 2
    // Half the round trip either way, and one for the database's whole milliseconds.
    const uncertaintyMs = (answeredMonotonicMs - askedMonotonicMs) / 2 + 1
    if (!this.#isWorthTaking(uncertaintyMs, answeredMonotonicMs)) return
    const hostBaseMs = this.#clock.wallMs() - this.#clock.monotonicMs()
    const fits = (baseMs: number): boolean => Math.abs(measuredBaseMs - baseMs) <= uncertaintyMs
    const isPrecise = uncertaintyMs <= PRECISE_MS
    if (isPrecise && fits(hostBaseMs)) this.#baseMs = hostBaseMs
    else if (!this.#isSettled || !fits(this.#baseMs)) {
      // Rather late than early, while the measurement is poor.
      this.#baseMs = isPrecise ? measuredBaseMs : measuredBaseMs - uncertaintyMs
    }
    this.#isSettled ||= isPrecise
    this.#offsetMs = Math.round(this.#baseMs - hostBaseMs)
  }

  /** A slow answer tells the time badly: it counts only when nothing better came for a while. */
  #isWorthTaking(uncertaintyMs: number, nowMs: number): boolean {
    const isGood = uncertaintyMs <= 2 * this.#lastUncertaintyMs + 5 || nowMs - this.#lastAcceptedMs > STALE_SAMPLE_MS
    if (!isGood) return false
    this.#lastUncertaintyMs = uncertaintyMs
    this.#lastAcceptedMs = nowMs
    return true
  }
}
