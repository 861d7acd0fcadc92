/** Accounts, the instance owner, organizations and sessions. */
import { expect, it } from 'vitest'
import type { NewSession } from '../store.js'
import { seedAccount } from './account-seeds.js'
import { newUser, seedUser } from './seeds.js'
import { newId, T0, type StoreContext, type StoreSubject } from './subject.js'

export function ownerCases(subject: () => StoreSubject): void {
  it('is the first account; before it nobody else can sign up', async () => {
    const { store } = subject()
    expect(await store.hasInstanceOwner()).toBe(false)
    expect(await store.createUser(newUser())).toBe('owner-missing')
    const owner = newUser({}, true)
    expect(await store.createUser(owner)).toBe('created')
    expect(await store.hasInstanceOwner()).toBe(true)
    expect(await store.createUser(newUser({}, true))).toBe('owner-exists')
    const second = newUser()
    expect(await store.createUser(second)).toBe('created')
    expect(await store.findUserByEmail(owner.user.email)).toMatchObject({ isInstanceOwner: true })
    expect(await store.findUserByEmail(second.user.email)).toMatchObject({ isInstanceOwner: false })
  })

  it('is exactly one of two that sign up at once', async () => {
    const { store, other } = subject()
    const requests = [newUser({}, true), newUser({}, true)] as const
    const outcomes = await Promise.all([store.createUser(requests[0]), other.createUser(requests[1])])
    expect(outcomes.toSorted()).toEqual(['created', 'owner-exists'])
    const loser = requests[outcomes.indexOf('owner-exists')]!
    expect(await store.findUserByEmail(loser.user.email)).toBeNull()
  })

  it('does not leave while another signs up', async () => {
    const { store, other } = subject()
    for (let round = 0; round < 5; round += 1) {
      const owner = newUser({}, true)
      const { user } = owner
      expect(await store.createUser(owner)).toBe('created')
      const second = newUser()
      const outcomes = await Promise.all([
        store.deleteAccount({ userId: user.id, nowMs: T0, mail: null }),
        other.createUser(second),
      ])
      expect([
        ['deleted', 'owner-missing'],
        ['owns-instance', 'created'],
      ]).toContainEqual(outcomes)
      if (outcomes[1] === 'created') await store.deleteAccount({ userId: second.user.id, nowMs: T0, mail: null })
      await store.deleteAccount({ userId: user.id, nowMs: T0, mail: null })
      expect(await store.hasInstanceOwner()).toBe(false)
    }
  })

  it('stays the owner when the sign-up is replayed', async () => {
    const { store } = subject()
    const owner = newUser({}, true)
    expect(await store.createUser(owner)).toBe('created')
    expect(await store.createUser(owner)).toBe('created')
    expect(await store.listOrganizations(owner.user.id)).toHaveLength(1)
  })
}

export function accountCases(context: () => StoreContext): void {
  it('stores a user with an organization that it owns', async () => {
    const { store } = context()
    const request = newUser({ name: 'Zoë 😀' })
    expect(await store.createUser(request)).toBe('created')
    expect(await store.findUserByEmail(request.user.email)).toEqual({
      ...request.user,
      isDisabled: false,
      isInstanceOwner: false,
    })
    expect(await store.listOrganizations(request.user.id)).toEqual([{ ...request.organization, role: 'owner' }])
    expect(await store.findUserByEmail('nobody@example.com')).toBeNull()
  })

  it('gives an address to one account; case and accents matter', async () => {
    const { store } = context()
    const email = `andré-${newId()}@example.com`
    expect(await store.createUser(newUser({ email }))).toBe('created')
    const taken = newUser({ email })
    expect(await store.createUser(taken)).toBe('email-taken')
    expect(await store.listOrganizations(taken.user.id)).toEqual([])
    expect(await store.createUser(newUser({ email: email.replace('é', 'e') }))).toBe('created')
    expect(await store.findUserByEmail(email.toUpperCase())).toBeNull()
  })

  it('gives an address to one of two accounts made at once', async () => {
    const { store, other } = context()
    for (let round = 0; round < 5; round++) {
      const email = `${newId()}@example.com`
      const outcomes = await Promise.all([store.createUser(newUser({ email })), other.createUser(newUser({ email }))])
      expect(outcomes.toSorted()).toEqual(['created', 'email-taken'])
    }
  })

  it('finds another slug when the one asked for is taken', async () => {
    const { store } = context()
    const [first, second] = [newUser(), newUser()]
    await store.createUser(first)
    const { slug } = first.organization
    expect(await store.createUser({ ...second, organization: { ...second.organization, slug } })).toBe('created')
    const [organization] = await store.listOrganizations(second.user.id)
    expect(organization!.slug.startsWith(`${slug}-`)).toBe(true)
  })
}

