import { Time } from '../time'
import type { Buckets, ChartKind } from './series'

export interface ChartLegendProps {
  readonly buckets: Buckets
  readonly kind: ChartKind
  /** The bucket under the pointer. */
  readonly pointed: number | null
  readonly formatValue: (value: number) => string
}

/** The series with their values: of the bucket that is pointed at, else of all together. */
export function ChartLegend({ buckets: { atMs, series }, kind, pointed, formatValue }: ChartLegendProps) {
  const at = pointed === null ? undefined : atMs[pointed]
  return (
    <div className="flex h-9 shrink-0 items-center gap-x-4 overflow-hidden px-4 text-sm whitespace-nowrap">
      {series.map(({ label, colour, values, summary }) => {
        const value = pointed === null ? undefined : values[pointed]
        return (
          <span key={label} className="inline-flex items-center gap-1.5">
            <span
              aria-hidden
              className={kind === 'bars' ? 'size-2 rounded-sm' : 'h-0.5 w-3 rounded-full'}
              style={{ background: `var(${colour})` }}
            />
            <span className="text-muted">{label}</span>
            <span className="tabular font-mono">
              {at === undefined ? summary : value === null || value === undefined ? '–' : formatValue(value)}
            </span>
          </span>
        )
      })}
      {at !== undefined && (
        <span className="ml-auto text-faint max-sm:hidden">
          <Time at={at} precision="minute" />
        </span>
      )}
    </div>
  )
}
