/** Cancelling, and whose jobs may be cancelled. */
import { expect, it } from 'vitest'
import type { CancelRequest } from '../store.js'
import { seedApiKey, seedProject, seedUser } from './seeds.js'
import {
  ALL_DUE,
  claimOne,
  claimRequest,
  createJobs,
  failure,
  keyScope,
  look,
  newId,
  record,
  T0,
  type StoreContext,
} from './subject.js'

const NOW = T0 - 5

export function cancelCases(context: () => StoreContext): void {
  const request = (id: string, overrides: Partial<CancelRequest> = {}): CancelRequest => ({
    id,
    scope: keyScope(context().project),
    retrying: false,
    nowMs: NOW,
    ...overrides,
  })

  it('cancels a scheduled job: it is never due again', async () => {
    const { store, project } = context()
    const [job] = await createJobs(store, project, [{}])
    expect(await store.cancelJobs([request(job!.id)])).toEqual(['cancelled'])
    const seen = await look(store, project, job!.id)
    expect(seen).toMatchObject({ status: 'CANCELLED', nextAttemptAtMs: null, updatedAtMs: NOW, fireAtMs: T0 })
    expect((await store.readDue(ALL_DUE)).jobs).toEqual([])
    expect((await store.claim(claimRequest([job!]))).jobs).toEqual([])
  })

  it('answers the same when it is replayed, and refuses a later request', async () => {
    const { store, project } = context()
    const [job] = await createJobs(store, project, [{}])
    expect(await store.cancelJobs([request(job!.id)])).toEqual(['cancelled'])
    expect(await store.cancelJobs([request(job!.id)])).toEqual(['cancelled'])
    expect(await store.cancelJobs([request(job!.id, { nowMs: NOW + 1 })])).toEqual(['not-cancellable'])
  })

  it('takes a failed job only when asked to, and never one that fires or has ended', async () => {
    const { store, project } = context()
    const [failed, firing, done] = await createJobs(store, project, [{}, {}, {}])
    const first = await claimOne(store, claimRequest([failed!]))
    await store.recordAttempts([failure(first.job, first.claimId, T0 + 30_000)])
    await store.claim(claimRequest([firing!]))
    const last = await claimOne(store, claimRequest([done!]))
    await store.recordAttempts([record(last.job, last.claimId)])
    const ids = [failed!.id, firing!.id, done!.id]
    expect(await store.cancelJobs(ids.map((id) => request(id)))).toEqual(Array(3).fill('not-cancellable'))
    expect(await store.cancelJobs(ids.map((id) => request(id, { retrying: true })))).toEqual([
      'cancelled',
      'not-cancellable',
      'not-cancellable',
    ])
    expect(await look(store, project, failed!.id)).toMatchObject({ status: 'CANCELLED', attempt: 1, retryCount: 1 })
    expect((await look(store, project, firing!.id)).status).toBe('FIRING')
    expect((await look(store, project, done!.id)).status).toBe('SUCCESS')
  })

  it('does not find what belongs to others', async () => {
    const { store, project } = context()
    const stranger = await seedProject(store)
    const [job] = await createJobs(store, project, [{}])
    const results = await store.cancelJobs([
      request(job!.id, { scope: keyScope(stranger) }),
      request(job!.id, { scope: { kind: 'user', userId: stranger.userId } }),
      request(job!.id, { scope: { kind: 'user', userId: (await seedUser(store)).userId } }),
      request(newId()),
    ])
    expect(results).toEqual(Array(4).fill('not-found'))
    expect((await look(store, project, job!.id)).status).toBe('SCHEDULED')
  })

  it('lets the user of a session cancel, within one batch with keys', async () => {
    const { store, project } = context()
    const [mine, theirs] = await createJobs(store, project, [{}, {}])
    const results = await store.cancelJobs([
      request(mine!.id, { scope: { kind: 'user', userId: project.userId } }),
      request(theirs!.id),
    ])
    expect(results).toEqual(['cancelled', 'cancelled'])
  })

  it('refuses keys that are revoked, unknown or of another project', async () => {
    const { store, project } = context()
    const [job] = await createJobs(store, project, [{}])
    const revoked = await seedApiKey(store, project.projectId)
    await store.revokeApiKey({ projectId: project.projectId, id: revoked, nowMs: T0 })
    const stranger = await seedProject(store)
    const results = await store.cancelJobs(
      [revoked, newId(), stranger.apiKeyId].map((apiKeyId) =>
        request(job!.id, { scope: keyScope({ ...project, apiKeyId }) }),
      ),
    )
    expect(results).toEqual(Array(3).fill('key-invalid'))
    expect((await look(store, project, job!.id)).status).toBe('SCHEDULED')
  })

  it('answers two requests for one job in one batch, in their order', async () => {
    const { store, project } = context()
    const stranger = await seedProject(store)
    const [job] = await createJobs(store, project, [{}])
    const results = await store.cancelJobs([
      request(job!.id, { scope: keyScope(stranger) }),
      request(job!.id),
      request(job!.id, { nowMs: NOW + 1 }),
    ])
    expect(results).toEqual(['not-found', 'cancelled', 'not-cancellable'])
  })

  it('does not find jobs of a deleted project', async () => {
    const { store, project } = context()
    const [job] = await createJobs(store, project, [{}])
    await store.markProjectDeleted({ id: project.projectId, nowMs: NOW })
    expect(await store.cancelJobs([request(job!.id)])).toEqual(['key-invalid'])
    const scope = { kind: 'user', userId: project.userId } as const
    expect(await store.cancelJobs([request(job!.id, { scope })])).toEqual(['not-found'])
  })
}
