import type { DueJob } from '../store/store.js'

/**
 * The jobs this replica has armed, earliest first: a binary heap (J. W. J. Williams, 1964) by due time, then id.
 *
 * A job is *held* from `add` until `drop`: first in the heap, and after `pop` by the caller, who looks for a slot and claims
 * it. Held jobs are counted per project and per endpoint, and neither may hold more than its share, so that one customer's
 * burst cannot keep the others' jobs from being armed. What is refused stays in the database and is read again later.
 *
 * Invariants: `#held` knows each held id once; a heap entry whose job is not the one in `#held` is stale and skipped.
 */
export class DueQueue {
  readonly #capacity: number
  readonly #share: number
  readonly #heap: DueJob[] = []
  readonly #held = new Map<string, DueJob>()
  readonly #perProject = new Map<string, number>()
  readonly #perEndpoint = new Map<string, number>()

  /** `shares`: a project or an endpoint may hold `capacity / shares` jobs (at least one). */
  constructor(options: { capacity: number; shares: number }) {
    this.#capacity = options.capacity
    this.#share = Math.max(1, Math.floor(options.capacity / options.shares))
  }

  /** How many jobs are held, in the heap or popped. */
  get size(): number {
    return this.#held.size
  }

  get room(): number {
    return this.#capacity - this.#held.size
  }

  /** Holds the job; true also when it is held already. False: no room for it, in all or in its share. */
  add(job: DueJob): boolean {
    const held = this.#held.get(job.id)
    if (held?.dueAtMs === job.dueAtMs) return true
    if (held) this.drop(held)
    if (
      this.room <= 0 ||
      this.#isFull(this.#perProject, job.projectId) ||
      this.#isFull(this.#perEndpoint, endpointKey(job))
    ) {
      return false
    }
    this.#held.set(job.id, job)
    count(this.#perProject, job.projectId, 1)
    count(this.#perEndpoint, endpointKey(job), 1)
    this.#push(job)
    return true
  }

  /** Due time of the earliest job in the heap. */
  get nextDueMs(): number | undefined {
    this.#skipStale()
    return this.#heap[0]?.dueAtMs
  }

  /** The earliest job due at or before `untilMs`, no longer in the heap but still held. */
  pop(untilMs: number): DueJob | undefined {
    this.#skipStale()
    const first = this.#heap[0]
    return first && first.dueAtMs <= untilMs ? this.#removeFirst() : undefined
  }

  /** Whether this very entry is still held: another one of the same id may have taken its place. */
  holds(job: DueJob): boolean {
    return this.#held.get(job.id) === job
  }

  /** Lets go of a held job; does nothing when another entry of the same id has taken its place. */
  drop(job: DueJob): void {
    if (this.#held.get(job.id) !== job) return
    this.#held.delete(job.id)
    count(this.#perProject, job.projectId, -1)
    count(this.#perEndpoint, endpointKey(job), -1)
  }

  /** Projects whose share is used up: queries leave them out. */
  fullProjects(): string[] {
    return this.#fullKeys(this.#perProject)
  }

  /** `[projectId, endpoint]` pairs whose share is used up. */
  fullEndpoints(): [string, string][] {
    return this.#fullKeys(this.#perEndpoint).map((key) => {
      const space = key.indexOf(' ')
      return [key.slice(0, space), key.slice(space + 1)]
    })
  }

  /** What one key may hold: its share, and never more than is left for all the others together, so that some always is. */
  get #limit(): number {
    return Math.max(1, Math.min(this.#share, this.room))
  }

  #isFull(counts: Map<string, number>, key: string): boolean {
    return (counts.get(key) ?? 0) >= this.#limit
  }

  #fullKeys(counts: Map<string, number>): string[] {
    const limit = this.#limit
    if (this.#held.size < limit) return []
    return [...counts].filter(([, held]) => held >= limit).map(([key]) => key)
  }

  #skipStale(): void {
    for (let first = this.#heap[0]; first && this.#held.get(first.id) !== first; first = this.#heap[0])
      this.#removeFirst()
  }

  #push(job: DueJob): void {
    const heap = this.#heap
    let index = heap.push(job) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(job, heap[parent]!)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = job
  }

  #removeFirst(): DueJob {
    const heap = this.#heap
    const first = heap[0]!
    const last = heap.pop()!
    if (heap.length > 0) this.#sink(last)
    return first
  }

  /** Puts `job` in the place of the removed root and lets it fall to where it belongs. */
  #sink(job: DueJob): void {
    const heap = this.#heap
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      if (left >= heap.length) break
      const right = left + 1
      const child = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left
      if (!isBefore(heap[child]!, job)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = job
  }
}

/** Bulkheads are per (project, endpoint): one tenant's load on a host does not slow another tenant's. Project ids hold no space. */
export function endpointKey(job: { projectId: string; endpoint: string }): string {
  return `${job.projectId} ${job.endpoint}`
}

function isBefore(a: DueJob, b: DueJob): boolean {
  return a.dueAtMs < b.dueAtMs || (a.dueAtMs === b.dueAtMs && a.id < b.id)
}

function count(counts: Map<string, number>, key: string, change: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + change
  if (next > 0) counts.set(key, next)
  else counts.delete(key)
}
