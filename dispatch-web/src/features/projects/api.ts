/** Projects, their API keys and their signing secret. */
import { queryOptions } from '@tanstack/react-query'
import {
  apiKey,
  newApiKey,
  project,
  signingSecret,
  type CreateApiKeyBody,
  type CreateProjectBody,
  type RenameProjectBody,
  type RotateSecretBody,
} from 'dispatch-contract'
import * as z from 'zod'
import { callApi, nothing } from '../../lib/api-client'

const at = (projectId: string, rest = ''): string => `/projects/${encodeURIComponent(projectId)}${rest}`

export const projectsQuery = queryOptions({
  queryKey: ['projects'],
  queryFn: ({ signal }) => callApi({ path: '/projects', data: z.array(project), signal }),
})

export const projectQuery = (projectId: string) =>
  queryOptions({
    queryKey: ['projects', projectId],
    queryFn: ({ signal }) => callApi({ path: at(projectId), data: project, signal }),
  })

export function createProject(body: CreateProjectBody) {
  return callApi({ method: 'POST', path: '/projects', body, data: project })
}

export function renameProject(projectId: string, body: RenameProjectBody) {
  return callApi({ method: 'PUT', path: at(projectId), body, data: project })
}

export function deleteProject(projectId: string) {
  return callApi({ method: 'DELETE', path: at(projectId), data: nothing })
}

export const apiKeysQuery = (projectId: string) =>
  queryOptions({
    queryKey: ['projects', projectId, 'api-keys'],
    queryFn: ({ signal }) => callApi({ path: at(projectId, '/api-keys'), data: z.array(apiKey), signal }),
  })

export function createApiKey(projectId: string, body: CreateApiKeyBody) {
  return callApi({ method: 'POST', path: at(projectId, '/api-keys'), body, data: newApiKey })
}

export function revokeApiKey(projectId: string, keyId: string) {
  return callApi({ method: 'DELETE', path: at(projectId, `/api-keys/${encodeURIComponent(keyId)}`), data: nothing })
}

/** The secret itself: it is not kept once nobody looks at it. */
export const signingSecretQuery = (projectId: string) =>
  queryOptions({
    queryKey: ['projects', projectId, 'signing-secret'],
    queryFn: ({ signal }) => callApi({ path: at(projectId, '/signing-secret'), data: signingSecret, signal }),
    gcTime: 0,
  })

export function rotateSigningSecret(projectId: string, body: RotateSecretBody) {
  return callApi({ method: 'POST', path: at(projectId, '/signing-secret/rotate'), body, data: signingSecret })
}
