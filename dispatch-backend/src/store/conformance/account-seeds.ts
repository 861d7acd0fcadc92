/** Registrations, codes, mails and sessions that account cases need. */
import { proofId, type CodeTry, type NewMail, type Proof, type Registration } from '../account-store.js'
import type { NewSession, NewUser, Store } from '../store.js'
import { newUser } from './seeds.js'
import { newId, T0 } from './subject.js'

export const HASH = 'a'.repeat(64)
export const WRONG_HASH = 'b'.repeat(64)

export function newMail(overrides: Partial<NewMail> = {}): NewMail {
  return {
    id: newId(),
    kind: 'registration',
    email: `${newId()}@example.com`,
    userId: null,
    detail: null,
    nowMs: T0,
    expiresAtMs: T0 + 60_000,
    ...overrides,
  }
}

export function newRegistration(overrides: Partial<Registration> = {}): Registration {
  const id = newId()
  return {
    id,
    email: `waiting-${id}@example.com`,
    name: 'Zoë 😀',
    passwordHash: `$argon2id$${id}`,
    mayOwnInstance: false,
    isContested: false,
    createdAtMs: T0,
    expiresAtMs: T0 + 60_000,
    ...overrides,
  }
}

/** `beforeId`: the registration of the address that was seen before. */
export async function register(
  store: Store,
  overrides: Partial<Registration> = {},
  beforeId: string | null = null,
): Promise<Registration> {
  const registration = newRegistration(overrides)
  await store.storeRegistration({ registration, beforeId, mail: newMail({ email: registration.email }) })
  return registration
}

/** The account that the registration becomes. */
export function accountOf({ id, email, name, passwordHash }: Registration, asInstanceOwner = false): NewUser {
  return newUser({ id, email, name, passwordHash, isEmailVerified: true }, asInstanceOwner)
}

export function newProof(subjectId: string, overrides: Partial<Proof> = {}): Proof {
  return {
    id: proofId('registration', subjectId),
    subjectId,
    email: 'a@example.com',
    secretHash: HASH,
    createdAtMs: T0,
    expiresAtMs: T0 + 1_000,
    ...overrides,
  }
}

export function codeTry(proof: string | null, overrides: Partial<CodeTry> = {}): CodeTry {
  return {
    tryId: newId(),
    countId: `count-${proof ?? 'none'}`.slice(0, 64),
    proofId: proof,
    codeHash: HASH,
    maxWrong: 5,
    windowMs: 10_000,
    nowMs: T0,
    ...overrides,
  }
}

/** A session of the user; answers its token's hash and id. */
export async function seedSession(
  store: Store,
  userId: string,
  overrides: Partial<NewSession> = {},
): Promise<NewSession> {
  const session: NewSession = {
    id: newId(),
    tokenHash: newId(),
    userId,
    createdAtMs: T0,
    expiresAtMs: T0 + 60_000,
    ipAddress: '192.0.2.7',
    userAgent: 'curl/8 ☂',
    ...overrides,
  }
  await store.createSession(session)
  return session
}

/** An account that is not the instance owner, as it is stored. */
export async function seedAccount(store: Store): Promise<NewUser> {
  const request = newUser()
  const outcome = await store.createUser(request)
  if (outcome !== 'created') throw new Error(`user not created: ${outcome}`)
  return request
}
