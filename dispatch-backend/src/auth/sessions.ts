/**
 * Session tokens: a JWT that carries a random session id. The row behind it is read on each request, so that a sign-out
 * ends it at once; the row holds only the id's hash, so a copy of the database opens no session.
 */
import { createHash, randomBytes } from 'node:crypto'
import { compactVerify, SignJWT } from 'jose'
import type { Clock } from '../clock.js'
import { newId } from '../domain/id.js'
import { DispatchError } from '../errors.js'
import type { AccountStore } from '../store/store.js'
import type { SignedInUser } from './provider.js'

export interface SessionTokens {
  readonly secret: string
  readonly algorithm: 'HS256' | 'HS384' | 'HS512'
  readonly lifetimeSeconds: number
}

/** Who signs in, from where: shown to the user in the list of sessions. */
export interface SignInOrigin {
  readonly ipAddress: string | null
  readonly userAgent: string | null
}

const SESSION_ID_BYTES = 32
/** `lastSeenAt` is written at most this often per session. */
const TOUCH_EVERY_MS = 60_000
/** Columns of the session table. */
const MAX_USER_AGENT = 512

export class Sessions {
  readonly #store: AccountStore
  readonly #clock: Clock
  readonly #tokens: SessionTokens
  readonly #key: Uint8Array

  constructor(store: AccountStore, clock: Clock, tokens: SessionTokens) {
    this.#store = store
    this.#clock = clock
    this.#tokens = tokens
    this.#key = new TextEncoder().encode(tokens.secret)
  }

  /**
   * Starts a session and answers its token. Throws `BAD_CREDENTIALS` when the account was deleted or disabled in the
   * meantime, or its password is not that of `passwordHash` any more (absent = signed in without one).
   */
  async start(userId: string, origin: SignInOrigin, passwordHash?: string): Promise<string> {
    const sid = randomBytes(SESSION_ID_BYTES).toString('base64url')
    const createdAtMs = this.#clock.wallMs()
    const expiresAtMs = createdAtMs + this.#tokens.lifetimeSeconds * 1000
    const userAgent = origin.userAgent?.slice(0, MAX_USER_AGENT) ?? null
    const row = { id: newId(), tokenHash: hashOf(sid), userId, passwordHash, createdAtMs, expiresAtMs }
    const isStored = await this.#store.createSession({ ...row, ipAddress: origin.ipAddress, userAgent })
    if (!isStored) throw new DispatchError('BAD_CREDENTIALS')
    return new SignJWT({ sid })
      .setProtectedHeader({ alg: this.#tokens.algorithm })
      .setSubject(userId)
      .setIssuedAt(Math.floor(createdAtMs / 1000))
      .setExpirationTime(Math.floor(expiresAtMs / 1000))
      .sign(this.#key)
  }

  /** Who the token stands for, or null when it is forged, ended or over, or the account disabled. */
  async find(token: string): Promise<SignedInUser | null> {
    const sid = await this.#sessionIdIn(token)
    if (sid === null) return null
    const nowMs = this.#clock.wallMs()
    const found = await this.#store.findSession({ tokenHash: hashOf(sid), nowMs })
    if (!found) return null
    const { session, user } = found
    if (nowMs - session.lastSeenAtMs >= TOUCH_EVERY_MS) await this.#store.touchSession({ id: session.id, nowMs })
    return { user, sessionId: session.id }
  }

  async end(userId: string, sessionId: string): Promise<void> {
    await this.#store.endSession({ userId, id: sessionId })
  }

  /** The signature and the algorithm are jose's to judge; the time is the row's. */
  async #sessionIdIn(token: string): Promise<string | null> {
    try {
      const { payload } = await compactVerify(token, this.#key, { algorithms: [this.#tokens.algorithm] })
      const claims: unknown = JSON.parse(new TextDecoder().decode(payload))
      if (typeof claims !== 'object' || claims === null || !('sid' in claims)) return null
      return typeof claims.sid === 'string' ? claims.sid : null
    } catch {
      return null
    }
  }
}

function hashOf(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('hex')
}
