import { createRouter } from '@tanstack/react-router'
import { queryClient } from './lib/query-client'
import { onSessionChangedElsewhere, onSessionExpired } from './lib/session'
import { CrashPage } from './pages/crash'
import { NotFoundPage } from './pages/not-found'
import { routeTree } from './routes'

export const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultPreload: 'intent',
  // What a page shows comes from queries, which know themselves what is fresh.
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  defaultErrorComponent: CrashPage,
  defaultNotFoundComponent: NotFoundPage,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

// Whatever was asked last, the session is over: sign in, and go on from here.
onSessionExpired(() => {
  queryClient.clear()
  const { href: from, pathname } = router.state.location
  // Who reads goes on reading, in the plain frame.
  if (pathname.startsWith('/docs/') || pathname === '/verify') return
  void router.navigate({ to: '/sign-in', search: { from, expired: true }, replace: true })
})

// Another tab signed out, or another account in: what was read here is not to be seen any more.
onSessionChangedElsewhere((isSignedIn) => {
  if (isSignedIn) void queryClient.resetQueries()
  else queryClient.clear()
  void router.invalidate()
})
