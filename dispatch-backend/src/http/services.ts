/** What the routes call, built once from the dependencies. */
import { BasicAuth } from '../auth/basic.js'
import { Passwords } from '../auth/passwords.js'
import { Sessions } from '../auth/sessions.js'
import { Accounts } from '../domain/account.js'
import { ApiKeyRing } from '../domain/api-key-ring.js'
import { ApiKeys } from '../domain/api-key.js'
import { Jobs } from '../domain/job.js'
import { Echoes } from '../domain/echo.js'
import { Profiles } from '../domain/profile.js'
import { Projects } from '../domain/project.js'
import { Registrations } from '../domain/registration.js'
import type { SentRequestDeps } from '../domain/sent-request.js'
import { SigningSecrets } from '../domain/signing-secret.js'
import { StatsReader } from '../domain/stats.js'
import type { Clock } from '../clock.js'
import type { Store } from '../store/store.js'
import type { AppDeps } from './app-deps.js'
import { newId } from '../domain/id.js'
import { EventStreams } from '../live/event-streams.js'
import { Gate } from './gate.js'
import { createRateLimiter } from './rate-limiter.js'

export interface Services {
  readonly store: Store
  readonly clock: Clock
  readonly jobs: Jobs
  readonly sentRequests: SentRequestDeps
  readonly projects: Projects
  readonly echoes: Echoes
  readonly publicUrl: AppDeps['publicUrl']
  readonly apiKeys: ApiKeys
  readonly keyRing: ApiKeyRing
  readonly signingSecrets: SigningSecrets
  readonly accounts: Accounts
  /** null = mail is off. */
  readonly registrations: Registrations | null
  readonly profiles: Profiles
  readonly basicAuth: BasicAuth
  readonly sessions: Sessions
  readonly stats: StatsReader
  readonly streams: EventStreams
  readonly gate: Gate
}

export async function createServices(deps: AppDeps): Promise<Services> {
  const { store, clock, events, sealer, limits, wake, addressGuard } = deps
  const createLimiter = deps.createRateLimiter ?? ((rule) => createRateLimiter(rule, clock))
  const passwords = await Passwords.create()
  const sessions = new Sessions(store, clock, deps.sessions)
  const { mail = null } = deps
  const registrations = mail && new Registrations({ store, clock, passwords, mail })
  const basicAuth = new BasicAuth({ store, passwords, sessions, registrations })
  const keyRing = new ApiKeyRing(store, clock)
  const signingSecrets = new SigningSecrets(store, clock, sealer)
  return {
    store,
    clock,
    jobs: new Jobs({ store, clock, events, wake, checkUrl: (url) => addressGuard.checkUrl(url) }),
    sentRequests: { store, sealer, userAgent: deps.userAgent },
    projects: new Projects(store, clock, signingSecrets),
    echoes: new Echoes({ store, clock, events, sealer }),
    publicUrl: deps.publicUrl,
    apiKeys: new ApiKeys(store, clock),
    keyRing,
    signingSecrets,
    accounts: new Accounts(store, clock, (password) => passwords.hash(password)),
    registrations,
    profiles: new Profiles({ store, clock, passwords, mail }),
    basicAuth,
    sessions,
    stats: new StatsReader(store, clock),
    streams: deps.streams ?? new EventStreams({ store, clock, events, newId }),
    gate: new Gate({ keyRing, provider: basicAuth, limits, createLimiter }),
  }
}
