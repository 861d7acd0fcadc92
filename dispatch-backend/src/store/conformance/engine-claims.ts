/** Claiming, and giving claims back. */
import { expect, it } from 'vitest'
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
  type EngineContext,
} from './subject.js'

export function claimCases(context: () => EngineContext): void {
  it('makes a job FIRING and answers what a delivery needs', async () => {
    const { store, project } = context()
    const [job] = await createJobs(store, project, [{}])
    const result = await store.claim(claimRequest([job!]))
    expect(result.jobs).toEqual([
      {
        id: job!.id,
        projectId: project.projectId,
        title: job!.title,
        webhookUrl: job!.webhookUrl,
        endpoint: job!.endpoint,
        payload: job!.payload,
        dueAtMs: T0,
        attempt: 1,
        retryCount: 0,
      },
    ])
    expect(result.sealedSecrets[project.projectId]).toHaveLength(1)
    const seen = await look(store, project, job!.id)
    expect(seen).toMatchObject({ status: 'FIRING', attempt: 1, retryCount: 0, fireAtMs: T0, updatedAtMs: T0 })
  })

  it('answers by due time and id', async () => {
    const { store, project } = context()
    const jobs = await createJobs(
      store,
      project,
      [3, 1, 2, 1].map((ms) => ({ fireAtMs: T0 + ms })),
    )
    const claimed = (await store.claim(claimRequest(jobs))).jobs
    expect(claimed.map((job) => job.dueAtMs - T0)).toEqual([1, 1, 2, 3])
    expect(claimed[0]!.id < claimed[1]!.id).toBe(true)
  })

  it('takes only jobs that are as expected', async () => {
    const { store, project } = context()
    const [good, moved, cancelled, firing] = await createJobs(store, project, [{}, {}, {}, {}])
    await store.cancelJobs([{ id: cancelled!.id, scope: keyScope(project), retrying: false, nowMs: T0 }])
    await store.claim(claimRequest([firing!]))
    const request = claimRequest([
      good!,
      { ...moved!, fireAtMs: T0 + 1 },
      cancelled!,
      firing!,
      { ...good!, id: newId() },
    ])
    expect((await store.claim(request)).jobs.map((job) => job.id)).toEqual([good!.id])
    expect(await look(store, project, moved!.id)).toMatchObject({ status: 'SCHEDULED', attempt: 0 })
    expect(await store.claim(claimRequest([]))).toEqual({ jobs: [], sealedSecrets: {} })
  })

  it('answers the same when it is replayed', async () => {
    const { store, project } = context()
    const jobs = await createJobs(store, project, [{}, {}])
    const request = claimRequest(jobs)
    const first = await store.claim(request)
    expect(await store.claim(request)).toEqual(first)
    expect(first.jobs).toHaveLength(2)
  })

  it('takes a failed job at its retry time, not at its old one', async () => {
    const { store, project } = context()
    const [job] = await createJobs(store, project, [{}])
    const first = await claimOne(store, claimRequest([job!]))
    await store.recordAttempts([failure(first.job, first.claimId, T0 + 30_000)])
    expect((await store.claim(claimRequest([job!]))).jobs).toEqual([])
    const again = await claimOne(store, claimRequest([{ ...job!, fireAtMs: T0 + 30_000 }]))
    expect(again.job).toMatchObject({ attempt: 2, retryCount: 1, dueAtMs: T0 + 30_000 })
  })
}

export function handBackCases(context: () => EngineContext): void {
  it('leaves the job as it was before the claim', async () => {
    const { store, project } = context()
    const [created] = await createJobs(store, project, [{}])
    const first = await claimOne(store, claimRequest([created!]))
    expect(await store.handBack([{ id: first.job.id, claimId: first.claimId }])).toBe(1)
    const scheduled = await look(store, project, created!.id)
    expect(scheduled).toMatchObject({ status: 'SCHEDULED', attempt: 0, nextAttemptAtMs: T0, attempts: [] })
    const second = await claimOne(store, claimRequest([created!]))
    await store.recordAttempts([failure(second.job, second.claimId, T0 + 30_000)])
    const third = await claimOne(store, claimRequest([{ ...created!, fireAtMs: T0 + 30_000 }]))
    expect(await store.handBack([{ id: third.job.id, claimId: third.claimId }])).toBe(1)
    const failed = await look(store, project, created!.id)
    expect(failed).toMatchObject({ status: 'FAILED', attempt: 1, retryCount: 1, nextAttemptAtMs: T0 + 30_000 })
    expect((await store.readDue(ALL_DUE)).jobs).toMatchObject([{ id: created!.id, dueAtMs: T0 + 30_000 }])
  })

  it('does nothing for claims that are not held, and a replay does nothing more', async () => {
    const { store, project } = context()
    const [created] = await createJobs(store, project, [{}])
    const { job, claimId } = await claimOne(store, claimRequest([created!]))
    expect(await store.handBack([{ id: job.id, claimId: newId() }])).toBe(0)
    expect(await store.handBack([{ id: job.id, claimId }])).toBe(1)
    expect(await store.handBack([{ id: job.id, claimId }])).toBe(0)
    expect(await store.recordAttempts([record(job, claimId)])).toEqual(['fenced'])
    expect(await look(store, project, job.id)).toMatchObject({ status: 'SCHEDULED', attempt: 0 })
  })
}
