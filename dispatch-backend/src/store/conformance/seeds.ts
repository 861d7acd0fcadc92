/** Accounts, projects and keys that cases need before their own matter begins. */
import type { NewUser, Store } from '../store.js'
import { newId, T0, type Project } from './subject.js'

export function newUser(overrides: Partial<NewUser['user']> = {}, asInstanceOwner = false): NewUser {
  const id = newId()
  return {
    user: {
      id,
      email: `user-${id}@example.com`,
      name: null,
      passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
      isEmailVerified: true,
      createdAtMs: T0,
      ...overrides,
    },
    organization: { id: newId(), name: 'Acme – Köln', slug: `acme-${id}` },
    asInstanceOwner,
  }
}

/** A user with an organization; the first one owns the instance. */
export async function seedUser(store: Store): Promise<{ userId: string; organizationId: string }> {
  const request = newUser({}, !(await store.hasInstanceOwner()))
  const outcome = await store.createUser(request)
  if (outcome !== 'created') throw new Error(`user not created: ${outcome}`)
  return { userId: request.user.id, organizationId: request.organization.id }
}

/** A project with a key, of the given user or of one of its own. */
export async function seedProject(store: Store, userId?: string): Promise<Project & { userId: string }> {
  const owner = userId ?? (await seedUser(store)).userId
  const projectId = newId()
  const signingSecret = { id: newId(), sealed: `sealed-${projectId}`, createdAtMs: T0 }
  const outcome = await store.createProject({
    id: projectId,
    userId: owner,
    name: 'production',
    nowMs: T0,
    signingSecret,
  })
  if (outcome !== 'created') throw new Error(`project not created: ${outcome}`)
  const apiKeyId = await seedApiKey(store, projectId)
  return { projectId, apiKeyId, userId: owner }
}

export async function seedApiKey(store: Store, projectId: string, keyHash: string = newId()): Promise<string> {
  const id = newId()
  await store.createApiKey({ id, projectId, label: 'server', keyHash, lastFour: 'a8b0', createdAtMs: T0 })
  return id
}
