import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { jobDetails, jobPage, type JobStatus } from 'dispatch-contract'
import { callApi } from '../../lib/api-client'

export interface JobFilter {
  readonly status?: JobStatus | undefined
  readonly projectId?: string | undefined
  readonly page?: number | undefined
  readonly limit?: number | undefined
}

export const jobsQuery = (filter: JobFilter) =>
  queryOptions({
    queryKey: ['jobs', filter],
    queryFn: ({ signal }) => callApi({ path: '/jobs', query: { ...filter }, data: jobPage, signal }),
    // The rows before stay until the next ones are there: nothing jumps.
    placeholderData: keepPreviousData,
  })

export const jobQuery = (jobId: string) =>
  queryOptions({
    queryKey: ['jobs', jobId],
    queryFn: ({ signal }) => callApi({ path: `/jobs/${encodeURIComponent(jobId)}`, data: jobDetails, signal }),
  })
