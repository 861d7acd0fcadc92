/**
 * Who may pass. Each guard is an `onRequest` hook, so a stranger's body is never read. Strangers are limited by address;
 * callers with valid credentials by their key or user instead, so that many of them may share an address.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AuthProvider, SignedInUser } from '../auth/provider.js'
import type { ApiKeyIdentity, ApiKeyRing } from '../domain/api-key-ring.js'
import { DispatchError, type ErrorCode } from '../errors.js'
import type { JobScope } from '../store/store.js'
import type { RequestLimits } from './app-deps.js'
import { limitKey } from './client-address.js'
import type { Allowance, CreateRateLimiter, RateLimiter } from './rate-limiter.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard of the route. */
    caller: Caller | null
  }
}

export type Caller =
  { readonly kind: 'apiKey'; readonly key: ApiKeyIdentity } | { readonly kind: 'user'; readonly signedIn: SignedInUser }

type Guard = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

const MINUTE_MS = 60_000
const QUARTER_HOUR_MS = 15 * MINUTE_MS
/** Everything else (busy, database away, not verified yet) tells nothing about the password, or that it is right. */
const WRONG_GUESSES: ReadonlySet<ErrorCode> = new Set(['BAD_CREDENTIALS', 'WRONG_PASSWORD'])

export class Gate {
  readonly #keyRing: ApiKeyRing
  readonly #provider: AuthProvider
  readonly #strangers: RateLimiter
  readonly #callers: RateLimiter
  readonly #signInCalls: RateLimiter
  readonly #wrongPasswords: RateLimiter
  readonly #mailCalls: RateLimiter
  readonly #mailsTo: RateLimiter
  readonly #echoes: RateLimiter

  constructor(options: {
    keyRing: ApiKeyRing
    provider: AuthProvider
    limits: RequestLimits
    createLimiter: CreateRateLimiter
  }) {
    const { keyRing, provider, limits, createLimiter } = options
    const perMinute = (name: string, limit: number): RateLimiter => createLimiter({ name, limit, windowMs: MINUTE_MS })
    const perQuarterHour = (name: string, limit: number): RateLimiter =>
      createLimiter({ name, limit, windowMs: QUARTER_HOUR_MS })
    this.#keyRing = keyRing
    this.#provider = provider
    this.#strangers = perMinute('stranger', limits.perMinutePerAddress)
    this.#callers = perMinute('caller', limits.perMinutePerKey)
    this.#echoes = perMinute('echo', limits.perMinutePerEcho ?? 0)
    this.#signInCalls = perQuarterHour('sign-in', limits.authPer15Minutes)
    this.#wrongPasswords = perQuarterHour('account', limits.authPer15Minutes)
    this.#mailCalls = perQuarterHour('mail', limits.mailPer15Minutes ?? 0)
    this.#mailsTo = perQuarterHour('mail-to', limits.mailPer15Minutes ?? 0)
  }

  /** For routes that take an API key. A write checks it again where it is stored, so what was read lately will do. */
  readonly apiKey: Guard = (request, reply) => this.#admitKey(request, reply, false)

  /** For routes of signed-in users. */
  readonly user: Guard = (request, reply) => this.#admitUser(request, reply)

  /** For writes by key or user. */
  readonly keyOrUser: Guard = (request, reply) => this.#admitEither(request, reply, false)

  /** For reads by key or user: nothing checks the key after us, so it is read now. */
  readonly freshKeyOrUser: Guard = (request, reply) => this.#admitEither(request, reply, true)

