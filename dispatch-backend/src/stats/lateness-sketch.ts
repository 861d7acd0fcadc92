/**
 * A histogram of lateness with buckets that grow by a constant factor, so that percentiles are true to 5 % whatever their
 * size, and two sketches are merged by adding their counts (DDSketch: Masson, Rim, Lee, VLDB 2019, doi 10.14778/3352063.3352135).
 */

/** How many lateness values fell into each bucket; a bucket that is empty is absent. */
export type LatenessCounts = Readonly<Record<string, number>>

export interface LatenessSketch {
  readonly counts: LatenessCounts
  /** Exact; null when nothing was counted. */
  readonly maxMs: number | null
}

const RELATIVE_ERROR = 0.05
const GROWTH = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
const LOG_GROWTH = Math.log(GROWTH)

/** Bucket 0 holds what was less than a millisecond late, bucket i (> 0) what was late by GROWTH^(i-2) to GROWTH^(i-1) ms. */
function bucketOf(ms: number): number {
  return ms < 1 ? 0 : 1 + Math.ceil(Math.log(ms) / LOG_GROWTH)
}

/** The value that is at most 5 % off every value of the bucket. */
function valueOf(bucket: number): number {
  return bucket === 0 ? 0 : (2 * GROWTH ** (bucket - 1)) / (GROWTH + 1)
}

export function sketchOf(valuesMs: readonly number[]): LatenessSketch {
  const counts: Record<string, number> = {}
  let maxMs: number | null = null
  for (const ms of valuesMs) {
    const bucket = String(bucketOf(ms))
    counts[bucket] = (counts[bucket] ?? 0) + 1
    maxMs = Math.max(maxMs ?? 0, ms)
  }
  return { counts, maxMs }
}

export function mergeSketches(sketches: readonly LatenessSketch[]): LatenessSketch {
  const counts: Record<string, number> = {}
  let maxMs: number | null = null
  for (const sketch of sketches) {
    for (const [bucket, count] of Object.entries(sketch.counts)) counts[bucket] = (counts[bucket] ?? 0) + count
    if (sketch.maxMs !== null) maxMs = Math.max(maxMs ?? 0, sketch.maxMs)
  }
  return { counts, maxMs }
}

/** The value below which the share `quantile` (0 to 1) lies, by nearest rank, in whole ms; null when nothing was counted. */
export function quantileMs({ counts, maxMs }: LatenessSketch, quantile: number): number | null {
  if (maxMs === null) return null
  const buckets = Object.entries(counts).map(([bucket, count]) => ({ bucket: Number(bucket), count }))
  buckets.sort((a, b) => a.bucket - b.bucket)
  const total = buckets.reduce((sum, { count }) => sum + count, 0)
  let left = Math.max(1, Math.ceil(quantile * total))
  for (const { bucket, count } of buckets) {
    left -= count
    if (left <= 0) return Math.min(maxMs, Math.round(valueOf(bucket)))
  }
  return maxMs
}
