export interface Lateness {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Exact percentiles by nearest rank, in ms; undefined of nothing. */
export function latenessOf(latenessesMs: readonly number[]): Lateness | undefined {
  const sorted = [...latenessesMs].sort((a, b) => a - b)
  const max = sorted.at(-1)
  if (max === undefined) return undefined
  const rank = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1]!
  return { count: sorted.length, p50: rank(0.5), p99: rank(0.99), max }
}

/** `0.4 ms`, `12 ms`. */
export function formatMs(ms: number): string {
  return `${Math.round(ms * 10) / 10} ms`
}
