/** Buckets have one of four lengths, one for each range that may be asked for. All are aligned to the UTC epoch. */
import type { StatsRange } from 'dispatch-contract'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

export interface Width {
  readonly widthMs: number
  /** How long such buckets are kept: somewhat longer than they are shown, and long enough for late results to be added. */
  readonly keptMs: number
}

const MINUTES: Width = { widthMs: MINUTE_MS, keptMs: 2 * DAY_MS }
const QUARTERS: Width = { widthMs: 15 * MINUTE_MS, keptMs: 8 * DAY_MS }
const TWO_HOURS: Width = { widthMs: 2 * HOUR_MS, keptMs: 90 * DAY_MS }
const SIX_HOURS: Width = { widthMs: 6 * HOUR_MS, keptMs: 90 * DAY_MS }

export const WIDTHS: readonly Width[] = [MINUTES, QUARTERS, TWO_HOURS, SIX_HOURS]

/** All but the minutes, each with the next narrower one, of which it is made. */
export const WIDER_WIDTHS = WIDTHS.slice(1).map(({ widthMs }, index) => ({
  widthMs,
  madeOfMs: WIDTHS[index]!.widthMs,
}))

/** What is shown for each range: 60, 96, 84 and 120 buckets. */
export const RANGES: Readonly<Record<StatsRange, { readonly widthMs: number; readonly buckets: number }>> = {
  '1h': { widthMs: MINUTES.widthMs, buckets: 60 },
  '24h': { widthMs: QUARTERS.widthMs, buckets: 96 },
  '7d': { widthMs: TWO_HOURS.widthMs, buckets: 84 },
  '30d': { widthMs: SIX_HOURS.widthMs, buckets: 120 },
}

/** Start of the bucket that the instant lies in. */
export function startOf(epochMs: number, widthMs: number): number {
  return epochMs - (epochMs % widthMs)
}
