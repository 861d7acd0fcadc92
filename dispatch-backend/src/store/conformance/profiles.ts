/** What users change about themselves, and what the operator changes about them. */
import { expect, it } from 'vitest'
import { proofId } from '../account-store.js'
import { codeTry, HASH, newMail, newProof, register, seedAccount, seedSession, WRONG_HASH } from './account-seeds.js'
import { newId, T0, type StoreContext } from './subject.js'

const claim = { nowMs: T0, leaseMs: 1_000, limit: 10 }

export function profileCases(context: () => StoreContext): void {
  it('take a name, or none', async () => {
    const { store } = context()
    const { user } = await seedAccount(store)
    await store.renameUser({ id: user.id, name: 'Łukasz 😀' })
    expect(await store.findUserByEmail(user.email)).toMatchObject({ name: 'Łukasz 😀' })
    await store.renameUser({ id: user.id, name: null })
    expect(await store.findUserByEmail(user.email)).toMatchObject({ name: null })
  })

  it('change the address, tell the old one, and void what was mailed', async () => {
    const { store, other } = context()
    const { user } = await seedAccount(store)
    const email = `new-${user.email}`
    const proof = newProof(user.id, { id: proofId('email-change', user.id), email })
    await store.issueProof(proof)
    const link = newProof(user.id, { id: proofId('password-reset', user.id), secretHash: newId() })
    await store.issueProof(link)
    const waiting = await register(store, { email })
    const mail = newMail({ kind: 'email-changed', email: user.email })
    const change = { id: user.id, email, mail, proof: { codeHash: HASH, nowMs: T0 } }
    expect(await store.changeEmail(change)).toBe('changed')
    expect(await store.changeEmail(change)).toBe('changed')
    expect(await other.findUserByEmail(email)).toMatchObject({ id: user.id, isEmailVerified: true })
    expect(await other.findUserByEmail(user.email)).toBeNull()
    expect(await store.tryCode(codeTry(proof.id))).toEqual({ outcome: 'wrong' })
    expect(await store.tryCode(codeTry(link.id, { codeHash: link.secretHash }))).toEqual({ outcome: 'wrong' })
    expect(await store.findRegistration({ email: waiting.email, nowMs: T0 })).toBeNull()
    const mails = await store.claimMails({ ...claim, claimId: newId() })
    expect(mails.filter(({ kind }) => kind === 'email-changed')).toMatchObject([{ email: user.email }])
  })

  it('change no address without its proof, nor that of who is gone', async () => {
    const { store } = context()
    const { user } = await seedAccount(store)
    const email = `new-${user.email}`
    const proof = newProof(user.id, { id: proofId('email-change', user.id), email })
    const change = { id: user.id, email, mail: newMail(), proof: { codeHash: HASH, nowMs: T0 } }
    expect(await store.changeEmail(change)).toBe('void')
    await store.issueProof(proof)
    expect(await store.changeEmail({ ...change, proof: { codeHash: WRONG_HASH, nowMs: T0 } })).toBe('void')
    expect(await store.changeEmail({ ...change, proof: { codeHash: HASH, nowMs: T0 + 1_000 } })).toBe('void')
    expect(await store.changeEmail({ ...change, email: `other-${user.email}` })).toBe('void')
    expect(await store.changeEmail({ ...change, id: newId() })).toBe('void')
    expect(await store.changeEmail({ ...change, id: newId(), proof: null })).toBe('void')
    expect(await store.findUserByEmail(user.email)).toMatchObject({ id: user.id })
    expect(await store.claimMails({ ...claim, claimId: newId() })).toEqual([])
  })

  it('keep the address when the password is changed in the same instant, or have it changed before', async () => {
    const { store, other } = context()
    for (let round = 0; round < 5; round += 1) {
      const { user } = await seedAccount(store)
      const { id, passwordHash: oldHash } = user
      const email = `new-${user.email}`
      await store.issueProof(newProof(id, { id: proofId('email-change', id), email }))
      const proof = { codeHash: HASH, nowMs: T0 }
      const [outcome] = await Promise.all([
        store.changeEmail({ id, email, mail: null, proof }),
        other.changePassword({ userId: id, oldHash, newHash: 'new', keepSessionId: null, mail: null }),
      ])
      const holder = outcome === 'changed' ? email : user.email
      expect(await store.findUserByEmail(holder)).toMatchObject({ id, passwordHash: 'new' })
    }
  })

  it('give an address to one of two who take it at once', async () => {
    const { store, other } = context()
    for (let round = 0; round < 5; round += 1) {
      const email = `${newId()}@example.com`
      const take = async (by: typeof store) => {
        const { id } = (await seedAccount(store)).user
        await store.issueProof(newProof(id, { id: proofId('email-change', id), email }))
        return () => by.changeEmail({ id, email, mail: null, proof: { codeHash: HASH, nowMs: T0 } })
      }
      const [one, two] = [await take(store), await take(other)]
      expect((await Promise.all([one(), two()])).toSorted()).toEqual(['changed', 'email-taken'])
    }
  })

  it('do not take an address of others', async () => {
    const { store } = context()
    const [one, two] = [await seedAccount(store), await seedAccount(store)]
    const request = { id: one.user.id, email: two.user.email, mail: newMail(), proof: null }
    expect(await store.changeEmail(request)).toBe('email-taken')
    expect(await store.findUserByEmail(one.user.email)).toMatchObject({ id: one.user.id })
    expect(await store.claimMails({ ...claim, claimId: newId() })).toEqual([])
  })

  it('change the password, end the other sessions, void links and address changes', async () => {
    const { store } = context()
    const { user } = await seedAccount(store)
    const [kept, ended] = [await seedSession(store, user.id), await seedSession(store, user.id)]
    const proof = newProof(user.id, { id: proofId('email-change', user.id) })
    await store.issueProof(proof)
    await store.queueMail(newMail({ kind: 'email-change', userId: user.id }))
    const request = {
      userId: user.id,
      oldHash: user.passwordHash,
      newHash: 'new',
      keepSessionId: kept.id,
      mail: newMail({ kind: 'password-changed', email: user.email }),
    }
    expect(await store.changePassword(request)).toBe(true)
    expect(await store.changePassword(request)).toBe(true)
    expect(await store.findUserByEmail(user.email)).toMatchObject({ passwordHash: 'new' })
    expect(await store.listSessions({ userId: user.id, nowMs: T0 })).toMatchObject([{ id: kept.id }])
    expect(await store.findSession({ tokenHash: ended.tokenHash, nowMs: T0 })).toBeNull()
    expect(await store.tryCode(codeTry(proof.id))).toEqual({ outcome: 'wrong' })
    expect(await store.claimMails({ ...claim, claimId: newId() })).toMatchObject([{ kind: 'password-changed' }])
    expect(await store.changePassword({ ...request, newHash: 'newer' })).toBe(false)
    expect(await store.findUserByEmail(user.email)).toMatchObject({ passwordHash: 'new' })
  })

  it('list their sessions and end the others', async () => {
    const { store, other } = context()
    const { user } = await seedAccount(store)
    const stranger = await seedAccount(store)
    const first = await seedSession(store, user.id)
    const second = await seedSession(store, user.id)
    await seedSession(store, user.id, { expiresAtMs: T0 })
    const foreign = await seedSession(store, stranger.user.id)
    await store.touchSession({ id: first.id, nowMs: T0 + 5 })
    const listed = await other.listSessions({ userId: user.id, nowMs: T0 })
    expect(listed[0]).toEqual({ ...first, tokenHash: undefined, lastSeenAtMs: T0 + 5 })
    expect(listed.map(({ id }) => id)).toEqual([first.id, second.id])
    expect(await store.endSessions({ userId: user.id, exceptId: second.id, nowMs: T0 })).toBe(1)
    expect(await store.listSessions({ userId: user.id, nowMs: T0 })).toMatchObject([{ id: second.id }])
    expect(await store.endSessions({ userId: user.id, exceptId: null, nowMs: T0 })).toBe(1)
    expect(await other.findSession({ tokenHash: foreign.tokenHash, nowMs: T0 })).not.toBeNull()
  })
}

