/** Creating jobs, with and without an `Idempotency-Key`. */
import { expect, it } from 'vitest'
import type { CreateResult, NewJob } from '../store.js'
import { storedJob } from '../stored-job.js'
import { seedApiKey, seedProject } from './seeds.js'
import { claimOne, claimRequest, keyScope, look, newId, newJob, T0, type StoreContext } from './subject.js'

const DAY_MS = 24 * 60 * 60_000

export function createJobsCases(context: () => StoreContext): void {
  it('stores a job, payload byte for byte', async () => {
    const { store, project } = context()
    const payload = '{ "b":1.0,"a":[12345678901234567890 , 1e400],"__proto__":{}, "😀":"\\ud83d\\u0000" }'
    const job = newJob(project, { payload, fireAtMs: T0 + 7 })
    expect(await store.createJobs([job])).toEqual([{ outcome: 'created' }])
    const seen = await look(store, project, job.id)
    expect(seen).toEqual({
      id: job.id,
      projectId: project.projectId,
      title: job.title,
      webhookUrl: job.webhookUrl,
      payload,
      fireAtMs: T0 + 7,
      nextAttemptAtMs: T0 + 7,
      status: 'SCHEDULED',
      attempt: 0,
      retryCount: 0,
      createdAtMs: job.nowMs,
      updatedAtMs: job.nowMs,
      replayOf: null,
      project: { id: project.projectId, name: 'production' },
      attempts: [],
    })
    expect(seen).toMatchObject(storedJob(job))
  })

  it('takes jobs of members of the organization, and of nobody else', async () => {
    const { store, project } = context()
    const stranger = await seedProject(store)
    const gone = await seedProject(store, project.userId)
    await store.markProjectDeleted({ id: gone.projectId, nowMs: T0 })
    const by = (userId: string): Partial<NewJob> => ({ scope: { kind: 'user', userId } })
    const original = newId()
    const mine = newJob(project, { ...by(project.userId), replayOf: original })
    const jobs = [mine, newJob(project, by(stranger.userId)), newJob(gone, by(project.userId)), newJob(stranger)]
    const refused = newJob({ ...project, projectId: newId() }, by(project.userId))
    const results = await store.createJobs([...jobs, refused])
    expect(outcomes(results)).toEqual(['created', 'not-found', 'not-found', 'created', 'not-found'])
    expect(await look(store, project, mine.id)).toMatchObject({ replayOf: original, status: 'SCHEDULED' })
    for (const { id } of [jobs[1]!, jobs[2]!, refused]) {
      expect(await store.getJob({ kind: 'user', userId: project.userId }, id)).toBeNull()
    }
  })

  it('keeps the longest title, URL and a large payload', async () => {
    const { store, project } = context()
    const job = newJob(project, {
      title: '😀'.repeat(191),
      webhookUrl: `https://example.com/${'ä'.repeat(2048 - 20)}`,
      payload: JSON.stringify({ text: 'ß'.repeat(500_000) }),
    })
    await store.createJobs([job])
    const seen = await look(store, project, job.id)
    expect(seen.title).toBe(job.title)
    expect(seen.webhookUrl).toBe(job.webhookUrl)
    expect(seen.payload === job.payload).toBe(true)
  })

  it('stores a large batch and answers in the order asked', async () => {
    const { store, project } = context()
    const jobs = Array.from({ length: 300 }, (_, index) => newJob(project, { title: `job ${index}` })).reverse()
    const stranger = newJob(project, { scope: { kind: 'user', userId: newId() } })
    const results = await store.createJobs([...jobs.slice(0, 200), stranger, ...jobs.slice(200)])
    expect(outcomes(results)).toEqual([
      ...jobs.map((_job, index) => (index === 200 ? 'not-found' : 'created')),
      'created',
    ])
    expect((await look(store, project, jobs[299]!.id)).title).toBe('job 0')
    expect(await store.createJobs([])).toEqual([])
  })

  it('answers created again when it is replayed, without touching the job', async () => {
    const { store, project } = context()
    const job = newJob(project, { idempotency: idempotency('k') })
    const first = await store.createJobs([job])
    await store.claim(claimRequest([job]))
    expect(await store.createJobs([job])).toEqual(first)
    expect((await look(store, project, job.id)).status).toBe('FIRING')
  })

  it('refuses revoked keys, keys of another project and deleted projects, each for itself', async () => {
    const { store, project } = context()
    const other = await seedProject(store)
    const gone = await seedProject(store)
    const revoked = await seedApiKey(store, project.projectId)
    await store.revokeApiKey({ projectId: project.projectId, id: revoked, nowMs: T0 })
    await store.markProjectDeleted({ id: gone.projectId, nowMs: T0 })
    const jobs = [
      newJob(project),
      newJob({ ...project, apiKeyId: revoked }, { idempotency: idempotency('k') }),
      newJob({ ...project, apiKeyId: other.apiKeyId }),
      newJob(gone),
      newJob({ ...project, apiKeyId: newId() }),
      newJob(other),
    ]
    expect(outcomes(await store.createJobs(jobs))).toEqual([
      'created',
      'key-invalid',
      'key-invalid',
      'key-invalid',
      'key-invalid',
      'created',
    ])
    // The refused one must not have taken its Idempotency-Key either.
    const next = newJob(project, { idempotency: idempotency('k', 'another body') })
    expect(outcomes(await store.createJobs([next]))).toEqual(['created'])
  })
}

