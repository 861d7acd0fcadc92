/** What arrived, held against what was accepted. */

export interface Expected {
  readonly id: string
  readonly dueMs: number
}

export interface Arrivals {
  readonly ids: readonly string[]
  /** Epoch milliseconds by the machine's clock, which the server reads too. */
  readonly times: readonly number[]
}

export interface Deliveries {
  readonly expected: number
  readonly lost: number
  readonly lostIds: readonly string[]
  /** Arrivals beyond the first of a job. */
  readonly duplicates: number
  readonly early: number
  /** Arrivals that belong to no accepted job. */
  readonly unknown: number
  /** Of each job's first arrival, in whole milliseconds as the receiver saw it: network and receiver included. */
  readonly latenessMs: readonly number[]
  readonly lastArrivalMs: number
}

export function judge(expected: readonly Expected[], { ids, times }: Arrivals): Deliveries {
  const due = new Map(expected.map(({ id, dueMs }) => [id, dueMs]))
  const seen = new Set<string>()
  const latenessMs: number[] = []
  let duplicates = 0
  let unknown = 0
  for (const [index, id] of ids.entries()) {
    const dueMs = due.get(id)
    if (dueMs === undefined) unknown += 1
    else if (seen.has(id)) duplicates += 1
    else {
      seen.add(id)
      latenessMs.push(times[index]! - dueMs)
    }
  }
  const lostIds = expected.map(({ id }) => id).filter((id) => !seen.has(id))
  return {
    expected: expected.length,
    lost: lostIds.length,
    lostIds,
    duplicates,
    early: latenessMs.filter((ms) => ms < 0).length,
    unknown,
    latenessMs,
    lastArrivalMs: times.at(-1) ?? 0,
  }
}
