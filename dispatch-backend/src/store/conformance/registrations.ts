/** Accounts that wait for their address to be verified. */
import { expect, it } from 'vitest'
import { proofId } from '../account-store.js'
import { accountOf, codeTry, newMail, newProof, newRegistration, register, seedAccount } from './account-seeds.js'
import { newId, T0, type StoreContext, type StoreSubject } from './subject.js'

export function registrationOwnerCases(subject: () => StoreSubject): void {
  it('may come from a registration, but only one', async () => {
    const { store } = subject()
    const [first, second] = [await register(store, { mayOwnInstance: true }), await register(store)]
    expect(await store.confirmRegistration({ ...accountOf(second), mail: null })).toBe('owner-missing')
    expect(await store.confirmRegistration({ ...accountOf(first, true), mail: null })).toBe('created')
    expect(await store.confirmRegistration({ ...accountOf(second, true), mail: null })).toBe('owner-exists')
    expect(await store.confirmRegistration({ ...accountOf(second), mail: null })).toBe('created')
    expect(await store.findUserByEmail(first.email)).toMatchObject({ isInstanceOwner: true, isEmailVerified: true })
  })
}

export function registrationCases(context: () => StoreContext): void {
  it('is no account until it is confirmed, and none any more then', async () => {
    const { store, other } = context()
    const registration = await register(store)
    expect(await other.findRegistration({ email: registration.email, nowMs: T0 })).toEqual(registration)
    expect(await store.findUserByEmail(registration.email)).toBeNull()
    const account = accountOf(registration)
    expect(await store.confirmRegistration({ ...account, mail: null })).toBe('created')
    expect(await other.findUserByEmail(registration.email)).toMatchObject(account.user)
    expect(await store.listOrganizations(registration.id)).toEqual([{ ...account.organization, role: 'owner' }])
    expect(await store.findRegistration({ email: registration.email, nowMs: T0 })).toBeNull()
  })

  it('answers a replayed confirmation alike', async () => {
    const { store } = context()
    const request = { ...accountOf(await register(store)), mail: null }
    expect([await store.confirmRegistration(request), await store.confirmRegistration(request)]).toEqual(['created', 'created']) // prettier-ignore
    expect(await store.listOrganizations(request.user.id)).toHaveLength(1)
  })

  it('is over when its time is', async () => {
    const { store } = context()
    const { email } = await register(store, { expiresAtMs: T0 + 5 })
    expect(await store.findRegistration({ email, nowMs: T0 + 4 })).not.toBeNull()
    expect(await store.findRegistration({ email, nowMs: T0 + 5 })).toBeNull()
  })

  it('is replaced by the next one of its address, with its code', async () => {
    const { store } = context()
    const first = await register(store)
    await store.issueProof(newProof(first.id))
    const second = await register(store, { email: first.email, passwordHash: 'other', isContested: true }, first.id)
    expect(await store.findRegistration({ email: first.email, nowMs: T0 })).toEqual(second)
    expect(await store.confirmRegistration({ ...accountOf(first), mail: null })).toBe('gone')
    expect(await store.findUserByEmail(first.email)).toBeNull()
    expect(await store.tryCode(codeTry(proofId('registration', second.id)))).toEqual({ outcome: 'wrong' })
    expect(await store.confirmRegistration({ ...accountOf(second), mail: null })).toBe('created')
  })

  it('leaves an account of its address alone', async () => {
    const { store } = context()
    const { user } = await seedAccount(store)
    const registration = await register(store, { email: user.email })
    expect(await store.confirmRegistration({ ...accountOf(registration), mail: null })).toBe('gone')
    expect(await store.findUserByEmail(user.email)).toMatchObject({ id: user.id, passwordHash: user.passwordHash })
  })

  it('makes one account of an address that is confirmed twice at once', async () => {
    const { store, other } = context()
    const request = { ...accountOf(await register(store)), mail: null }
    const outcomes = await Promise.all([store.confirmRegistration(request), other.confirmRegistration(request)])
    expect(outcomes).toEqual(['created', 'created'])
    expect(await store.listOrganizations(request.user.id)).toHaveLength(1)
  })

  it('is contested when another came to its address since it was looked at', async () => {
    const { store } = context()
    const contest = async (email: string) => (await store.findRegistration({ email, nowMs: T0 }))?.isContested
    const { id, email } = await register(store)
    const seen = await register(store, { email }, id)
    expect(await contest(email)).toBe(false)
    const unseen = await register(store, { email }, id)
    expect(await contest(email)).toBe(true)
    // The caller has read that, and says so.
    await register(store, { email, isContested: true }, unseen.id)
    expect(await contest(email)).toBe(true)
    expect(await store.confirmRegistration({ ...accountOf(seen), mail: null })).toBe('gone')
  })

  it('is not contested by one that is over', async () => {
    const { store } = context()
    const { email } = await register(store, { createdAtMs: T0 - 60_000, expiresAtMs: T0 })
    const registration = await register(store, { email })
    expect(await store.findRegistration({ email, nowMs: T0 })).toEqual(registration)
  })

  it('is as contested as before when it is stored again', async () => {
    const { store } = context()
    const first = await register(store)
    await register(store, first)
    expect(await store.findRegistration({ email: first.email, nowMs: T0 })).toEqual(first)
    const second = await register(store, { email: first.email })
    await register(store, second)
    expect(await store.findRegistration({ email: first.email, nowMs: T0 })).toEqual({ ...second, isContested: true })
  })

  it('is contested when two come at once; one is kept, and one mail', async () => {
    const { store, other } = context()
    const pairs = Array.from({ length: 8 }, () => {
      const email = `${newId()}@example.com`
      return [1, 2].map(() => ({ registration: newRegistration({ email }), beforeId: null, mail: newMail({ email }) }))
    })
    await Promise.all(pairs.flatMap(([one, two]) => [store.storeRegistration(one!), other.storeRegistration(two!)]))
    const mails = await store.claimMails({ claimId: newId(), nowMs: T0, leaseMs: 1_000, limit: 20 })
    for (const pair of pairs) {
      const { email } = pair[0]!.registration
      const kept = await store.findRegistration({ email, nowMs: T0 })
      expect(pair.map(({ registration }) => registration.id)).toContain(kept!.id)
      expect(kept!.isContested).toBe(true)
      expect(mails.filter((mail) => mail.email === email)).toHaveLength(1)
    }
  })

  it('queues a mail with the confirmation when there is one', async () => {
    const { store } = context()
    const registration = await register(store)
    const mail = newMail({ email: registration.email, kind: 'password-reset' })
    await store.confirmRegistration({ ...accountOf(registration), mail })
    const mails = await store.claimMails({ claimId: newId(), nowMs: T0, leaseMs: 1_000, limit: 10 })
    expect(mails.map(({ kind }) => kind).toSorted()).toEqual(['password-reset', 'registration'])
  })

  it('is purged when its time is over', async () => {
    const { store } = context()
    const registration = await register(store, { expiresAtMs: T0 + 5 })
    await store.issueProof(newProof(registration.id))
    await store.tryCode(codeTry(null, { windowMs: 2 }))
    // The registration, the proof and the count; its mail has longer.
    expect(await store.purgeExpired({ nowMs: T0 + 1_000, limit: 10 })).toBe(3)
    expect(await store.purgeExpired({ nowMs: T0 + 60_000, limit: 10 })).toBe(1)
  })
}
