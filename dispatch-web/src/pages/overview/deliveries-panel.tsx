import type { UseQueryResult } from '@tanstack/react-query'
import type { Stats } from 'dispatch-contract'
import { ChartPanel } from '../../components/chart/chart-panel'
import { deliveriesOf, formatCount, formatShare } from '../../features/stats/buckets'

export function DeliveriesPanel({ query }: { readonly query: UseQueryResult<Stats> }) {
  const totals = query.data?.totals
  const hasAny = totals !== undefined && totals.attempts > 0
  return (
    <ChartPanel
      title="Deliveries"
      description={
        hasAny
          ? `${formatShare(totals.succeeded / totals.attempts)} of ${formatCount(totals.attempts)} attempts delivered.`
          : 'Attempts by outcome.'
      }
      query={query}
      toBuckets={deliveriesOf}
      kind="bars"
      formatValue={formatCount}
      emptyText="No attempt in this time."
      group="overview"
    />
  )
}
