/** Taking back the claims of the dead. */
import { expect, it } from 'vitest'
import {
  ALL_DUE,
  claimOne,
  claimRequest,
  createJobs,
  look,
  OVER,
  record,
  releaseRequest,
  T0,
  type EngineContext,
} from './subject.js'

export function releaseCases(context: () => EngineContext): void {
  it('takes back a dead claim, logs it and makes the job due at once', async () => {
    const { store, project } = context()
    const [created] = await createJobs(store, project, [{}])
    const { job, claimId } = await claimOne(store, claimRequest([created!], { ...OVER, nowMs: T0 + 2 }))
    const request = releaseRequest()
    expect(await store.releaseExpired(request)).toEqual([
      {
        id: job.id,
        projectId: project.projectId,
        endpoint: job.endpoint,
        payloadBytes: Buffer.byteLength(job.payload),
        dueAtMs: request.nowMs,
        attempt: 1,
        dead: false,
      },
    ])
    const seen = await look(store, project, job.id)
    expect(seen).toMatchObject({ status: 'FAILED', retryCount: 0, attempt: 1, nextAttemptAtMs: request.nowMs })
    expect(seen.attempts).toMatchObject([
      {
        attempt: 1,
        status: 'INTERRUPTED',
        scheduledForMs: T0,
        firedAtMs: T0 + 2,
        responseCode: null,
        latenessMs: null,
      },
    ])
    expect(seen.attempts[0]!.error).toMatch(/may have received it/)
    // The slow owner comes back: its record must not overwrite what has happened since.
    expect(await store.recordAttempts([record(job, claimId)])).toEqual(['fenced'])
    expect(await store.releaseExpired(request)).toEqual([])
  })

  it('ends the job at the interruption limit', async () => {
    const { store, project } = context()
    const [created] = await createJobs(store, project, [{}])
    await claimOne(store, claimRequest([created!], OVER))
    expect(await store.releaseExpired(releaseRequest({ maxInterruptions: 1 }))).toMatchObject([{ dead: true }])
    const seen = await look(store, project, created!.id)
    expect(seen).toMatchObject({ status: 'DEAD', nextAttemptAtMs: null, retryCount: 0 })
    expect(seen.attempts[0]!.error).toMatch(/interrupted|while this attempt was under way/)
    expect((await store.readDue(ALL_DUE)).jobs).toEqual([])
  })

  it('leaves claims whose lease runs, or whose owner lives', async () => {
    const { store, project, singleEngine } = context()
    const [running, owned] = await createJobs(store, project, [{}, {}])
    await store.heartbeat({ replicaId: 'replica-c', staleAfterMs: 60_000 })
    const own = { replicaId: singleEngine ? 'replica-b' : 'replica-a' }
    await store.claim(claimRequest([running!], own))
    await store.claim(claimRequest([owned!], singleEngine ? own : { ...OVER, replicaId: 'replica-c' }))
    expect(await store.releaseExpired(releaseRequest({ staleAfterMs: 60_000 }))).toEqual([])
    expect((await look(store, project, running!.id)).status).toBe('FIRING')
    expect((await look(store, project, owned!.id)).status).toBe('FIRING')
  })

  it('takes back an old claim of the caller itself', async () => {
    const { store, project } = context()
    const [created] = await createJobs(store, project, [{}])
    await store.heartbeat({ replicaId: 'replica-b', staleAfterMs: 60_000 })
    await store.claim(claimRequest([created!], { ...OVER, replicaId: 'replica-b' }))
    const released = await store.releaseExpired(releaseRequest({ staleAfterMs: 60_000 }))
    expect(released.map((job) => job.id)).toEqual([created!.id])
  })

  it('on a single-engine database takes every claim of another owner at once', async () => {
    const { store, project, singleEngine } = context()
    const [created] = await createJobs(store, project, [{}])
    await store.claim(claimRequest([created!]))
    const released = await store.releaseExpired(releaseRequest({ staleAfterMs: 60_000 }))
    expect(released).toHaveLength(singleEngine ? 1 : 0)
  })

  it('goes in chunks', async () => {
    const { store, project } = context()
    await store.claim(claimRequest(await createJobs(store, project, [{}, {}, {}]), OVER))
    expect(await store.releaseExpired(releaseRequest({ limit: 2 }))).toHaveLength(2)
    expect(await store.releaseExpired(releaseRequest({ limit: 2 }))).toHaveLength(1)
  })
}
