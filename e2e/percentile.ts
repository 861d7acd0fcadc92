/** The nearest-rank percentile (0–100] of `values`, in their unit; NaN of none. */
export function percentile(values: readonly number[], rank: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil((rank / 100) * sorted.length) - 1] ?? Number.NaN
}
