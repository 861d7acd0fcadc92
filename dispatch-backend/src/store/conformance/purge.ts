/** What replicas share, what time takes away, and what a deleted project leaves. */
import { expect, it } from 'vitest'
import type { Store } from '../store.js'
import { seedProject } from './seeds.js'
import {
  ALL_DUE,
  claimOne,
  claimRequest,
  createJobs,
  failure,
  keyScope,
  LARGE,
  newId,
  newJob,
  record,
  T0,
  type StoreContext,
} from './subject.js'

export function settingCases(context: () => StoreContext): void {
  it('keeps the first value written', async () => {
    const { store, other } = context()
    expect(await store.settingOrInsert('secret', 'first')).toBe('first')
    expect(await other.settingOrInsert('secret', 'second')).toBe('first')
    expect(await store.settingOrInsert('other', 'second')).toBe('second')
  })

  it('agrees on one value when two write at once', async () => {
    const { store, other } = context()
    for (let round = 0; round < 5; round++) {
      const values = await Promise.all([
        store.settingOrInsert(`race ${round}`, 'a'),
        other.settingOrInsert(`race ${round}`, 'b'),
      ])
      expect(values[0]).toBe(values[1])
    }
  })

  it('answers a ping', async () => {
    await context().store.ping()
  })
}

export function deletedProjectCases(context: () => StoreContext): void {
  it('fires, lists, creates and signs in nothing from the moment it is marked', async () => {
    const { store, other, project } = context()
    const { projectId, userId } = project
    const keyHash = newId()
    await store.createApiKey({ id: newId(), projectId, label: 'x', keyHash, lastFour: 'abcd', createdAtMs: T0 })
    const [job] = await createJobs(store, project, [{}])
    await store.markProjectDeleted({ id: projectId, nowMs: T0 })
    expect((await other.claim(claimRequest([job!]))).jobs).toEqual([])
    expect((await other.readDue(ALL_DUE)).jobs).toEqual([])
    expect(await other.findApiKey(keyHash)).toBeNull()
    expect(await other.createJobs([newJob(project)])).toEqual([{ outcome: 'key-invalid' }])
    expect(await other.getJob(keyScope(project), job!.id)).toBeNull()
    expect(await other.getJob({ kind: 'user', userId }, job!.id)).toBeNull()
    expect(await other.getProject({ userId, id: projectId })).toBeNull()
    expect(await other.listProjects(userId)).toEqual([])
  })

  it('lets an attempt under way be recorded', async () => {
    const { store, project } = context()
    const [created] = await createJobs(store, project, [{}])
    const { job, claimId } = await claimOne(store, claimRequest([created!]))
    await store.markProjectDeleted({ id: project.projectId, nowMs: T0 })
    expect(await store.recordAttempts([failure(job, claimId, T0 + 30_000)])).toEqual(['recorded'])
    expect((await store.claim(claimRequest([{ ...created!, fireAtMs: T0 + 30_000 }]))).jobs).toEqual([])
  })

  it('is purged in chunks, children first, and nothing of others with it', async () => {
    const { store, project } = context()
    const kept = await seedProject(store, project.userId)
    for (const each of [project, kept]) {
      const jobs = await createJobs(store, each, [{ idempotency: key(each.projectId) }, {}, {}])
      const { claimId, ...request } = claimRequest(jobs)
      const claimed = (await store.claim({ ...request, claimId })).jobs
      await store.recordAttempts(claimed.map((job) => record(job, claimId)))
    }
    // Long ago, by the database's clock too.
    await store.markProjectDeleted({ id: project.projectId, nowMs: 1_000_000 })
    const counts = await purgeAll(store, 2)
    // 3 attempts, 3 jobs, 1 idempotency key, 1 API key, 1 signing secret, 1 project.
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(10)
    expect(Math.max(...counts)).toBe(2)
    const scope = { kind: 'user', userId: project.userId } as const
    const page = await store.listJobs({ scope, page: 1, limit: 20 })
    if (page === 'too-many-projects') throw new Error(page)
    expect(page.total).toBe(3)
    const details = await store.getJob(scope, page.jobs[0]!.id)
    expect(details).toMatchObject({ projectId: kept.projectId, attempts: [{ attempt: 1 }] })
    expect(await store.listProjects(project.userId)).toMatchObject([{ id: kept.projectId, counts: { apiKeys: 1 } }])
  })

  it('is purged by no more than about 4 MiB at a time', async () => {
    const { store, project } = context()
    await createJobs(store, project, Array<object>(5).fill(LARGE))
    await store.markProjectDeleted({ id: project.projectId, nowMs: 1_000_000 })
    // Two jobs and two; one, the API key, the signing secret and the project.
    expect(await purgeAll(store)).toEqual([2, 2, 4])
  })

  it('is purged by no more attempts at a time than could hold 4 MiB', async () => {
    const { store, project } = context()
    const request = claimRequest(await createJobs(store, project, Array<object>(70).fill({})))
    const { jobs } = await store.claim(request)
    await store.recordAttempts(jobs.map((job) => record(job, request.claimId)))
    await store.markProjectDeleted({ id: project.projectId, nowMs: 1_000_000 })
    // 64 attempts, their jobs, and the rest.
    expect(await purgeAll(store)).toEqual([64, 64, 6 + 6 + 3])
  })

  it('is purged with its answers and payloads together within the 4 MiB', async () => {
    const { store, project } = context()
    await createJobs(store, project, [LARGE, LARGE])
    const request = claimRequest(await createJobs(store, project, Array<object>(30).fill({})))
    const { jobs } = await store.claim(request)
    await store.recordAttempts(jobs.map((job) => record(job, request.claimId)))
    await store.markProjectDeleted({ id: project.projectId, nowMs: 1_000_000 })
    // The attempts, which may hold 64 KiB each, and one large job; the other jobs, and the rest.
    expect(await purgeAll(store)).toEqual([30 + 1, 31 + 3])
  })

  it('keeps its own row for a while, so that no job can be left without a project', async () => {
    const { store, project } = context()
    await store.heartbeat({ replicaId: 'a', staleAfterMs: 1_000 })
    const { databaseNowMs } = await store.heartbeat({ replicaId: 'a', staleAfterMs: 1_000 })
    await store.markProjectDeleted({ id: project.projectId, nowMs: databaseNowMs })
    // The API key and the signing secret.
    expect(await store.purgeDeleted({ limit: 100 })).toBe(2)
    expect(await store.purgeDeleted({ limit: 100 })).toBe(0)
  })
}

