import type { Clock } from '../clock.js'

/** How old an answer may be that somebody else had read. */
const SHARED_FOR_MS = 1_000
/** Answers kept; the oldest goes first. One is some 50 KB at the most. */
const MAX_KEPT = 200

/**
 * Answers that cost much and are asked for again and again by people who look on: who asks within a second for what somebody
 * asked for before gets the same answer, also while it is being read. Failures are not kept.
 */
export class SharedAnswers<Answer> {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #kept = new Map<string, { readonly sinceMs: number; readonly reading: Promise<Answer> }>()

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  /** `key` must say all that the answer depends on, whose it is most of all. */
  get(key: string, read: () => Promise<Answer>): Promise<Answer> {
    const nowMs = this.#clock.monotonicMs()
    const kept = this.#kept.get(key)
    if (kept && nowMs - kept.sinceMs < SHARED_FOR_MS) return kept.reading
    const entry = { sinceMs: nowMs, reading: read() }
    this.#kept.delete(key)
    this.#kept.set(key, entry)
    entry.reading.catch(() => {
      if (this.#kept.get(key) === entry) this.#kept.delete(key)
    })
    this.#forgetOld(nowMs)
    return entry.reading
  }

  /** In the order of their age. */
  #forgetOld(nowMs: number): void {
    for (const [key, { sinceMs }] of this.#kept) {
      if (this.#kept.size <= MAX_KEPT && nowMs - sinceMs < SHARED_FOR_MS) return
      this.#kept.delete(key)
    }
  }
}