export function idempotencyCases(context: () => StoreContext): void {
  it('answers the first job as it is now, and refuses another body', async () => {
    const { store, project } = context()
    const job = newJob(project, { idempotency: idempotency('order 1') })
    await store.createJobs([job])
    await claimOne(store, claimRequest([job]))
    const again = newJob(project, { title: 'ignored', idempotency: idempotency('order 1') })
    const other = newJob(project, { idempotency: idempotency('order 1', 'another body') })
    const [replayed, conflict] = await store.createJobs([again, other])
    expect(replayed).toMatchObject({ outcome: 'replayed', job: { id: job.id, status: 'FIRING', payload: job.payload } })
    expect(conflict).toEqual({ outcome: 'idempotency-conflict' })
    for (const { id } of [again, other]) expect(await store.getJob(keyScope(project), id)).toBeNull()
  })

  it('holds within one batch: the first creates, the others replay or conflict', async () => {
    const { store, project } = context()
    const jobs = [
      newJob(project, { idempotency: idempotency('k') }),
      newJob(project, { idempotency: idempotency('k') }),
      newJob(project, { idempotency: idempotency('k', 'another body') }),
      newJob(project, { idempotency: idempotency('K') }),
      newJob(project),
    ]
    const results = await store.createJobs(jobs)
    expect(outcomes(results)).toEqual(['created', 'replayed', 'idempotency-conflict', 'created', 'created'])
    expect(results[1]).toMatchObject({ job: storedJob(jobs[0]!) })
  })

  it('finds the job that a key and body made, for whoever may see it and while the key lasts', async () => {
    const { store, project } = context()
    const job = newJob(project, { idempotency: idempotency('k') })
    await store.createJobs([job])
    const { bodyHash, expiresAtMs } = job.idempotency!
    const { projectId } = project
    const query = { projectId, scope: keyScope(project), key: 'k', bodyHash, nowMs: expiresAtMs - 1 }
    expect(await store.findReplay(query)).toMatchObject({ id: job.id, payload: job.payload })
    expect(await store.findReplay({ ...query, nowMs: expiresAtMs })).toBeNull()
    expect(await store.findReplay({ ...query, key: 'K' })).toBeNull()
    expect(await store.findReplay({ ...query, bodyHash: 'another body' })).toBeNull()
    const other = await seedProject(store)
    expect(await store.findReplay({ ...query, scope: keyScope(other) })).toBeNull()
    expect(await store.findReplay({ ...query, projectId: other.projectId, scope: keyScope(other) })).toBeNull()
    expect(await store.findReplay({ ...query, scope: { kind: 'user', userId: project.userId } })).toMatchObject({
      id: job.id,
    })
    expect(await store.findReplay({ ...query, scope: { kind: 'user', userId: other.userId } })).toBeNull()
  })

  it('keeps projects apart', async () => {
    const { store, project } = context()
    const second = await seedProject(store)
    const jobs = [project, second].map((each) => newJob(each, { idempotency: idempotency('k', each.projectId) }))
    expect(outcomes(await store.createJobs(jobs))).toEqual(['created', 'created'])
  })

  it('forgets a key that has expired', async () => {
    const { store, project } = context()
    const first = newJob(project, { idempotency: idempotency('k') })
    await store.createJobs([first])
    const expiredAtMs = first.idempotency!.expiresAtMs
    const early = newJob(project, { nowMs: expiredAtMs - 1, idempotency: idempotency('k') })
    expect(outcomes(await store.createJobs([early]))).toEqual(['replayed'])
    const late = newJob(project, {
      nowMs: expiredAtMs,
      idempotency: { ...idempotency('k', 'another body'), expiresAtMs: expiredAtMs + DAY_MS },
    })
    expect(outcomes(await store.createJobs([late]))).toEqual(['created'])
    const again = newJob(project, { nowMs: expiredAtMs + 1, idempotency: idempotency('k', 'another body') })
    expect((await store.createJobs([again]))[0]).toMatchObject({ outcome: 'replayed', job: { id: late.id } })
  })

  it('of two stores that use the same key at once exactly one creates', async () => {
    const { store, other, project } = context()
    for (let round = 0; round < 10; round++) {
      const keys = ['a', 'b', 'c', 'd'].map((name) => `${name} ${round}`)
      const batch = (order: readonly string[]): NewJob[] =>
        order.map((key) => newJob(project, { idempotency: idempotency(key) }))
      const [left, right] = [batch(keys), batch(keys.toReversed())]
      const [first, second] = await Promise.all([store.createJobs(left), other.createJobs(right)])
      const [mirrored, mirroredJobs] = [second.toReversed(), right.toReversed()]
      for (const index of keys.keys()) {
        expect(outcomes([first[index]!, mirrored[index]!]).sort()).toEqual(['created', 'replayed'])
        expect(idOf(first[index]!, left[index]!)).toBe(idOf(mirrored[index]!, mirroredJobs[index]!))
      }
    }
  })

  it('of two stores that use the same key for different bodies one is refused', async () => {
    const { store, other, project } = context()
    for (let round = 0; round < 10; round++) {
      const results = await Promise.all([
        store.createJobs([newJob(project, { idempotency: idempotency(`k ${round}`, 'one') })]),
        other.createJobs([newJob(project, { idempotency: idempotency(`k ${round}`, 'two') })]),
      ])
      expect(outcomes(results.flat()).sort()).toEqual(['created', 'idempotency-conflict'])
    }
  })
}

function idempotency(key: string, body = 'a body'): NonNullable<NewJob['idempotency']> {
  return { key, bodyHash: `hash of ${body}`.slice(0, 64), expiresAtMs: T0 + DAY_MS }
}

function outcomes(results: readonly CreateResult[]): string[] {
  return results.map((result) => result.outcome)
}

/** Of the job that there is now. */
function idOf(result: CreateResult, asked: NewJob): string {
  return result.outcome === 'replayed' ? result.job.id : asked.id
}
