/** What goes with an account, and what stays. */
import { expect, it } from 'vitest'
import { newMail, seedAccount, seedSession } from './account-seeds.js'
import { newUser, seedProject } from './seeds.js'
import { ALL_DUE, claimRequest, createJobs, newId, T0, type StoreContext } from './subject.js'

/** Long ago, by the database's clock too: rows of projects are kept for a while. */
const LONG_AGO = 1_000_000

export function deleteAccountCases(context: () => StoreContext): void {
  it('says what would go', async () => {
    const { store, other } = context()
    const { user } = await seedAccount(store)
    expect(await store.accountContents(user.id)).toEqual({ organizations: 1, projects: 0, pendingJobs: 0 })
    const project = await seedProject(store, user.id)
    await seedProject(store, user.id)
    const jobs = await createJobs(store, project, [{}, {}, {}])
    await store.cancelJobs([{ id: jobs[0]!.id, scope: { kind: 'user', userId: user.id }, retrying: false, nowMs: T0 }])
    expect(await other.accountContents(user.id)).toEqual({ organizations: 1, projects: 2, pendingJobs: 2 })
    expect(await store.accountContents(newId())).toEqual({ organizations: 0, projects: 0, pendingJobs: 0 })
  })

  it('frees the address and stops everything at once; the rest is purged', async () => {
    const { store, other, project: kept } = context()
    const { user } = await seedAccount(store)
    const session = await seedSession(store, user.id)
    const project = await seedProject(store, user.id)
    const [job] = await createJobs(store, project, [{}])
    await store.queueMail(newMail({ userId: user.id }))
    const request = { userId: user.id, nowMs: LONG_AGO, mail: null }
    expect(await store.deleteAccount(request)).toBe('deleted')
    expect(await store.deleteAccount(request)).toBe('deleted')
    expect(await other.findUserByEmail(user.email)).toBeNull()
    expect(await other.findSession({ tokenHash: session.tokenHash, nowMs: T0 })).toBeNull()
    expect((await other.claim(claimRequest([job!]))).jobs).toEqual([])
    expect((await other.readDue(ALL_DUE)).jobs).toEqual([])
    expect(await other.claimMails({ claimId: newId(), nowMs: T0, leaseMs: 1_000, limit: 10 })).toEqual([])
    // The job, the API key, the signing secret, the project and the organization.
    expect(await store.purgeDeleted({ limit: 100 })).toBe(5)
    expect(await store.purgeDeleted({ limit: 100 })).toBe(0)
    expect(await store.createUser(newUser({ email: user.email }))).toBe('created')
    expect(await store.listProjects(kept.userId)).toHaveLength(1)
  })

  it('tells the address, once', async () => {
    const { store } = context()
    const { user } = await seedAccount(store)
    await store.queueMail(newMail({ kind: 'password-reset', userId: user.id }))
    const mail = newMail({ kind: 'account-deleted', email: user.email, detail: '1 organization' })
    const request = { userId: user.id, nowMs: T0, mail }
    expect(await store.deleteAccount(request)).toBe('deleted')
    const claim = { nowMs: T0, leaseMs: 1_000, limit: 10 }
    const [sent, ...others] = await store.claimMails({ ...claim, claimId: newId() })
    expect([sent, others]).toMatchObject([{ kind: 'account-deleted', email: user.email, detail: '1 organization' }, []])
    await store.finishMail({ id: sent!.id, claimId: newId() })
    expect(await store.deleteAccount(request)).toBe('deleted')
    expect(await store.claimMails({ ...claim, claimId: newId() })).toEqual([])
  })

  it('leaves no project behind that is made at the same time', async () => {
    const { store, other } = context()
    for (let round = 0; round < 10; round += 1) {
      const { user } = await seedAccount(store)
      const id = newId()
      const signingSecret = { id: newId(), sealed: 'sealed', createdAtMs: T0 }
      const [made] = await Promise.all([
        store.createProject({ id, userId: user.id, name: 'late', nowMs: T0, signingSecret }),
        other.deleteAccount({ userId: user.id, nowMs: LONG_AGO, mail: null }),
      ])
      // The organization, and when it was made in time, the project with its signing secret.
      expect([made, await store.purgeDeleted({ limit: 100 })]).toEqual(made === 'created' ? ['created', 3] : [made, 1])
    }
  })

  it('is refused to the instance owner while there are others', async () => {
    const { store, project } = context()
    const { user } = await seedAccount(store)
    const request = { userId: project.userId, nowMs: T0, mail: null }
    expect(await store.deleteAccount(request)).toBe('owns-instance')
    expect(await store.listProjects(project.userId)).toHaveLength(1)
    await store.setInstanceOwner(user.id)
    expect(await store.deleteAccount(request)).toBe('deleted')
    expect(await store.deleteAccount({ ...request, userId: user.id })).toBe('deleted')
    expect(await store.hasInstanceOwner()).toBe(false)
  })
}