export function sessionCases(context: () => StoreContext): void {
  const newSession = (userId: string): NewSession => ({
    id: newId(),
    tokenHash: newId(),
    userId,
    createdAtMs: T0,
    expiresAtMs: T0 + 1_000,
    ipAddress: '2001:db8::1',
    userAgent: 'Mozilla/5.0 (Plan 9) ☂',
  })

  it('is found with its user until it expires', async () => {
    const { store, other, project } = context()
    const { tokenHash, ...session } = newSession(project.userId)
    await store.createSession({ ...session, tokenHash })
    const found = await other.findSession({ tokenHash, nowMs: T0 + 999 })
    expect(found).toMatchObject({ session: { ...session, lastSeenAtMs: T0 }, user: { id: project.userId } })
    expect(found!.user).not.toHaveProperty('passwordHash')
    expect(await store.findSession({ tokenHash, nowMs: T0 + 1_000 })).toBeNull()
    expect(await store.findSession({ tokenHash: newId(), nowMs: T0 })).toBeNull()
  })

  it('notes its last use, never going back', async () => {
    const { store, project } = context()
    const session = newSession(project.userId)
    await store.createSession(session)
    await store.touchSession({ id: session.id, nowMs: T0 + 50 })
    await store.touchSession({ id: session.id, nowMs: T0 + 20 })
    const found = await store.findSession({ tokenHash: session.tokenHash, nowMs: T0 })
    expect(found!.session.lastSeenAtMs).toBe(T0 + 50)
  })

  it('ends at once, and only for its own user', async () => {
    const { store, other, project } = context()
    const session = newSession(project.userId)
    await store.createSession(session)
    const stranger = await seedUser(store)
    expect(await store.endSession({ userId: stranger.userId, id: session.id })).toBe(false)
    expect(await store.endSession({ userId: project.userId, id: newId() })).toBe(false)
    expect(await store.findSession({ tokenHash: session.tokenHash, nowMs: T0 })).not.toBeNull()
    expect(await store.endSession({ userId: project.userId, id: session.id })).toBe(true)
    expect(await other.findSession({ tokenHash: session.tokenHash, nowMs: T0 })).toBeNull()
  })

  it('does not begin with a password that was changed meanwhile, nor for a user who is disabled or gone', async () => {
    const { store, other } = context()
    const { user } = await seedAccount(store)
    const { id: userId, passwordHash: oldHash } = user
    expect(await store.createSession({ ...newSession(userId), passwordHash: oldHash })).toBe(true)
    await other.changePassword({ userId, oldHash, newHash: 'new', keepSessionId: null, mail: null })
    const late = { ...newSession(userId), passwordHash: oldHash }
    expect(await store.createSession(late)).toBe(false)
    expect(await store.findSession({ tokenHash: late.tokenHash, nowMs: T0 })).toBeNull()
    expect(await store.createSession({ ...late, passwordHash: 'new' })).toBe(true)
    await other.setUserDisabled({ id: userId, isDisabled: true })
    expect(await store.createSession({ ...newSession(userId), passwordHash: 'new' })).toBe(false)
    expect(await store.createSession(newSession(userId))).toBe(false)
    expect(await store.createSession(newSession(newId()))).toBe(false)
    await other.setUserDisabled({ id: userId, isDisabled: false })
    expect(await store.listSessions({ userId, nowMs: T0 })).toEqual([])
  })

  it('does not outlive a change of the password made at the same time', async () => {
    const { store, other } = context()
    for (let round = 0; round < 5; round++) {
      const { user } = await seedAccount(store)
      const { id: userId, passwordHash: oldHash } = user
      await Promise.all([
        store.createSession({ ...newSession(userId), passwordHash: oldHash }),
        other.changePassword({ userId, oldHash, newHash: 'new', keepSessionId: null, mail: null }),
      ])
      expect(await store.listSessions({ userId, nowMs: T0 })).toEqual([])
    }
  })
}
