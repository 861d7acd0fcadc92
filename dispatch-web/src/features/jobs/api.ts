/** Jobs: read, schedule, fire again, cancel. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import {
  cancelledJobs,
  job,
  jobDetails,
  jobPage,
  jobRequest,
  type JobSort,
  type ReplayJobBody,
  type SortOrder,
} from 'dispatch-contract'
import { callApi, nothing } from '../../lib/api-client'
import { JOB_LISTS, jobKey } from './keys'
import { patched, patchedPage } from './patch-job'
import { readBesideEvents } from './reads-under-way'

/** As in the query string of `GET /jobs`. */
export interface JobFilter {
  /** Several are separated by commas. */
  readonly status?: string | undefined
  readonly projectId?: string | undefined
  readonly endpoint?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly q?: string | undefined
  readonly sort?: JobSort | undefined
  readonly order?: SortOrder | undefined
  readonly page?: number | undefined
  readonly limit?: number | undefined
}

export const jobsQuery = (filter: JobFilter) =>
  queryOptions({
    queryKey: [...JOB_LISTS, filter],
    queryFn: ({ signal }) =>
      readBesideEvents(() => callApi({ path: '/jobs', query: { ...filter }, data: jobPage, signal }), patchedPage),
    // The rows before stay until the next ones are there: nothing jumps.
    placeholderData: keepPreviousData,
  })

export const jobQuery = (jobId: string) =>
  queryOptions({
    queryKey: jobKey(jobId),
    queryFn: ({ signal }) => readBesideEvents(() => callApi({ path: at(jobId), data: jobDetails, signal }), patched),
  })

/** Of the attempt, or without one what would be sent. */
export const jobRequestQuery = (jobId: string, attempt: number | undefined) =>
  queryOptions({
    queryKey: ['jobs', 'request', jobId, attempt ?? null],
    queryFn: ({ signal }) => callApi({ path: at(jobId, '/request'), query: { attempt }, data: jobRequest, signal }),
    placeholderData: keepPreviousData,
  })

/** `bodyText`: of `jobBodyText`. The same `key` again makes no second job. */
export function createJob(projectId: string, bodyText: string, key: string) {
  const path = `/projects/${encodeURIComponent(projectId)}/jobs`
  return callApi({ method: 'POST', path, bodyText, headers: { 'idempotency-key': key }, data: job })
}

/** A new job with the same URL and payload; the same `key` again makes no second one. */
export function replayJob(jobId: string, body: ReplayJobBody, key: string) {
  const headers = { 'idempotency-key': key }
  return callApi({ method: 'POST', path: at(jobId, '/replay'), body, headers, data: job })
}

/** Also one that failed and waits for its retry: the page says so before it asks. */
export function cancelJob(jobId: string) {
  return callApi({ method: 'POST', path: at(jobId, '/cancel'), query: { retrying: true }, data: nothing })
}

/** At most 500 ids; answers which were cancelled, and why the others were not. */
export function cancelJobs(ids: readonly string[]) {
  return callApi({ method: 'POST', path: '/jobs/cancel', body: { ids, retrying: true }, data: cancelledJobs })
}

function at(jobId: string, rest = ''): string {
  return `/jobs/${encodeURIComponent(jobId)}${rest}`
}
