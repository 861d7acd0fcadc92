/** The latest changes, numbered, in bounded memory: whoever has fallen behind its end is told so, not made to wait. */

export interface Change {
  readonly jobId: string
  readonly projectId: string
}

/** A few seconds of a busy instance, some hours of a quiet one. */
const CAPACITY = 8_192

export class ChangeRing {
  readonly #capacity: number
  readonly #entries: Change[] = []
  #head = 0

  constructor(capacity = CAPACITY) {
    this.#capacity = capacity
  }

  /** Number of the latest change; 0 before the first. */
  get head(): number {
    return this.#head
  }

  add(change: Change): void {
    this.#entries[this.#head % this.#capacity] = change
    this.#head += 1
  }

  /** The number of the last change of each job after change number `cursor`, in order; null when some are forgotten. */
  jobsSince(cursor: number, projectIds: ReadonlySet<string>): Map<string, number> | null {
    if (cursor > this.#head || this.#head - cursor > this.#capacity) return null
    const jobs = new Map<string, number>()
    for (let number = cursor; number < this.#head; number += 1) {
      const { jobId, projectId } = this.#entries[number % this.#capacity]!
      if (!projectIds.has(projectId)) continue
      // Set anew, so that the map is in the order of the last changes.
      jobs.delete(jobId)
      jobs.set(jobId, number + 1)
    }
    return jobs
  }
}
