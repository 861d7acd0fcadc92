/** What became of attempts. */
import { expect, it } from 'vitest'
import {
  ALL_DUE,
  claimOne,
  claimRequest,
  createJobs,
  failure,
  look,
  newId,
  record,
  T0,
  type EngineContext,
} from './subject.js'

export function recordCases(context: () => EngineContext): void {
  it('writes a success and ends the job', async () => {
    const { store, project } = context()
    const [created] = await createJobs(store, project, [{}])
    const { job, claimId } = await claimOne(store, claimRequest([created!]))
    const written = record(job, claimId, { responseTruncated: true })
    expect(await store.recordAttempts([written])).toEqual(['recorded'])
    const seen = await look(store, project, job.id)
    expect(seen).toMatchObject({ status: 'SUCCESS', nextAttemptAtMs: null, retryCount: 0, attempt: 1 })
    expect(seen).toMatchObject({ fireAtMs: T0, updatedAtMs: written.nowMs })
    expect(seen.attempts).toMatchObject([
      {
        id: written.attemptId,
        attempt: 1,
        status: 'SUCCESS',
        scheduledForMs: T0,
        firedAtMs: T0 + 1,
        responseCode: 200,
        responseBody: 'thanks – 謝謝',
        responseTruncated: true,
        latenessMs: 1,
        durationMs: 25,
        error: null,
      },
    ])
  })

  it('arms a retry after a failure and counts it; a dead job counts none', async () => {
    const { store, project } = context()
    const [created] = await createJobs(store, project, [{}])
    const first = await claimOne(store, claimRequest([created!]))
    await store.recordAttempts([failure(first.job, first.claimId, T0 + 30_000)])
    const failed = await look(store, project, created!.id)
    expect(failed).toMatchObject({ status: 'FAILED', retryCount: 1, nextAttemptAtMs: T0 + 30_000, fireAtMs: T0 })
    const second = await claimOne(store, claimRequest([{ ...created!, fireAtMs: T0 + 30_000 }]))
    const last = record(second.job, second.claimId, { status: 'FAILED', error: 'refused', next: { status: 'DEAD' } })
    await store.recordAttempts([{ ...last, responseCode: null, responseBody: null, latenessMs: null }])
    const dead = await look(store, project, created!.id)
    expect(dead).toMatchObject({ status: 'DEAD', retryCount: 1, attempt: 2, nextAttemptAtMs: null })
    expect(dead.attempts.map((each) => [each.attempt, each.status])).toEqual([
      [2, 'FAILED'],
      [1, 'FAILED'],
    ])
    expect(dead.attempts[0]).toMatchObject({
      responseCode: null,
      responseBody: null,
      latenessMs: null,
      error: 'refused',
    })
  })

  it('answers per item and fences claims that are not held', async () => {
    const { store, project } = context()
    const jobs = await createJobs(store, project, [{}, {}])
    const { claimId, ...request } = claimRequest(jobs)
    const [one, two] = (await store.claim({ ...request, claimId })).jobs
    const results = await store.recordAttempts([
      record(two!, newId()),
      record(one!, claimId),
      record({ ...one!, id: newId() }, claimId),
    ])
    expect(results).toEqual(['fenced', 'recorded', 'fenced'])
    expect(await look(store, project, two!.id)).toMatchObject({ status: 'FIRING', attempts: [] })
  })

  it('answers the same when it is replayed, and writes once', async () => {
    const { store, project } = context()
    const [created] = await createJobs(store, project, [{}])
    const { job, claimId } = await claimOne(store, claimRequest([created!]))
    const written = failure(job, claimId, T0 + 30_000)
    expect(await store.recordAttempts([written])).toEqual(['recorded'])
    expect(await store.recordAttempts([written])).toEqual(['recorded'])
    const seen = await look(store, project, job.id)
    expect(seen).toMatchObject({ status: 'FAILED', retryCount: 1 })
    expect(seen.attempts).toHaveLength(1)
  })

  it('keeps large answers and many rows', async () => {
    const { store, project } = context()
    const created = await createJobs(store, project, Array<object>(70).fill({}))
    const { claimId, ...request } = claimRequest(created)
    const { jobs } = await store.claim({ ...request, claimId })
    const responseBody = 'é'.repeat(32 * 1024)
    const results = await store.recordAttempts(jobs.map((job) => record(job, claimId, { responseBody })))
    expect(results).toEqual(Array(70).fill('recorded'))
    expect((await look(store, project, jobs[69]!.id)).attempts[0]!.responseBody).toBe(responseBody)
  })
}

export function interruptedCases(context: () => EngineContext): void {
  it('makes the job due at once and counts no failure', async () => {
    const { store, project } = context()
    const [created] = await createJobs(store, project, [{}])
    const { job, claimId } = await claimOne(store, claimRequest([created!]))
    const next = { status: 'interrupted', maxInterruptions: 2 } as const
    const written = record(job, claimId, { status: 'INTERRUPTED', responseCode: null, error: 'stopped', next })
    expect(await store.recordAttempts([written])).toEqual(['recorded'])
    const seen = await look(store, project, job.id)
    expect(seen).toMatchObject({ status: 'FAILED', retryCount: 0, attempt: 1, nextAttemptAtMs: written.nowMs })
    expect(seen.attempts).toMatchObject([{ status: 'INTERRUPTED', error: 'stopped' }])
    expect((await store.readDue(ALL_DUE)).jobs).toMatchObject([{ id: job.id, dueAtMs: written.nowMs }])
  })

  it('ends the job at the limit', async () => {
    const { store, project } = context()
    const [created] = await createJobs(store, project, [{}])
    const next = { status: 'interrupted', maxInterruptions: 2 } as const
    const first = await claimOne(store, claimRequest([created!]))
    await store.recordAttempts([record(first.job, first.claimId, { status: 'INTERRUPTED', next, nowMs: T0 + 7 })])
    const second = await claimOne(store, claimRequest([{ ...created!, fireAtMs: T0 + 7 }]))
    await store.recordAttempts([record(second.job, second.claimId, { status: 'INTERRUPTED', next })])
    const seen = await look(store, project, created!.id)
    expect(seen).toMatchObject({ status: 'DEAD', retryCount: 0, attempt: 2, nextAttemptAtMs: null })
  })
}
