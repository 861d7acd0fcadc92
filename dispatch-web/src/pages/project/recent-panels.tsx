import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Stats } from 'dispatch-contract'
import { CalendarClock, Plus } from 'lucide-react'
import { buttonClass } from '../../components/button'
import { ChartPanel } from '../../components/chart/chart-panel'
import { DataView } from '../../components/data-view'
import { EmptyState } from '../../components/empty-state'
import { Panel } from '../../components/panel'
import { JobTable } from '../../features/jobs/job-table'
import { jobsQuery } from '../../features/jobs/api'
import { statsQuery } from '../../features/stats/api'
import { deliveriesByDay, formatCount, formatShare } from '../../features/stats/buckets'

const RECENT = 5

/** How the deliveries of the last days went. */
export function ProjectDeliveriesPanel({ projectId }: { readonly projectId: string }) {
  const stats = useQuery(statsQuery({ range: '30d', projectId }))
  return (
    <ChartPanel
      title="Last 30 days"
      description={describe(stats.data)}
      query={stats}
      toBuckets={deliveriesByDay}
      kind="bars"
      size="small"
      formatValue={formatCount}
      emptyText="Nothing was delivered yet."
    />
  )
}

function describe(stats: Stats | undefined): string {
  if (!stats || stats.totals.attempts === 0) return 'Attempts by day, in UTC.'
  const { succeeded, attempts } = stats.totals
  return `${formatShare(succeeded / attempts)} of ${formatCount(attempts)} attempts delivered, by day in UTC.`
}

export function RecentJobsPanel({ projectId }: { readonly projectId: string }) {
  const jobs = useQuery(jobsQuery({ projectId, limit: RECENT }))
  return (
    <Panel
      title="Recent jobs"
      actions={
        <Link to="/jobs" search={{ projectId }} className={buttonClass('quiet', 'sm')}>
          All jobs
        </Link>
      }
    >
      <DataView query={jobs}>
        {(found) =>
          found.jobs.length === 0 ? (
            <EmptyState
              icon={CalendarClock}
              title="No job yet"
              action={
                <Link to="/jobs/new" search={{ projectId }} className={buttonClass()}>
                  <Plus aria-hidden size={16} />
                  New job
                </Link>
              }
            >
              Make a key below for your application, or schedule one here.
            </EmptyState>
          ) : (
            <JobTable jobs={found.jobs} isOfOneProject />
          )
        }
      </DataView>
    </Panel>
  )
}
