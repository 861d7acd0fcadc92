/** Attempts of many projects, counted for each project and minute while they are read. */
import type { AttemptFact, StatsCounts } from '../store/stats-store.js'
import { AttemptTally } from './counts.js'
import { MINUTE_MS, startOf } from './widths.js'

export interface CountedMinute {
  readonly projectId: string
  readonly minuteMs: number
  readonly counts: StatsCounts
}

export class Tallies {
  readonly #places = new Map<string, { projectId: string; minuteMs: number; tally: AttemptTally }>()

  /** Adds a page. */
  add(facts: readonly AttemptFact[]): void {
    const pieces = new Map<AttemptTally, AttemptFact[]>()
    for (const fact of facts) {
      const tally = this.#tallyOf(fact)
      const piece = pieces.get(tally)
      if (piece) piece.push(fact)
      else pieces.set(tally, [fact])
    }
    for (const [tally, piece] of pieces) tally.add(piece)
  }

  minutes(): CountedMinute[] {
    return [...this.#places.values()].map(({ projectId, minuteMs, tally }) => ({
      projectId,
      minuteMs,
      counts: tally.counts(),
    }))
  }

  #tallyOf({ projectId, madeAtMs }: AttemptFact): AttemptTally {
    const minuteMs = startOf(madeAtMs, MINUTE_MS)
    const key = `${projectId} ${minuteMs}`
    const place = this.#places.get(key) ?? { projectId, minuteMs, tally: new AttemptTally() }
    this.#places.set(key, place)
    return place.tally
  }
}
