/** The latest changes, numbered, in bounded memory: whoever has fallen behind its end is told so, not made to wait. */

export interface Change {
  /** Null: the project's echo has changed. */
  readonly jobId: string | null
  readonly projectId: string
}

export interface NumberedChange extends Change {
  readonly number: number
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

  /**
   * The last change of each job, and of each project's echo, after change number `cursor`, in order; null when some are
   * forgotten.
   */
  changesSince(cursor: number, projectIds: ReadonlySet<string>): Map<string, NumberedChange> | null {
    if (cursor > this.#head || this.#head - cursor > this.#capacity) return null
    const latest = new Map<string, NumberedChange>()
    for (let number = cursor; number < this.#head; number += 1) {
      const { jobId, projectId } = this.#entries[number % this.#capacity]!
      if (!projectIds.has(projectId)) continue
      const key = jobId ?? `echo ${projectId}`
      // Set anew, so that the map is in the order of the last changes.
      latest.delete(key)
      latest.set(key, { jobId, projectId, number: number + 1 })
    }
    return latest
  }
}
