import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { echoQuery, updateEcho } from './api'

export interface ReadyEcho {
  /** Of an enabled echo, as far as it is known. */
  readonly url: string | null
  readonly isBusy: boolean
  readonly error: unknown
  /** Enables the echo where it is off; answers its address, or null when that failed, which `error` tells. */
  readonly makeReady: () => Promise<string | null>
}

/** The echo of a project, for who wants to send a webhook there. */
export function useReadyEcho(projectId: string): ReadyEcho {
  const queryClient = useQueryClient()
  const { data } = useQuery({ ...echoQuery(projectId), enabled: projectId !== '' })
  const enabling = useMutation({
    mutationFn: () => updateEcho(projectId, { enabled: true }),
    onSuccess: (enabled) => queryClient.setQueryData(echoQuery(projectId).queryKey, enabled),
  })
  const url = data?.enabled === true ? data.url : null
  return {
    url,
    isBusy: enabling.isPending,
    error: enabling.error,
    // Asked at once where it is not known yet: whoever clicks need not wait for the reading.
    makeReady: async () => url ?? (await enabling.mutateAsync().catch(() => null))?.url ?? null,
  }
}
