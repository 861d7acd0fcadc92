import type { UseQueryResult } from '@tanstack/react-query'
import type { Stats } from 'dispatch-contract'
import { ChartPanel } from '../../components/chart/chart-panel'
import { latenessOf } from '../../features/stats/buckets'
import { formatDuration } from '../../lib/format-time'

export function LatenessPanel({ query }: { readonly query: UseQueryResult<Stats> }) {
  return (
    <ChartPanel
      title="Lateness"
      description="First byte out minus due time, on a logarithmic scale."
      query={query}
      toBuckets={latenessOf}
      kind="lines"
      formatValue={formatDuration}
      emptyText="Nothing was sent in this time."
      group="overview"
    />
  )
}
