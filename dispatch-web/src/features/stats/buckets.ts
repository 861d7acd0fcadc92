/** From the API's numbers to what charts draw. */
import type { DeliveriesBucket, Forecast, Stats } from 'dispatch-contract'
import type { Buckets, Series } from '../../components/chart/series'
import { formatDuration } from '../../lib/format-time'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** `12,345`; from a million on `1.2M`, so that an axis holds it. */
export function formatCount(value: number): string {
  return value < 1_000_000
    ? value.toLocaleString('en')
    : value.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 1 })
}

export function deliveriesOf({ deliveries, range, totals }: Stats): Buckets {
  return outcomes(deliveries, range.bucketSeconds * 1000, totals)
}

/** The same by days in UTC: the range of 30 days has buckets of 6 hours. */
export function deliveriesByDay({ deliveries, totals }: Stats): Buckets {
  const days = new Map<number, Outcomes & { at: string }>()
  for (const { at, succeeded, failed, interrupted } of deliveries) {
    const dayMs = Math.floor(Date.parse(at) / DAY_MS) * DAY_MS
    const before = days.get(dayMs) ?? { succeeded: 0, failed: 0, interrupted: 0 }
    days.set(dayMs, {
      at: new Date(dayMs).toISOString(),
      succeeded: before.succeeded + succeeded,
      failed: before.failed + failed,
      interrupted: before.interrupted + interrupted,
    })
  }
  return outcomes([...days.values()], DAY_MS, totals)
}

type Outcomes = Pick<DeliveriesBucket, 'succeeded' | 'failed' | 'interrupted'>

/** Interruptions are rare: their series is only there when there are any. */
function outcomes(buckets: readonly (Outcomes & { at: string })[], bucketMs: number, totals: Outcomes): Buckets {
  const series = (label: string, colour: Series['colour'], name: keyof Outcomes): Series => ({
    ...{ label, colour, summary: formatCount(totals[name]) },
    values: buckets.map((bucket) => bucket[name]),
  })
  return {
    atMs: buckets.map(({ at }) => Date.parse(at)),
    bucketMs,
    series: [
      series('Delivered', '--success', 'succeeded'),
      series('Failed', '--failed', 'failed'),
      ...(totals.interrupted > 0 ? [series('Interrupted', '--interrupted', 'interrupted')] : []),
    ],
  }
}

export function latenessOf({ lateness, range, totals }: Stats): Buckets {
  const ms = (value: number | null): string => (value === null ? '–' : formatDuration(value))
  return {
    atMs: lateness.map(({ at }) => Date.parse(at)),
    bucketMs: range.bucketSeconds * 1000,
    series: [
      {
        ...{ label: 'p99', colour: '--accent', summary: ms(totals.latenessP99) },
        values: lateness.map(({ p99 }) => p99),
      },
      {
        ...{ label: 'p50', colour: '--muted', summary: ms(totals.latenessP50) },
        values: lateness.map(({ p50 }) => p50),
      },
    ],
  }
}

export const dueByMinute = ({ minutes, isExact }: Forecast): Buckets => due(minutes, MINUTE_MS, isExact)
export const dueByHour = ({ hours, isExact }: Forecast): Buckets => due(hours, HOUR_MS, isExact)

function due(buckets: Forecast['minutes'], bucketMs: number, isExact: boolean): Buckets {
  const total = buckets.reduce((sum, bucket) => sum + bucket.due, 0)
  return {
    atMs: buckets.map(({ at }) => Date.parse(at)),
    bucketMs,
    series: [
      {
        ...{ label: 'Due', colour: '--scheduled', summary: `${isExact ? '' : 'at least '}${formatCount(total)}` },
        values: buckets.map((bucket) => bucket.due),
      },
    ],
  }
}

/** `98.2 %`. Only what is whole is shown as 0 or 100: 99.98 % is not all. */
export function formatShare(share: number): string {
  const percent = share * 100
  if (percent === 0 || percent === 100) return `${percent} %`
  return `${Math.min(99.9, Math.max(0.1, percent)).toFixed(1)} %`
}
