/**
 * Who may pass. Each guard is an `onRequest` hook, so a stranger's body is never read. Strangers are limited by address;
 * callers with valid credentials by their key or user instead, so that many of them may share an address.
 */
import type { FastifyRequest } from 'fastify'
import type { AuthProvider, SignedInUser } from '../auth/provider.js'
import type { Clock } from '../clock.js'
import type { ApiKeyIdentity, ApiKeyRing } from '../domain/api-key-ring.js'
import { DispatchError } from '../errors.js'
import type { JobScope } from '../store/store.js'
import type { RequestLimits } from './app-deps.js'
import { limitKey } from './client-address.js'
import { createRateLimiter, type RateLimiter } from './rate-limiter.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard of the route. */
    caller: Caller | null
  }
}

export type Caller =
  { readonly kind: 'apiKey'; readonly key: ApiKeyIdentity } | { readonly kind: 'user'; readonly signedIn: SignedInUser }

type Guard = (request: FastifyRequest) => Promise<void>

const MINUTE_MS = 60_000
const QUARTER_HOUR_MS = 15 * MINUTE_MS

export class Gate {
  readonly #keyRing: ApiKeyRing
  readonly #provider: AuthProvider
  readonly #strangers: RateLimiter
  readonly #callers: RateLimiter
  readonly #signInCalls: RateLimiter
  readonly #signInFailures: RateLimiter

  constructor(options: { keyRing: ApiKeyRing; provider: AuthProvider; limits: RequestLimits; clock: Clock }) {
    const { keyRing, provider, limits, clock } = options
    this.#keyRing = keyRing
    this.#provider = provider
    this.#strangers = createRateLimiter(limits.perMinutePerAddress, MINUTE_MS, clock)
    this.#callers = createRateLimiter(limits.perMinutePerKey, MINUTE_MS, clock)
    this.#signInCalls = createRateLimiter(limits.authPer15Minutes, QUARTER_HOUR_MS, clock)
    this.#signInFailures = createRateLimiter(limits.authPer15Minutes, QUARTER_HOUR_MS, clock)
  }

  /** For routes that take an API key. A write checks it again where it is stored, so what was read lately will do. */
  readonly apiKey: Guard = (request) => this.#admitKey(request, false)

  /** For routes of signed-in users. */
  readonly user: Guard = (request) => this.#admitUser(request)

  /** For writes by key or user. */
  readonly keyOrUser: Guard = (request) => this.#admitEither(request, false)

  /** For reads by key or user: nothing checks the key after us, so it is read now. */
  readonly freshKeyOrUser: Guard = (request) => this.#admitEither(request, true)

  /** For routes that answer anybody. */
  readonly anyone: Guard = (request) => take(this.#strangers, limitKey(request.ip))

  /** For routes where one signs in or up. */
  readonly signIn: Guard = (request) => take(this.#signInCalls, limitKey(request.ip))

  /**
   * Runs a sign-in of `account` under the account's own limit, whatever addresses the tries come from. Taken before the
   * try, so that many at once cannot pass together, and given back when it succeeds.
   */
  async limitSignIn<Result>(account: string, tryIt: () => Promise<Result>): Promise<Result> {
    await take(this.#signInFailures, account)
    const result = await tryIt()
    await this.#signInFailures.giveBack(account)
    return result
  }

  #admitEither(request: FastifyRequest, fresh: boolean): Promise<void> {
    return request.headers['x-api-key'] === undefined ? this.#admitUser(request) : this.#admitKey(request, fresh)
  }

  async #admitKey(request: FastifyRequest, fresh: boolean): Promise<void> {
    const text = request.headers['x-api-key']
    const key = typeof text === 'string' ? text : ''
    if (!this.#keyRing.isKnown(key)) await this.#refuseTiredStranger(request)
    const identity = await this.#keyRing.identify(key, { fresh })
    if (!identity) {
      await this.#strangers.take(limitKey(request.ip))
      throw new DispatchError('API_KEY_INVALID')
    }
    await take(this.#callers, `key ${identity.id}`)
    request.caller = { kind: 'apiKey', key: identity }
  }

  async #admitUser(request: FastifyRequest): Promise<void> {
    await this.#refuseTiredStranger(request)
    const signedIn = await this.#provider.identify(request.headers)
    if (!signedIn) {
      await this.#strangers.take(limitKey(request.ip))
      throw new DispatchError('SESSION_INVALID')
    }
    await take(this.#callers, `user ${signedIn.user.id}`)
    request.caller = { kind: 'user', signedIn }
  }

  async #refuseTiredStranger(request: FastifyRequest): Promise<void> {
    refuseFor(await this.#strangers.waitMs(limitKey(request.ip)))
  }
}

/** The signed-in user of a route behind `gate.user`. */
export function userOf(request: FastifyRequest): SignedInUser {
  if (request.caller?.kind !== 'user') throw new DispatchError('SESSION_INVALID')
  return request.caller.signedIn
}

/** The key of a route behind `gate.apiKey`. */
export function keyOf(request: FastifyRequest): ApiKeyIdentity {
  if (request.caller?.kind !== 'apiKey') throw new DispatchError('API_KEY_INVALID')
  return request.caller.key
}

/** Whose jobs the caller may see. */
export function scopeOf(request: FastifyRequest): JobScope {
  if (request.caller?.kind !== 'apiKey') return { kind: 'user', userId: userOf(request).user.id }
  return { kind: 'apiKey', projectId: request.caller.key.projectId, apiKeyId: request.caller.key.id }
}

async function take(limiter: RateLimiter, key: string): Promise<void> {
  refuseFor(await limiter.take(key))
}

function refuseFor(waitMs: number): void {
  if (waitMs > 0.001) throw new DispatchError('RATE_LIMITED', { retryAfterSeconds: Math.ceil(waitMs / 1000) })
}
