import type { Clock } from '../clock.js'
import type { Events } from '../events.js'
import type { MailSender } from '../domain/registration.js'
import type { Sealer } from '../domain/secrets.js'
import type { DueJob, Store } from '../store/store.js'
import type { EventStreams } from '../live/event-streams.js'
import type { CreateRateLimiter } from './rate-limiter.js'

/** Everything the HTTP API is built from: plain values and functions, no configuration object. */
export interface AppDeps {
  readonly store: Store
  readonly clock: Clock
  readonly events: Events
  /** Encrypts signing secrets (`createSealer(key)`). */
  readonly sealer: Sealer
  /** Of deliveries, to show them as they are sent: `Dispatch/1.2.3`. */
  readonly userAgent: string
  /** What is plainly not allowed gets an early 400 (`createAddressGuard(...)`). */
  readonly addressGuard: { checkUrl(url: URL): { allowed: true } | { allowed: false; reason: string } }
  /** Where this server is reached from outside, an http or https URL: the addresses of echoes begin with it. */
  readonly publicUrl: () => string
  /** Told of each job right after it is stored. */
  readonly wake: (job: DueJob) => void
  /** Live events, which the application starts, and ends when it closes; absent = nothing happens in them. */
  readonly streams?: EventStreams
  /** Answers `/readyz`; `reason` in words when not ready. */
  readonly isReady: () => Readiness
  /** Absent = mail is off: accounts are ready at once. */
  readonly mail?: MailSender
  readonly sessions: SessionSettings
  /** Lets a caller who is not on this machine create the first account; absent = only loopback may. */
  readonly setupToken?: string
  readonly limits: RequestLimits
  /** Open at a time; one address may hold a quarter. 0 = no bound. */
  readonly maxConnections: number
  /** Where limits are counted; absent = in this process alone. */
  readonly createRateLimiter?: CreateRateLimiter
  /** Browser origins that may call the API, such as `https://dispatch.example.com`. */
  readonly corsOrigins: readonly string[]
  /** Adds `localhost` of every port to the origins. */
  readonly development: boolean
  /** `true` = one hop; a number = so many hops; a list = proxies with these addresses or CIDRs. */
  readonly trustProxy: TrustProxy
  /** The built dashboard, a folder with an `index.html`; absent = none is served. */
  readonly staticFolder?: string
  /** Answers `/metrics` to who has the token; absent = 404. */
  readonly metrics?: ScrapedMetrics
}

export interface ScrapedMetrics {
  readonly token: string
  readonly contentType: string
  read(): Promise<string>
}

export interface Readiness {
  readonly ready: boolean
  readonly reason?: string
}

export interface SessionSettings {
  /** Signs session tokens. */
  readonly secret: string
  readonly algorithm: 'HS256' | 'HS384' | 'HS512'
  readonly lifetimeSeconds: number
}

/** 0 = off for each rate. */
export interface RequestLimits {
  /** Of a new job; other requests may be 16 KiB at most. */
  readonly maxBodyBytes: number
  readonly perMinutePerKey: number
  /** Requests without valid credentials, per address (IPv6: per /64). */
  readonly perMinutePerAddress: number
  /** Calls of the sign-in routes per address, and failed sign-ins per account. */
  readonly authPer15Minutes: number
  /** Requests to the echo of one project; absent = off. */
  readonly perMinutePerEcho?: number
  /** Mails asked for by one caller's address, and mails to one mailbox; absent = off. */
  readonly mailPer15Minutes?: number
}

export type TrustProxy = boolean | number | readonly string[]