  /** For routes that answer anybody. */
  readonly anyone: Guard = (request, reply) => take(this.#strangers, limitKey(request.ip), reply)

  /** For routes where one signs in or up. */
  readonly signIn: Guard = (request, reply) => take(this.#signInCalls, limitKey(request.ip), reply)

  /** Runs a sign-in of the account of `email` under a limit of its own, whatever addresses the tries come from. */
  limitSignIn<Result>(reply: FastifyReply, email: string, tryIt: () => Promise<Result>): Promise<Result> {
    return this.#limitGuesses(reply, email, tryIt)
  }

  /**
   * Runs what a signed-in user confirms by the password. Counted apart from sign-ins: strangers who try the address must not
   * keep its owner from changing the password.
   */
  limitPassword<Result>(reply: FastifyReply, userId: string, tryIt: () => Promise<Result>): Promise<Result> {
    return this.#limitGuesses(reply, `me ${userId}`, tryIt)
  }

  /** Taken before the try, so that many at once cannot pass together, and given back unless it was a wrong guess. */
  async #limitGuesses<Result>(reply: FastifyReply, key: string, tryIt: () => Promise<Result>): Promise<Result> {
    await take(this.#wrongPasswords, key, reply)
    let wasWrong = false
    try {
      return await tryIt()
    } catch (error) {
      wasWrong = error instanceof DispatchError && WRONG_GUESSES.has(error.code)
      throw error
    } finally {
      if (!wasWrong) await this.#wrongPasswords.giveBack(key)
    }
  }

  /** For routes that have a mail sent. */
  readonly mail: Guard = (request, reply) => take(this.#mailCalls, limitKey(request.ip), reply)

  /** Before a mail to `email` is queued, whoever asks and whether or not it has an account. */
  limitMailTo(reply: FastifyReply, email: string): Promise<void> {
    return take(this.#mailsTo, email, reply)
  }

  /** As `limitMailTo`, for a mail that is only sent along: answers whether it may be. */
  async mayMailTo(email: string): Promise<boolean> {
    return (await this.#mailsTo.take(email)).waitMs === 0
  }

  /** For requests to the echo of a project. */
  limitEcho(reply: FastifyReply, projectId: string): Promise<void> {
    return take(this.#echoes, projectId, reply)
  }

  /** Whether the credentials of a request that was let in would still be; costs no allowance. */
  async isStillValid(request: FastifyRequest): Promise<boolean> {
    const key = request.headers['x-api-key']
    if (typeof key === 'string') return (await this.#keyRing.present(key).identify({ fresh: true })) !== null
    return (await this.#provider.identify(request.headers)) !== null
  }

  #admitEither(request: FastifyRequest, reply: FastifyReply, fresh: boolean): Promise<void> {
    const hasKey = request.headers['x-api-key'] !== undefined
    return hasKey ? this.#admitKey(request, reply, fresh) : this.#admitUser(request, reply)
  }

  async #admitKey(request: FastifyRequest, reply: FastifyReply, fresh: boolean): Promise<void> {
    const text = request.headers['x-api-key']
    const key = this.#keyRing.present(typeof text === 'string' ? text : '')
    const identify = (): Promise<ApiKeyIdentity | null> => key.identify({ fresh })
    const identity = key.isKnown ? await identify() : await this.unlessTired(request, reply, identify)
    if (!identity) throw new DispatchError('API_KEY_INVALID')
    await take(this.#callers, `key ${identity.id}`, reply)
    request.caller = { kind: 'apiKey', key: identity }
  }

  async #admitUser(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const identify = (): Promise<SignedInUser | null> => this.#provider.identify(request.headers)
    const signedIn = await this.unlessTired(request, reply, identify)
    if (!signedIn) throw new DispatchError('SESSION_INVALID')
    await take(this.#callers, `user ${signedIn.user.id}`, reply)
    request.caller = { kind: 'user', signedIn }
  }

  /**
   * Finds out who the caller is, under the limit of strangers. Taken before it is known, so that many guesses at once cannot
   * pass together, and given back to who turns out to be none.
   */
  async unlessTired<Found>(
    request: FastifyRequest,
    reply: FastifyReply,
    identify: () => Promise<Found | null>,
  ): Promise<Found | null> {
    const key = limitKey(request.ip)
    const allowance = await this.#strangers.take(key)
    refuse(reply, allowance)
    let isStranger = false
    try {
      const found = await identify()
      isStranger = found === null
      return found
    } finally {
      if (isStranger) tell(reply, allowance)
      else await this.#strangers.giveBack(key)
    }
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

async function take(limiter: RateLimiter, key: string, reply: FastifyReply): Promise<void> {
  const allowance = await limiter.take(key)
  tell(reply, allowance)
  refuse(reply, allowance)
}

/** The three headers of draft-ietf-httpapi-ratelimit-headers-03 that clients know; a later limit of a request wins. */
function tell(reply: FastifyReply, { limit, remaining, wholeInMs }: Allowance): void {
  if (limit === 0) return
  const seconds = Math.ceil(wholeInMs / 1000)
  reply.headers({ 'ratelimit-limit': limit, 'ratelimit-remaining': remaining, 'ratelimit-reset': seconds })
}

function refuse(reply: FastifyReply, allowance: Allowance): void {
  if (allowance.waitMs === 0) return
  tell(reply, allowance)
  throw new DispatchError('RATE_LIMITED', { retryAfterSeconds: Math.ceil(allowance.waitMs / 1000) })
}
