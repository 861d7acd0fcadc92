import type { UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { jobStatus, type StateCounts, type Stats } from 'dispatch-contract'
import { Lamp } from '../../components/lamp'
import { Panel } from '../../components/panel'
import { Skeleton } from '../../components/skeleton'
import { formatCount } from '../../features/stats/buckets'

export interface StateCountsPanelProps {
  readonly query: UseQueryResult<Stats>
  readonly projectId: string | undefined
}

/** How many jobs are in each state now; each leads to them. */
export function StateCountsPanel({ query: { data }, projectId }: StateCountsPanelProps) {
  return (
    <Panel>
      <h2 className="sr-only">Jobs by state</h2>
      <ul className="grid grid-cols-3 gap-px bg-line lg:grid-cols-6">
        {jobStatus.options.map((status) => (
          <li key={status} className="bg-panel">
            <Link
              to="/jobs"
              search={{ status, ...(projectId !== undefined && { projectId }) }}
              className="flex flex-col gap-1 px-4 py-3 hover:bg-raised/50 focus-visible:outline-offset-[-2px] max-sm:px-3"
            >
              <Lamp state={status} className="max-sm:text-2xs" />
              {data ? <Count of={data.states[status]} /> : <Skeleton className="my-1 h-6 w-12" />}
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Count({ of: { count, isExact } }: { readonly of: StateCounts[keyof StateCounts] }) {
  return (
    <span className="tabular font-mono text-xl">
      {formatCount(count)}
      {!isExact && (
        <span className="text-base text-muted">
          <span aria-hidden>+</span>
          <span className="sr-only"> or more</span>
        </span>
      )}
    </span>
  )
}
