/** Our values in the shapes of the contract. */
import type * as api from 'dispatch-contract'
import { formatInstant } from '../clock.js'
import type { CreatedApiKey } from '../domain/api-key.js'
import type { ShownSigningSecret } from '../domain/signing-secret.js'
import type { ApiKey, Organization, Project, Session, User } from '../store/store.js'

export function renderUser({ id, email, name, isEmailVerified, isInstanceOwner, createdAtMs }: User): api.User {
  return { id, email, name, isEmailVerified, isInstanceOwner, createdAt: formatInstant(createdAtMs) }
}

export function renderMe(user: User, organizations: readonly Organization[]): api.Me {
  return {
    ...renderUser(user),
    organizations: organizations.map(({ id, name, slug, role }) => ({ id, name, slug, role })),
  }
}

export function renderSession(session: Session, current: boolean): api.Session {
  const { id, createdAtMs, lastSeenAtMs, ipAddress, userAgent } = session
  const times = { createdAt: formatInstant(createdAtMs), lastSeenAt: formatInstant(lastSeenAtMs) }
  return { id, ...times, ipAddress, userAgent, current }
}

export function renderProject({ id, organizationId, name, createdAtMs, updatedAtMs, counts }: Project): api.Project {
  const times = { createdAt: formatInstant(createdAtMs), updatedAt: formatInstant(updatedAtMs) }
  return { id, organizationId, name, ...times, counts: { jobs: counts.jobs, apiKeys: counts.apiKeys } }
}

export function renderApiKey({ id, label, lastFour, createdAtMs, lastUsedAtMs }: ApiKey): api.ApiKey {
  const lastUsedAt = lastUsedAtMs === null ? null : formatInstant(lastUsedAtMs)
  return { id, label, lastFour, createdAt: formatInstant(createdAtMs), lastUsedAt }
}

export function renderCreatedApiKey({ id, key, label, lastFour, createdAtMs }: CreatedApiKey): api.NewApiKey {
  return { id, key, label, lastFour, createdAt: formatInstant(createdAtMs) }
}

export function renderSigningSecret({ secret, createdAtMs, previous }: ShownSigningSecret): api.SigningSecret {
  return {
    secret,
    createdAt: formatInstant(createdAtMs),
    previous: previous.map((earlier) => ({
      createdAt: formatInstant(earlier.createdAtMs),
      expiresAt: formatInstant(earlier.expiresAtMs),
    })),
  }
}
