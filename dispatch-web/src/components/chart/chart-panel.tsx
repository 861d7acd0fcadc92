import type { UseQueryResult } from '@tanstack/react-query'
import { TableProperties } from 'lucide-react'
import { useMemo, useState, type ReactNode } from 'react'
import { classNames } from '../../lib/class-names'
import { Button } from '../button'
import { DataView } from '../data-view'
import { Panel } from '../panel'
import { Skeleton } from '../skeleton'
import { Chart, chartHeight, type ChartProps } from './chart'
import type { Buckets } from './series'

export interface ChartPanelProps<Data> extends Omit<ChartProps, 'buckets' | 'isTable' | 'label'> {
  readonly title: string
  readonly description?: ReactNode
  readonly actions?: ReactNode
  readonly query: UseQueryResult<Data>
  /** What to draw of the answer. Must stay the same function between renders. */
  readonly toBuckets: (data: Data) => Buckets
}

/** A chart of what a query answers, with a button to its table. */
export function ChartPanel<Data>({ title, description, actions, query, toBuckets, ...chart }: ChartPanelProps<Data>) {
  const [isTable, setTable] = useState(false)
  return (
    <Panel
      title={title}
      description={description}
      actions={
        <>
          {actions}
          <Button
            size="sm"
            look={isTable ? 'plain' : 'quiet'}
            aria-label={`Table of ${title}`}
            aria-pressed={isTable}
            icon={<TableProperties aria-hidden size={14} />}
            onClick={() => setTable(!isTable)}
          >
            <span className="max-sm:sr-only">Table</span>
          </Button>
        </>
      }
    >
      <DataView query={query} skeleton={<ChartSkeleton size={chart.size} />}>
        {(data) => <Drawn data={data} toBuckets={toBuckets} chart={{ ...chart, label: title, isTable }} />}
      </DataView>
    </Panel>
  )
}

interface DrawnProps<Data> {
  readonly data: Data
  readonly toBuckets: (data: Data) => Buckets
  readonly chart: Omit<ChartProps, 'buckets'>
}

/** Drawn again when the numbers are others, and not with each turn of a clock. */
function Drawn<Data>({ data, toBuckets, chart }: DrawnProps<Data>) {
  const buckets = useMemo(() => toBuckets(data), [data, toBuckets])
  return <Chart {...chart} buckets={buckets} />
}

function ChartSkeleton({ size }: { readonly size: ChartProps['size'] }) {
  return (
    <div role="status" aria-label="Loading" className={classNames('flex flex-col px-4 pt-3 pb-4', chartHeight(size))}>
      <Skeleton className="mb-3 h-3 w-56 max-w-full" />
      <Skeleton className="flex-1" />
    </div>
  )
}
