import { useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import type { SignedIn } from 'dispatch-contract'
import { startSession } from '../../lib/session'

/** What follows a sign-in, whichever way: back to where one was, or to the overview. */
export function useEntry(): (signedIn: SignedIn) => Promise<void> {
  const router = useRouter()
  const queryClient = useQueryClient()
  const { from } = useSearch({ from: '/entry' })
  return async ({ token }) => {
    // What another account read in this tab is none of this one's.
    queryClient.clear()
    startSession(token)
    await router.navigate({ href: from ?? '/', replace: true })
  }
}
