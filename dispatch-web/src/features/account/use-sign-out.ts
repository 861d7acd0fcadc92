import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { endSession } from '../../lib/session'
import { signOut } from './api'

/** Ends the session on the server too; when that cannot be reached, at least here. */
export function useSignOut() {
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: () => signOut(),
    onSettled: async () => {
      endSession()
      await navigate({ to: '/sign-in' })
      queryClient.clear()
    },
  })
}
