import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { StatsRange } from 'dispatch-contract'
import { Page } from '../../components/page'
import { Segmented } from '../../components/segmented'
import { statsQuery } from '../../features/stats/api'
import { DeliveriesPanel } from './deliveries-panel'
import { EndpointsPanel } from './endpoints-panel'
import { FirstStepsPanel } from './first-steps-panel'
import { ForecastPanel } from './forecast-panel'
import { LatenessPanel } from './lateness-panel'
import { LatestFailuresPanel } from './latest-failures-panel'
import { ProjectFilter } from './project-filter'
import { StateCountsPanel } from './state-counts-panel'

const route = getRouteApi('/app/')
const STANDARD_RANGE: StatsRange = '24h'
const RANGES = [
  { value: '1h', label: '1 h' },
  { value: '24h', label: '24 h' },
  { value: '7d', label: '7 d' },
  { value: '30d', label: '30 d' },
] as const

/** What is about to happen, and what went wrong. */
export function OverviewPage() {
  const { range = STANDARD_RANGE, projectId, ahead = '1h' } = route.useSearch()
  const navigate = route.useNavigate()
  const stats = useQuery(statsQuery({ range, projectId }))
  const show = (next: { range?: StatsRange; projectId?: string | undefined; ahead?: '1h' | '24h' }): void =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false })
  return (
    <Page
      title="Overview"
      actions={
        <>
          <ProjectFilter value={projectId} onChange={(next) => show({ projectId: next })} />
          <Segmented label="Range" options={RANGES} value={range} onChange={(next) => show({ range: next })} />
        </>
      }
    >
      {projectId === undefined && <FirstStepsPanel states={stats.data?.states} />}
      <StateCountsPanel query={stats} projectId={projectId} />
      <ForecastPanel projectId={projectId} ahead={ahead} onAhead={(next) => show({ ahead: next })} />
      <div className="grid gap-5 lg:grid-cols-2">
        <DeliveriesPanel query={stats} />
        <LatenessPanel query={stats} />
      </div>
      <EndpointsPanel query={stats} projectId={projectId} />
      <LatestFailuresPanel query={stats} />
      {stats.data?.isExact === false && (
        <p className="text-sm text-muted">
          To stay fast, some of what is very busy was left out here: take the numbers of this page as “at least”.
        </p>
      )}
    </Page>
  )
}
