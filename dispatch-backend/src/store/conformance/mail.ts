/** The outbox: each mail is somebody's until it is sent. */
import { expect, it } from 'vitest'
import { newMail } from './account-seeds.js'
import { newId, T0, type StoreContext } from './subject.js'

export function mailCases(context: () => StoreContext): void {
  const claimAt = async (nowMs: number, claimId = newId(), limit = 10) => {
    const mails = await context().store.claimMails({ claimId, nowMs, leaseMs: 1_000, limit })
    return { claimId, mails }
  }

  it('gives each mail to one of two', async () => {
    const { store, other } = context()
    for (let n = 0; n < 8; n += 1) await store.queueMail(newMail())
    const request = { nowMs: T0, leaseMs: 1_000, limit: 10 }
    const claims = await Promise.all([store, other].map((each) => each.claimMails({ ...request, claimId: newId() })))
    const ids = claims.flat().map(({ id }) => id)
    expect([ids.length, new Set(ids).size]).toEqual([8, 8])
  })

  it('keeps all that was queued, and answers a replayed claim alike', async () => {
    const { store } = context()
    const mail = newMail({ kind: 'email-changed', userId: newId(), detail: 'ü@example.com ☂' })
    await store.queueMail(mail)
    const { claimId, mails } = await claimAt(T0)
    expect(mails).toEqual([{ ...mail, nowMs: undefined, tries: 1 }])
    expect((await claimAt(T0, claimId)).mails).toEqual(mails)
  })

  it('is claimed again when the lease is over, and gone when it was sent', async () => {
    const { store } = context()
    await store.queueMail(newMail())
    const first = await claimAt(T0)
    expect((await claimAt(T0 + 999)).mails).toEqual([])
    const second = await claimAt(T0 + 1_000)
    expect(second.mails).toMatchObject([{ tries: 2 }])
    const { id } = second.mails[0]!
    await store.finishMail({ id, claimId: first.claimId })
    await store.finishMail({ id, claimId: second.claimId })
    await store.finishMail({ id, claimId: second.claimId })
    expect((await claimAt(T0 + 50_000)).mails).toEqual([])
  })

  it('outlives the end of a claim that was lost', async () => {
    const { store } = context()
    await store.queueMail(newMail())
    const first = await claimAt(T0)
    await claimAt(T0 + 1_000)
    await store.finishMail({ id: first.mails[0]!.id, claimId: first.claimId })
    await store.retryMail({ id: first.mails[0]!.id, claimId: first.claimId, nextTryAtMs: T0, error: 'x' })
    expect((await claimAt(T0 + 1_001)).mails).toEqual([])
    expect((await claimAt(T0 + 2_000)).mails).toHaveLength(1)
  })

  it('is tried again when told, with the longest of words', async () => {
    const { store } = context()
    await store.queueMail(newMail())
    const { claimId, mails } = await claimAt(T0)
    const error = '☂'.repeat(2_000)
    await store.retryMail({ id: mails[0]!.id, claimId, nextTryAtMs: T0 + 30_000, error })
    expect((await claimAt(T0 + 29_999)).mails).toEqual([])
    expect((await claimAt(T0 + 30_000)).mails).toMatchObject([{ tries: 2 }])
  })

  it('queues one of a kind for an address, and starts it over', async () => {
    const { store } = context()
    const mail = newMail()
    await store.queueMail(mail)
    const under = await claimAt(T0)
    await store.queueMail({ ...mail, id: newId(), nowMs: T0 + 1 })
    // What is being sent may be outdated: it no longer counts as this mail.
    await store.finishMail({ id: mail.id, claimId: under.claimId })
    expect((await claimAt(T0 + 1)).mails).toMatchObject([{ email: mail.email, tries: 1 }])
    await store.queueMail(newMail({ email: mail.email, kind: 'password-reset' }))
    await store.queueMail(newMail({ email: mail.email, userId: newId() }))
    expect((await claimAt(T0 + 1)).mails).toHaveLength(2)
  })

  it('loses none that is queued while its forerunner is finished', async () => {
    const { store, other } = context()
    const mail = newMail()
    await store.queueMail(mail)
    for (let round = 1; round <= 10; round += 1) {
      const nowMs = T0 + round
      const { claimId, mails } = await claimAt(nowMs)
      expect(mails).toHaveLength(1)
      await Promise.all([
        other.finishMail({ id: mails[0]!.id, claimId }),
        store.queueMail({ ...mail, id: newId(), nowMs: nowMs + 1, expiresAtMs: T0 + 60_000 }),
      ])
    }
    expect((await claimAt(T0 + 20)).mails).toHaveLength(1)
  })

  it('takes the longest waiting first, and nothing that expired', async () => {
    const { store } = context()
    const [late, early] = [newMail({ nowMs: T0 + 2 }), newMail({ nowMs: T0 + 1 })]
    await store.queueMail(late)
    await store.queueMail(early)
    await store.queueMail(newMail({ expiresAtMs: T0 + 3 }))
    const { mails } = await claimAt(T0 + 3, newId(), 1)
    expect(mails).toMatchObject([{ email: early.email }])
    expect((await claimAt(T0 + 3)).mails).toMatchObject([{ email: late.email }])
  })
}
