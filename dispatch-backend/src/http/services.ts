/** What the routes call, built once from the dependencies. */
import { BasicAuth } from '../auth/basic.js'
import { Passwords } from '../auth/passwords.js'
import { Sessions } from '../auth/sessions.js'
import { Accounts } from '../domain/account.js'
import { ApiKeyRing } from '../domain/api-key-ring.js'
import { ApiKeys } from '../domain/api-key.js'
import { Jobs } from '../domain/job.js'
import { Projects } from '../domain/project.js'
import { SigningSecrets } from '../domain/signing-secret.js'
import type { Store } from '../store/store.js'
import type { AppDeps } from './app-deps.js'
import { Gate } from './gate.js'
import { createRateLimiter } from './rate-limiter.js'

export interface Services {
  readonly store: Store
  readonly jobs: Jobs
  readonly projects: Projects
  readonly apiKeys: ApiKeys
  readonly keyRing: ApiKeyRing
  readonly signingSecrets: SigningSecrets
  readonly accounts: Accounts
  readonly basicAuth: BasicAuth
  readonly sessions: Sessions
  readonly gate: Gate
}

export async function createServices(deps: AppDeps): Promise<Services> {
  const { store, clock, events, sealer, limits, wake, addressGuard } = deps
  const createLimiter = deps.createRateLimiter ?? ((rule) => createRateLimiter(rule, clock))
  const passwords = await Passwords.create()
  const sessions = new Sessions(store, clock, deps.sessions)
  const basicAuth = new BasicAuth(store, passwords, sessions)
  const keyRing = new ApiKeyRing(store, clock)
  const signingSecrets = new SigningSecrets(store, clock, sealer)
  return {
    store,
    jobs: new Jobs({ store, clock, events, wake, checkUrl: (url) => addressGuard.checkUrl(url) }),
    projects: new Projects(store, clock, signingSecrets),
    apiKeys: new ApiKeys(store, clock),
    keyRing,
    signingSecrets,
    accounts: new Accounts(store, clock, (password) => passwords.hash(password)),
    basicAuth,
    sessions,
    gate: new Gate({ keyRing, provider: basicAuth, limits, createLimiter }),
  }
}
