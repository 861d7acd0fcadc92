/** Numbers about jobs and attempts. `useLiveJobs` has them read again when jobs change; time alone moves them too. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { forecast, stats, type StatsRange } from 'dispatch-contract'
import { callApi } from '../../lib/api-client'

/** Buckets begin and end, and jobs come due, without any event. */
const READ_EVERY_MS = 30_000

export interface StatsFilter {
  readonly range: StatsRange
  readonly projectId?: string | undefined
}

export const statsQuery = (filter: StatsFilter) =>
  queryOptions({
    queryKey: ['stats', filter],
    queryFn: ({ signal }) => callApi({ path: '/stats', query: { ...filter }, data: stats, signal }),
    // The charts before stay until the next are there.
    placeholderData: keepPreviousData,
    refetchInterval: READ_EVERY_MS,
  })

export const forecastQuery = (projectId: string | undefined) =>
  queryOptions({
    queryKey: ['stats', 'forecast', projectId],
    queryFn: ({ signal }) => callApi({ path: '/stats/forecast', query: { projectId }, data: forecast, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: READ_EVERY_MS,
  })
