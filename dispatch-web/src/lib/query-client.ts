import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './api-error'
import { isApiReachable } from './connection'

/** How long what was read counts as fresh; live events and mutations refresh it earlier. */
const FRESH_MS = 10_000
const TRIES = 2

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      // What the API refused it will refuse again; while it is away a probe watches for it (`connection.ts`).
      retry: (failures, error) => failures < TRIES && isPassing(error),
      retryDelay: (failures, error) => waitOf(error) ?? 500 * 2 ** failures,
      // The browser's own idea of being online says nothing about a server on this machine.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})

/** What took the database too long would take it as long again. */
function isPassing(error: unknown): boolean {
  return error instanceof ApiError && error.status >= 500 && error.code !== 'QUERY_TOO_SLOW'
}

function waitOf(error: unknown): number | undefined {
  const seconds = error instanceof ApiError ? error.retryAfterSeconds : null
  return seconds === null ? undefined : seconds * 1000
}

isApiReachable.subscribe(() => {
  if (isApiReachable.get()) void queryClient.invalidateQueries()
})
