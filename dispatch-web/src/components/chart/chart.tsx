import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { classNames } from '../../lib/class-names'
import { useObservable } from '../../lib/observable'
import { zone } from '../../lib/zone'
import { Skeleton } from '../skeleton'
import { ChartLegend } from './chart-legend'
import { ChartTable } from './chart-table'
import type { DrawPlot, Plot } from './plot'
import { isEmpty, type Buckets, type ChartKind } from './series'

/** Charts are no part of the first load. */
const plotQuery = queryOptions({
  queryKey: ['chart', 'plot'],
  queryFn: async () => (await import('./plot')).drawPlot,
  staleTime: 'static',
  gcTime: Infinity,
})

export interface ChartProps {
  readonly label: string
  readonly kind: ChartKind
  readonly buckets: Buckets
  /** Must stay the same function between renders. */
  readonly formatValue: (value: number) => string
  /** In the place of a chart without anything on it. */
  readonly emptyText: string
  readonly group?: string
  readonly size?: 'small'
  readonly isTable: boolean
}

/** A chart's place is as high as the chart. */
export function chartHeight(size: ChartProps['size']): string {
  return size === 'small' ? 'h-44' : 'h-64'
}

/** Of one height whatever it shows: legend, and below it the drawing or the table of the same numbers. */
export function Chart({ label, kind, buckets, formatValue, emptyText, group, size, isTable }: ChartProps) {
  const plot = useQuery(plotQuery)
  const [pointed, setPointed] = useState<number | null>(null)
  const hasNothing = isEmpty(buckets)
  return (
    <div className={classNames('flex flex-col', chartHeight(size))}>
      <ChartLegend buckets={buckets} kind={kind} pointed={pointed} formatValue={formatValue} />
      <div className="relative min-h-0 flex-1">
        {isTable || plot.isError ? (
          <ChartTable label={label} buckets={buckets} formatValue={formatValue} emptyText={emptyText} />
        ) : plot.data === undefined ? (
          <div role="status" aria-label="Loading" className="h-full px-4 pt-2 pb-4">
            <Skeleton className="h-full" />
          </div>
        ) : (
          <>
            <Drawing {...{ label, kind, buckets, formatValue, group }} draw={plot.data} onPoint={setPointed} />
            {hasNothing && (
              <p className="pointer-events-none absolute inset-0 grid place-items-center pr-4 pb-8 pl-12 text-center text-muted">
                <span className="bg-panel px-2 py-1">{emptyText}</span>
              </p>
            )}
          </>
        )}
      </div>
    </div>
  )
}

interface DrawingProps extends Pick<ChartProps, 'label' | 'kind' | 'buckets' | 'formatValue'> {
  readonly group: string | undefined
  readonly draw: DrawPlot
  readonly onPoint: (index: number | null) => void
}

function Drawing({ label, kind, buckets, formatValue, group, draw, onPoint }: DrawingProps) {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot>(null)
  const shownIn = useObservable(zone)
  const colours = buckets.series.map(({ colour }) => colour).join()
  useEffect(() => {
    if (!host.current) return
    const drawn = draw(host.current, {
      ...{ kind, formatValue, group, onPoint, zone: shownIn },
      colours: colours.split(',') as Buckets['series'][number]['colour'][],
    })
    plot.current = drawn
    return () => {
      plot.current = null
      onPoint(null)
      drawn.destroy()
    }
  }, [draw, kind, formatValue, group, onPoint, shownIn, colours])
  // After the effect above, so that a drawing that was made anew gets its numbers too.
  useEffect(() => plot.current?.update(buckets), [buckets, draw, kind, formatValue, group, onPoint, shownIn, colours])
  return (
    // The host itself has no padding: the drawing is as wide as it.
    <div className="h-full px-2">
      <div ref={host} role="img" aria-label={`${label}. The button “Table” shows its numbers.`} className="h-full" />
    </div>
  )
}