export function operatorCases(context: () => StoreContext): void {
  it('lists users page by page', async () => {
    const { store } = context()
    for (let n = 0; n < 3; n += 1) await seedAccount(store)
    const emails: string[] = []
    for (;;) {
      const page = await store.listUsers({ after: emails.at(-1) ?? '', limit: 2 })
      if (page.length === 0) break
      emails.push(...page.map(({ email }) => email))
    }
    expect(new Set(emails).size).toBe(4)
    expect(emails).toHaveLength(4)
  })

  it('disables a user, ending the sessions for good', async () => {
    const { store, other } = context()
    const { user } = await seedAccount(store)
    const session = await seedSession(store, user.id)
    const lookUp = () => other.findSession({ tokenHash: session.tokenHash, nowMs: T0 })
    expect(await lookUp()).not.toBeNull()
    expect(await store.setUserDisabled({ id: user.id, isDisabled: true })).toBe(true)
    expect(await lookUp()).toBeNull()
    expect(await other.findUserByEmail(user.email)).toMatchObject({ isDisabled: true })
    const [listed] = (await store.listUsers({ after: '', limit: 10 })).filter(({ id }) => id === user.id)
    expect(listed).toMatchObject({ email: user.email, isDisabled: true })
    expect(await store.setUserDisabled({ id: user.id, isDisabled: false })).toBe(true)
    expect(await other.findUserByEmail(user.email)).toMatchObject({ isDisabled: false })
    expect(await lookUp()).toBeNull()
    expect(await store.setUserDisabled({ id: newId(), isDisabled: true })).toBe(false)
  })

  it('makes another one the instance owner', async () => {
    const { store, other, project } = context()
    const { user } = await seedAccount(store)
    await store.setInstanceOwner(user.id)
    expect(await other.findUserByEmail(user.email)).toMatchObject({ isInstanceOwner: true })
    const owners = (await other.listUsers({ after: '', limit: 10 })).filter((each) => each.isInstanceOwner)
    expect(owners.map(({ id }) => id)).toEqual([user.id])
    expect(user.id).not.toBe(project.userId)
    expect(await store.setInstanceOwner(newId())).toBe(false)
    expect(await other.findUserByEmail(user.email)).toMatchObject({ isInstanceOwner: true })
  })

  it('makes nobody the owner who is deleted in the same instant', async () => {
    const { store, other } = context()
    for (let round = 0; round < 5; round += 1) {
      const { user } = await seedAccount(store)
      const [isOwner, deleted] = await Promise.all([
        store.setInstanceOwner(user.id),
        other.deleteAccount({ userId: user.id, nowMs: T0, mail: null }),
      ])
      expect([isOwner, deleted]).toEqual(isOwner ? [true, 'owns-instance'] : [false, 'deleted'])
      expect((await store.listUsers({ after: '', limit: 50 })).filter((each) => each.isInstanceOwner)).toHaveLength(1)
    }
  })
}
