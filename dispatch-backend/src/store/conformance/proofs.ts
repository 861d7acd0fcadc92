/** Codes and tokens, by their hashes. */
import { expect, it } from 'vitest'
import { proofId } from '../account-store.js'
import { codeTry, HASH, newMail, newProof, seedAccount, seedSession, WRONG_HASH } from './account-seeds.js'
import { newId, T0, type StoreContext } from './subject.js'

export function codeCases(context: () => StoreContext): void {
  it('is right until it expires, and void when there is a new one', async () => {
    const { store, other } = context()
    const proof = newProof(newId())
    await store.issueProof(proof)
    expect(await other.tryCode(codeTry(proof.id))).toEqual({ outcome: 'right' })
    expect(await store.tryCode(codeTry(proof.id, { nowMs: T0 + 1_000 }))).toEqual({ outcome: 'wrong' })
    await store.issueProof({ ...proof, secretHash: WRONG_HASH })
    expect(await store.tryCode(codeTry(proof.id))).toEqual({ outcome: 'wrong' })
    expect(await store.tryCode(codeTry(proof.id, { codeHash: WRONG_HASH }))).toEqual({ outcome: 'right' })
  })

  it('is not issued for a mail that was called off', async () => {
    const { store, other } = context()
    const userId = newId()
    const mail = newMail({ kind: 'email-change', userId })
    const proof = newProof(userId, { id: proofId('email-change', userId) })
    await store.queueMail(mail)
    expect(await store.issueProof({ ...proof, mailId: mail.id })).toBe(true)
    expect(await store.tryCode(codeTry(proof.id))).toEqual({ outcome: 'right' })
    const [claimed] = await other.claimMails({ claimId: 'claim', nowMs: T0, leaseMs: 1_000, limit: 1 })
    await other.finishMail({ id: claimed!.id, claimId: 'claim' })
    expect(await store.issueProof({ ...proof, secretHash: WRONG_HASH, mailId: mail.id })).toBe(false)
    expect(await store.tryCode(codeTry(proof.id, { codeHash: WRONG_HASH }))).toEqual({ outcome: 'wrong' })
  })

  it('is locked after five wrong ones, whatever code is issued then, until the window is over', async () => {
    const { store } = context()
    const proof = newProof(newId(), { expiresAtMs: T0 + 60_000 })
    const wrong = (nowMs: number) => store.tryCode(codeTry(proof.id, { codeHash: WRONG_HASH, nowMs }))
    for (let n = 0; n < 5; n += 1) {
      await store.issueProof(proof)
      expect(await wrong(T0 + n)).toEqual({ outcome: 'wrong' })
    }
    await store.issueProof(proof)
    const right = (nowMs: number) => store.tryCode(codeTry(proof.id, { nowMs }))
    expect(await right(T0 + 9_999)).toEqual({ outcome: 'locked', untilMs: T0 + 10_000 })
    expect(await wrong(T0 + 9_999)).toEqual({ outcome: 'locked', untilMs: T0 + 10_000 })
    expect(await right(T0 + 10_000)).toEqual({ outcome: 'right' })
    for (let n = 0; n < 5; n += 1) await wrong(T0 + 10_000)
    expect(await right(T0 + 10_001)).toEqual({ outcome: 'locked', untilMs: T0 + 20_000 })
  })

  it('is counted alike where there is none', async () => {
    const { store } = context()
    for (let n = 0; n < 5; n += 1) expect(await store.tryCode(codeTry(null))).toEqual({ outcome: 'wrong' })
    expect(await store.tryCode(codeTry(null))).toEqual({ outcome: 'locked', untilMs: T0 + 10_000 })
  })

  it('cannot be guessed by many tries at once', async () => {
    const { store, other } = context()
    const tries = Array.from({ length: 12 }, (_, n) => (n % 2 === 0 ? store : other).tryCode(codeTry(null)))
    const outcomes = (await Promise.all(tries)).map(({ outcome }) => outcome)
    expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(5)
  })

  it('does not count a replayed try twice', async () => {
    const { store } = context()
    const request = codeTry(null, { maxWrong: 1 })
    expect(await store.tryCode(request)).toEqual({ outcome: 'wrong' })
    expect(await store.tryCode(request)).toEqual({ outcome: 'wrong' })
    expect(await store.tryCode({ ...request, tryId: newId() })).toMatchObject({ outcome: 'locked' })
  })
}

