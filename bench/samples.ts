/** Exact statistics: every sample is kept, nothing is put into classes. */

/**
 * The nearest-rank percentile: the smallest sample that at least `percent` of a hundred do not exceed. 0 < percent <= 100.
 * Throws when there are no samples.
 */
export function percentile(samples: readonly number[], percent: number): number {
  if (samples.length === 0) throw new RangeError('a percentile needs at least one sample')
  if (!(percent > 0 && percent <= 100)) throw new RangeError(`a percentile is above 0 and at most 100, not ${percent}`)
  const sorted = samples.toSorted((a, b) => a - b)
  // Multiplied first: 0.99 * 100 is a little more than 99, and its ceiling would be one sample too far.
  return sorted[Math.ceil((percent * sorted.length) / 100) - 1]!
}

/** The middle one; of an even number the mean of the two in the middle. Throws when there are no samples. */
export function median(samples: readonly number[]): number {
  if (samples.length === 0) throw new RangeError('a median needs at least one sample')
  const sorted = samples.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export interface Spread {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export function spread(samples: readonly number[]): Spread {
  return { p50: percentile(samples, 50), p99: percentile(samples, 99), max: percentile(samples, 100) }
}
