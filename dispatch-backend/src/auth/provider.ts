import type { User } from '../store/store.js'

/** What a sign-in provider may look at: headers, by lower-case name. */
export interface RequestHeaders {
  readonly [name: string]: string | readonly string[] | undefined
}

export interface SignedInUser {
  readonly user: User
  /** Of the session that brought the request; null with a provider that has none. */
  readonly sessionId: string | null
}

/** One way to tell who sent a request. One file per provider; the HTTP layer knows only this. */
export interface AuthProvider {
  readonly name: string
  /** Who is signed in, or null. Rejects only when it cannot tell (database away). */
  identify(headers: RequestHeaders): Promise<SignedInUser | null>
}