export function resetCases(context: () => StoreContext): void {
  const seedReset = async () => {
    const { store } = context()
    const { user } = await seedAccount(store)
    const tokenHash = newId()
    const proof = newProof(user.id, {
      id: proofId('password-reset', user.id),
      email: user.email,
      secretHash: tokenHash,
    })
    await store.issueProof(proof)
    return { user, proof, tokenHash }
  }

  it('sets the password once, and ends every session', async () => {
    const { store, other } = context()
    const { user, tokenHash } = await seedReset()
    const session = await seedSession(store, user.id)
    const answer = await store.resetPassword({ tokenHash, passwordHash: 'new', nowMs: T0 })
    expect(answer).toMatchObject({ id: user.id, email: user.email, isEmailVerified: true })
    expect(answer).not.toHaveProperty('passwordHash')
    expect(await other.findUserByEmail(user.email)).toMatchObject({ passwordHash: 'new', isEmailVerified: true })
    expect(await other.findSession({ tokenHash: session.tokenHash, nowMs: T0 })).toBeNull()
    expect(await store.resetPassword({ tokenHash, passwordHash: 'newer', nowMs: T0 })).toBeNull()
    expect(await store.findUserByEmail(user.email)).toMatchObject({ passwordHash: 'new' })
  })

  it('voids a change of the address that is under way, mailed or not', async () => {
    const { store } = context()
    const { user, tokenHash } = await seedReset()
    const proof = newProof(user.id, { id: proofId('email-change', user.id) })
    await store.issueProof(proof)
    await store.queueMail(newMail({ kind: 'email-change', userId: user.id }))
    expect(await store.resetPassword({ tokenHash, passwordHash: 'new', nowMs: T0 })).toMatchObject({ id: user.id })
    expect(await store.tryCode(codeTry(proof.id))).toEqual({ outcome: 'wrong' })
    expect(await store.claimMails({ claimId: newId(), nowMs: T0, leaseMs: 1_000, limit: 10 })).toEqual([])
  })

  it('answers a replay alike', async () => {
    const { store } = context()
    const { user, tokenHash } = await seedReset()
    const request = { tokenHash, passwordHash: 'new', nowMs: T0 }
    expect(await store.resetPassword(request)).toMatchObject({ id: user.id })
    expect(await store.resetPassword(request)).toMatchObject({ id: user.id })
  })

  it('is used by one of two at once', async () => {
    const { store, other } = context()
    const { tokenHash } = await seedReset()
    const use = (by: typeof store, passwordHash: string) => by.resetPassword({ tokenHash, passwordHash, nowMs: T0 })
    const answers = await Promise.all([use(store, 'a'), use(other, 'b')])
    expect(answers.filter((answer) => answer !== null)).toHaveLength(1)
  })

  it('is void when it is over, replaced, of another kind or for an address given up', async () => {
    const { store } = context()
    const reset = (tokenHash: string, nowMs = T0) => store.resetPassword({ tokenHash, passwordHash: 'new', nowMs })
    const { user, proof, tokenHash } = await seedReset()
    expect(await reset(tokenHash, T0 + 1_000)).toBeNull()
    expect(await reset(HASH)).toBeNull()
    await store.issueProof({ ...proof, secretHash: newId() })
    expect(await reset(tokenHash)).toBeNull()
    const code = newProof(user.id, { id: proofId('email-change', user.id), email: user.email, secretHash: newId() })
    await store.issueProof(code)
    expect(await reset(code.secretHash)).toBeNull()
    const second = await seedReset()
    const email = `moved-${second.user.email}`
    await store.changeEmail({ id: second.user.id, email, mail: null, proof: null })
    expect(await reset(second.tokenHash)).toBeNull()
  })
}
