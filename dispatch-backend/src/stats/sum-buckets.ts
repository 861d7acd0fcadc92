/** Buckets of many projects, added up where they are read: a hundred projects have ten thousand of them in one chart. Pure. */
import type { Outcomes, StatsBucket, StatsSums } from '../store/stats-store.js'
import { mergeEndpoints, newest } from './counts.js'
import { mergeSketches } from './lateness-sketch.js'

/** See `StatsStore.sumStatsBuckets`. Nothing is left out of the endpoints, so sums of sums are those of all buckets. */
export function sumBuckets(buckets: readonly StatsBucket[], addedUntilMs: number): StatsSums {
  const isAdded = ({ atMs, widthMs }: StatsBucket): boolean => atMs + widthMs <= addedUntilMs
  const added = buckets.filter(isAdded)
  return {
    stretches: [...byStart(added)].map(([atMs, own]) => ({ atMs, ...addOutcomes(own) })),
    endpoints: mergeEndpoints(added.flatMap(({ endpoints }) => endpoints)),
    failureIds: newest(added.flatMap(({ failureIds }) => failureIds)),
    isCut: added.some(({ isCut }) => isCut),
    later: buckets.filter((bucket) => !isAdded(bucket)),
  }
}

export function addOutcomes(parts: readonly Outcomes[]): Outcomes {
  const sum = (of: (part: Outcomes) => number): number => parts.reduce((total, part) => total + of(part), 0)
  return {
    succeeded: sum((part) => part.succeeded),
    failed: sum((part) => part.failed),
    interrupted: sum((part) => part.interrupted),
    lateness: mergeSketches(parts.map((part) => part.lateness)),
  }
}

/** What begins at the same instant, together. */
export function byStart<Part extends { readonly atMs: number }>(parts: readonly Part[]): Map<number, Part[]> {
  const starts = new Map<number, Part[]>()
  for (const part of parts) {
    const own = starts.get(part.atMs)
    if (own) own.push(part)
    else starts.set(part.atMs, [part])
  }
  return starts
}
