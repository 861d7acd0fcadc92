import type { Clock } from '../../clock.js'
import type { Connection } from './database.js'
import { selectCount, type JobSource } from './job-sources.js'

/** Counted exactly each time up to here. */
const EXACT_LIMIT = 10_000
/** How old a larger total may be. */
const MAX_AGE_MS = 60_000
/** Totals kept; the oldest goes first. Each is a few hundred bytes. */
const MAX_KEPT = 1_000

export interface JobCount {
  readonly total: number
  readonly isExact: boolean
}

/** Totals of lists: exact while cheap; above 10,000 a full count that is kept for a minute. */
export class JobCounter {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #kept = new Map<string, { total: number; countedAtMs: number }>()

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  async count(connection: Connection, sources: readonly JobSource[]): Promise<JobCount> {
    if (sources.length === 0) return { total: 0, isExact: true }
    const bounded = await this.countTo(connection, sources, EXACT_LIMIT + 1)
    if (bounded <= EXACT_LIMIT) return { total: bounded, isExact: true }
    return { total: await this.#fullCount(connection, sources), isExact: false }
  }

  async #fullCount(connection: Connection, sources: readonly JobSource[]): Promise<number> {
    const key = JSON.stringify(sources)
    const countedAtMs = this.#clock.monotonicMs()
    const kept = this.#kept.get(key)
    if (kept && countedAtMs - kept.countedAtMs < MAX_AGE_MS) return kept.total
    const total = await this.countTo(connection, sources, null)
    this.#keep(key, { total, countedAtMs })
    return total
  }

  #keep(key: string, count: { total: number; countedAtMs: number }): void {
    this.#kept.delete(key)
    this.#kept.set(key, count)
    if (this.#kept.size <= MAX_KEPT) return
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest)
      return
    }
  }

  /** Counts all sources together, to `limit` at the most; null = to the end. */
  async countTo(connection: Connection, sources: readonly JobSource[], limit: number | null): Promise<number> {
    const { sql, values } = selectCount(sources, limit)
    const [row] = await connection.query<{ total: number }>(sql, values)
    return row!.total
  }
}
