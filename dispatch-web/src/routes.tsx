/** Every address of the dashboard. Pages are loaded when they are first opened; `README.md` says how to add one. */
import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, redirect } from '@tanstack/react-router'
import { statsRange } from 'dispatch-contract'
import * as z from 'zod'
import { setupQuery } from './features/setup/api'
import { lazyPage, loadCode } from './lib/page-code'
import { token } from './lib/session'
import { jobsSearch } from './pages/jobs/search'
import { NotFoundPage } from './pages/not-found'
import { RootFrame } from './pages/root-frame'
import { Shell } from './pages/shell/shell'

export interface RouterContext {
  readonly queryClient: QueryClient
}

const root = createRootRouteWithContext<RouterContext>()({ component: RootFrame })

const text = z.string().optional().catch(undefined)
/** A path of ours to go on to after the sign-in; anything else (another site's) is dropped. */
const ownPath = z
  .string()
  .regex(/^\/(?![/\\])/)
  .optional()
  .catch(undefined)

// ---- Before the sign-in ----

const entry = createRoute({
  id: 'entry',
  getParentRoute: () => root,
  validateSearch: z.object({ from: ownPath }),
  beforeLoad: ({ search }) => {
    if (token.get() !== null) redirect({ href: search.from ?? '/', throw: true })
  },
})

/** An empty install leads to creating its owner; while the API is away nobody knows, and its banner says so. */
async function needsOwner({ queryClient }: RouterContext): Promise<boolean | undefined> {
  const setup = await queryClient.query({ ...setupQuery, staleTime: 'static' }).catch(() => undefined)
  return setup?.needsOwner
}

const signIn = createRoute({
  path: '/sign-in',
  getParentRoute: () => entry,
  validateSearch: z.object({ expired: z.boolean().optional().catch(undefined) }),
  beforeLoad: async ({ context }) => {
    if (await needsOwner(context)) redirect({ to: '/welcome', throw: true })
  },
  component: lazyPage(() => import('./pages/sign-in'), 'SignInPage'),
})

const signUp = createRoute({
  path: '/sign-up',
  getParentRoute: () => entry,
  beforeLoad: async ({ context }) => {
    if (await needsOwner(context)) redirect({ to: '/welcome', throw: true })
  },
  component: lazyPage(() => import('./pages/sign-up'), 'SignUpPage'),
})

const welcome = createRoute({
  path: '/welcome',
  getParentRoute: () => entry,
  beforeLoad: async ({ context }) => {
    if ((await needsOwner(context)) === false) redirect({ to: '/sign-in', throw: true })
  },
  component: lazyPage(() => import('./pages/sign-up'), 'WelcomePage'),
})

const verifyEmail = createRoute({
  path: '/verify-email',
  getParentRoute: () => entry,
  validateSearch: z.object({ email: text }),
  component: lazyPage(() => import('./pages/verify-email'), 'VerifyEmailPage'),
})

const forgotPassword = createRoute({
  path: '/forgot-password',
  getParentRoute: () => entry,
  component: lazyPage(() => import('./pages/forgot-password'), 'ForgotPasswordPage'),
})

/** Where mailed links lead; also for who is signed in. */
const resetPassword = createRoute({
  path: '/reset-password',
  getParentRoute: () => root,
  validateSearch: z.object({ token: text }),
  component: lazyPage(() => import('./pages/reset-password'), 'ResetPasswordPage'),
})

// ---- For everybody ----

const OpenFrame = lazyPage(() => import('./pages/shell/open-frame'), 'OpenFrame')

const docs = createRoute({
  path: '/docs',
  getParentRoute: () => root,
  component: OpenFrame,
})

const docsIndex = createRoute({
  path: '/',
  getParentRoute: () => docs,
  beforeLoad: () => {
    redirect({ to: '/docs/$name', params: { name: 'using' }, replace: true, throw: true })
  },
})

const docsDocument = createRoute({
  path: '/$name',
  getParentRoute: () => docs,
  loader: async ({ params }) => (await loadCode(() => import('./pages/docs/documents'))).openDocument(params.name),
  component: lazyPage(() => import('./pages/docs/docs'), 'DocsPage'),
})

const open = createRoute({ id: 'open', getParentRoute: () => root, component: OpenFrame })

const verify = createRoute({
  path: '/verify',
  getParentRoute: () => open,
  component: lazyPage(() => import('./pages/verify/verify'), 'VerifyPage'),
})

/** In the frame of whoever asks, so that there is a way on. */
const nowhere = createRoute({ path: '$', getParentRoute: () => open, component: NotFoundPage })

// ---- Behind it ----

const app = createRoute({
  id: 'app',
  getParentRoute: () => root,
  beforeLoad: ({ location }) => {
    if (token.get() !== null) return
    const from = location.href === '/' ? undefined : location.href
    redirect({ to: '/sign-in', search: { from }, throw: true })
  },
  component: Shell,
})

const overview = createRoute({
  path: '/',
  getParentRoute: () => app,
  validateSearch: z.object({
    range: statsRange.optional().catch(undefined),
    projectId: text,
    /** How far the forecast looks. */
    ahead: z.enum(['1h', '24h']).optional().catch(undefined),
  }),
  component: lazyPage(() => import('./pages/overview/overview'), 'OverviewPage'),
})

const jobs = createRoute({
  path: '/jobs',
  getParentRoute: () => app,
  validateSearch: jobsSearch,
  component: lazyPage(() => import('./pages/jobs/jobs'), 'JobsPage'),
})

const newJob = createRoute({
  path: '/jobs/new',
  getParentRoute: () => app,
  validateSearch: z.object({
    projectId: text,
    /** Fills in the address of the project's echo. */
    to: z.literal('echo').optional().catch(undefined),
  }),
  component: lazyPage(() => import('./pages/new-job/new-job'), 'NewJobPage'),
})

const job = createRoute({
  path: '/jobs/$jobId',
  getParentRoute: () => app,
  component: lazyPage(() => import('./pages/job/job'), 'JobPage'),
})

const projects = createRoute({
  path: '/projects',
  getParentRoute: () => app,
  component: lazyPage(() => import('./pages/projects'), 'ProjectsPage'),
})

const project = createRoute({
  path: '/projects/$projectId',
  getParentRoute: () => app,
  component: lazyPage(() => import('./pages/project/project'), 'ProjectPage'),
})

const echo = createRoute({
  path: '/projects/$projectId/echo',
  getParentRoute: () => app,
  component: lazyPage(() => import('./pages/echo/echo'), 'EchoPage'),
})

const settings = createRoute({
  path: '/settings',
  getParentRoute: () => app,
  component: lazyPage(() => import('./pages/settings/settings'), 'SettingsPage'),
})

export const routeTree = root.addChildren([
  entry.addChildren([signIn, signUp, welcome, verifyEmail, forgotPassword]),
  resetPassword,
  docs.addChildren([docsIndex, docsDocument]),
  open.addChildren([verify, nowhere]),
  app.addChildren([overview, jobs, newJob, job, projects, project, echo, settings]),
])
