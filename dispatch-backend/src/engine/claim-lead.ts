import { LEAD_CAP_MS } from './limits.js'

/** How many claims the lead is taken from. */
const SAMPLES = 128
/** Of them, how many may have taken longer than the lead: the others were answered before their jobs were due. */
const SLOWER = 2
/** Before anything was measured. */
const FIRST_MS = 5
/** Timers fire up to a millisecond after their time. */
const TIMER_MS = 1

/**
 * How long before their due time jobs are claimed: as long as nearly all of the last claims took, at most `LEAD_CAP_MS`.
 *
 * One claim is under way at a time, so a job that comes within the lead just after one was issued waits for that one's
 * answer and then for its own. A claim that follows another one at once therefore counts from the issue of that other one.
 */
export class ClaimLead {
  readonly #waitsMs: number[] = []
  #ms = FIRST_MS
  #lastIssuedMs: number | undefined

  get ms(): number {
    return this.#ms
  }

  /** A claim is issued; answers since when its jobs may have been waiting. Monotonic milliseconds. */
  noteIssue(nowMs: number): number {
    const sinceMs = this.#lastIssuedMs ?? nowMs
    this.#lastIssuedMs = nowMs
    return sinceMs
  }

  /** There is nothing to claim now: the next claim follows none. */
  noteRest(): void {
    this.#lastIssuedMs = undefined
  }

  /** A claim was answered whose jobs may have waited for so long. */
  noteWait(waitMs: number): void {
    this.#waitsMs.push(waitMs)
    if (this.#waitsMs.length > SAMPLES) this.#waitsMs.shift()
    const sorted = Float64Array.from(this.#waitsMs).sort()
    const slowest = sorted[Math.max(0, sorted.length - 1 - SLOWER)]!
    this.#ms = Math.min(LEAD_CAP_MS, Math.ceil(slowest) + TIMER_MS)
  }
}
