import { queryOptions } from '@tanstack/react-query'
import { setup } from 'dispatch-contract'
import { callApi } from '../../lib/api-client'

/** Whether there is an account yet, and whether this server sends mail. */
export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: ({ signal }) => callApi({ path: '/setup', data: setup, signal }),
})
