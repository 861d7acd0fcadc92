/** A project's echo: what it answers, and what came to it. `useLiveJobs` has it read again when it changes. */
import { queryOptions } from '@tanstack/react-query'
import { echo, echoRequest, echoRequestItem, type UpdateEchoBody } from 'dispatch-contract'
import * as z from 'zod'
import { callApi, nothing } from '../../lib/api-client'
import { ECHOES } from './keys'

const at = (projectId: string, rest = ''): string => `/projects/${encodeURIComponent(projectId)}/echo${rest}`

export const echoQuery = (projectId: string) =>
  queryOptions({
    queryKey: [...ECHOES, projectId],
    queryFn: ({ signal }) => callApi({ path: at(projectId), data: echo, signal }),
  })

export function updateEcho(projectId: string, body: UpdateEchoBody) {
  return callApi({ method: 'PUT', path: at(projectId), body, data: echo })
}

export function rotateEcho(projectId: string) {
  return callApi({ method: 'POST', path: at(projectId, '/rotate'), data: echo })
}

export const echoRequestsQuery = (projectId: string) =>
  queryOptions({
    queryKey: [...ECHOES, projectId, 'requests'],
    queryFn: ({ signal }) => callApi({ path: at(projectId, '/requests'), data: z.array(echoRequestItem), signal }),
  })

/** A request that was kept does not change any more. */
export const echoRequestQuery = (projectId: string, requestId: string) =>
  queryOptions({
    queryKey: ['echo-request', projectId, requestId],
    queryFn: ({ signal }) =>
      callApi({ path: at(projectId, `/requests/${encodeURIComponent(requestId)}`), data: echoRequest, signal }),
    staleTime: 'static',
  })

export function clearEchoRequests(projectId: string) {
  return callApi({ method: 'DELETE', path: at(projectId, '/requests'), data: nothing })
}
