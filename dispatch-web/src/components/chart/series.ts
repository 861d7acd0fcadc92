/** What a chart shows: values in equally long buckets of time. */

/** A token of `styles.css`: drawn in its colour of the theme that is on. */
export type ChartColour = '--scheduled' | '--success' | '--failed' | '--interrupted' | '--accent' | '--muted'

export interface Series {
  readonly label: string
  readonly colour: ChartColour
  /** One for each bucket; null where there is none. */
  readonly values: readonly (number | null)[]
  /** In the legend while no bucket is pointed at: of all buckets together. */
  readonly summary: string
}

export interface Buckets {
  /** Starts of the buckets in epoch ms, oldest first. */
  readonly atMs: readonly number[]
  readonly bucketMs: number
  readonly series: readonly Series[]
}

/**
 * `bars`: counts, stacked, the first series at the bottom. `lines`: durations in ms on a logarithmic scale, on which
 * both 2 ms and 20 s can be read.
 */
export type ChartKind = 'bars' | 'lines'

/** Whether there is anything to draw. */
export function isEmpty({ series }: Buckets): boolean {
  return !series.some(({ values }) => values.some((value) => value !== null && value !== 0))
}