export function purgeCases(context: () => StoreContext): void {
  it('deletes what has expired, in chunks, and leaves the rest', async () => {
    const { store, project } = context()
    const { projectId, userId } = project
    await createJobs(
      store,
      project,
      [0, 1, 2].map((ms) => ({ idempotency: key(`k${ms}`, T0 + ms) })),
    )
    const session = { userId, createdAtMs: T0, ipAddress: null, userAgent: null }
    const [over, running] = [newId(), newId()]
    await store.createSession({ ...session, id: newId(), tokenHash: over, expiresAtMs: T0 + 1 })
    await store.createSession({ ...session, id: newId(), tokenHash: running, expiresAtMs: T0 + 2 })
    const secret = { id: newId(), sealed: 'b', createdAtMs: T0 }
    await store.rotateSigningSecret({ projectId, secret, previousExpireAtMs: T0 + 1 })
    // Idempotency keys k0 and k1, the session and the first secret.
    expect(await store.purgeExpired({ nowMs: T0 + 1, limit: 1 })).toBe(3)
    expect(await store.purgeExpired({ nowMs: T0 + 1, limit: 1 })).toBe(1)
    expect(await store.purgeExpired({ nowMs: T0 + 1, limit: 1 })).toBe(0)
    expect(await store.findSession({ tokenHash: running, nowMs: T0 })).not.toBeNull()
    expect(await store.listSigningSecrets({ projectId, nowMs: T0 })).toMatchObject([{ sealed: 'b' }])
    const again = newJob(project, { idempotency: key('k2', T0 + 2) })
    expect(await store.createJobs([again])).toMatchObject([{ outcome: 'replayed' }])
  })
}

/** Purges until nothing is left; answers how many rows went each time. */
async function purgeAll(store: Store, limit = 500): Promise<number[]> {
  const counts: number[] = []
  for (;;) {
    const count = await store.purgeDeleted({ limit })
    if (count === 0) return counts
    counts.push(count)
  }
}

function key(name: string, expiresAtMs = T0 + 60_000): { key: string; bodyHash: string; expiresAtMs: number } {
  return { key: name, bodyHash: 'hash', expiresAtMs }
}
