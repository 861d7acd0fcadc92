/** All jobs of a filter, page by page. */
import { expect, it } from 'vitest'
import type { ExportedJob, JobExportQuery, JobPlace } from '../store.js'
import { seedProject } from './seeds.js'
import {
  claimOne,
  claimRequest,
  createJobs,
  failure,
  keyScope,
  newId,
  record,
  T0,
  type StoreContext,
} from './subject.js'

const JOBS = 23

export function jobExportCases(context: () => StoreContext): void {
  const own = () => ({ kind: 'user', userId: context().project.userId }) as const

  /** Every page until the last. */
  async function readAll(
    query: Partial<JobExportQuery> = {},
    between: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<ExportedJob[][]> {
    const pages: ExportedJob[][] = []
    let after: JobPlace | undefined
    do {
      const page = await context().store.exportJobs({
        ...{ scope: own(), limit: 5, withPayload: false, maxPayloadBytes: 1024, ...query },
        ...(after && { after }),
      })
      if (page === 'too-many-projects') throw new Error(page)
      pages.push([...page.jobs])
      after = page.next
      await between()
    } while (after)
    return pages
  }
  const ids = async (query: Partial<JobExportQuery> = {}): Promise<string[]> =>
    (await readAll(query)).flat().map((job) => job.id)

  /** Of three due times, so that pages end between jobs that are due at the same instant. */
  async function seedJobs(): Promise<string[]> {
    const { store, project } = context()
    const second = await seedProject(store, project.userId)
    const made: string[] = []
    for (let index = 0; index < JOBS; index += 1) {
      const place = index % 3 === 0 ? second : project
      const [job] = await createJobs(store, place, [{ fireAtMs: T0 + (index % 2), title: `job ${index}` }])
      made.push(job!.id)
      if (index % 4 === 0) await store.claim(claimRequest([job!]))
    }
    return made
  }

  it('answers what lists answer, in the same order, whatever the page', async () => {
    const made = await seedJobs()
    const { store, project } = context()
    const filters: Partial<JobExportQuery>[] = [
      {},
      { projectId: project.projectId },
      { scope: keyScope(project) },
      { statuses: ['FIRING'] },
      { statuses: ['FIRING', 'SCHEDULED', 'DEAD'] },
      { fromMs: 0, toMs: T0 * 2 },
      { sort: 'due' },
      { sort: 'due', projectId: project.projectId, statuses: ['SCHEDULED'] },
      { sort: 'due', fromMs: T0, toMs: T0 + 1 },
      { text: 'job 1' },
      { endpoint: 'https://hooks.example.com:443', sort: 'due' },
    ]
    for (const filter of filters) {
      for (const order of [{}, { ascending: true }]) {
        const page = await store.listJobs({ scope: own(), page: 1, limit: 100, ...filter, ...order })
        if (page === 'too-many-projects') throw new Error(page)
        const listed = page.jobs.map((job) => job.id)
        expect(listed.length).toBeGreaterThan(0)
        for (const limit of [1, 4, 100]) {
          expect(await ids({ ...filter, ...order, limit }), JSON.stringify({ filter, order, limit })).toEqual(listed)
        }
      }
    }
    expect((await ids({ ascending: true })).length).toBe(made.length)
  })

  it('has the outcome of the last attempt that was recorded', async () => {
    const { store, project } = context()
    const [fresh, failed, firing, done] = await createJobs(store, project, [{}, {}, {}, {}])
    for (const job of [failed!, firing!]) {
      const { job: claimed, claimId } = await claimOne(store, claimRequest([job]))
      await store.recordAttempts([failure(claimed, claimId, T0 + 30_000)])
    }
    await store.claim(claimRequest([{ id: firing!.id, fireAtMs: T0 + 30_000 }]))
    const { job: claimed, claimId } = await claimOne(store, claimRequest([done!]))
    const attempt = record(claimed, claimId)
    await store.recordAttempts([attempt])
    const jobs = new Map((await readAll()).flat().map((job) => [job.id, job]))
    expect(jobs.get(fresh!.id)).toMatchObject({ status: 'SCHEDULED', lastAttempt: null, payload: null })
    expect(jobs.get(failed!.id)).toMatchObject({ status: 'FAILED', lastAttempt: { attempt: 1, responseCode: 500 } })
    // The second is under way.
    expect(jobs.get(firing!.id)).toMatchObject({ status: 'FIRING', attempt: 2, lastAttempt: { attempt: 1 } })
    expect(jobs.get(done!.id)).toMatchObject({ project: { id: project.projectId, name: 'production' } })
    expect(jobs.get(done!.id)!.lastAttempt).toEqual({
      id: attempt.attemptId,
      attempt: 1,
      status: 'SUCCESS',
      scheduledForMs: T0,
      firedAtMs: attempt.firedAtMs,
      responseCode: 200,
      responseTruncated: false,
      latenessMs: 1,
      durationMs: 25,
      error: null,
    })
  })

  it('answers payloads byte for byte, and so many bytes of them in a page, or one', async () => {
    const { store, project } = context()
    const texts = [
      '{"n":12345678901234567890,"f":1.0}',
      ...[1, 2, 3, 4].map((n) => JSON.stringify({ x: 'y'.repeat(n * 20) })),
    ]
    await createJobs(
      store,
      project,
      texts.map((payload) => ({ payload })),
    )
    const pages = await readAll({ ascending: true, withPayload: true, limit: 3, maxPayloadBytes: 70 })
    expect(pages.map((page) => page.map((job) => job.payload))).toEqual([
      [texts[0], texts[1]],
      [texts[2]],
      [texts[3]],
      [texts[4]],
    ])
    const [all] = await readAll({ ascending: true, withPayload: true, limit: 100, maxPayloadBytes: 10_000 })
    expect(all!.map((job) => job.payload)).toEqual(texts)
  })

  it('answers no job twice while others are made, move and go, and goes on behind one that is gone', async () => {
    const made = await seedJobs()
    const { store, project } = context()
    const pages = await readAll({ limit: 4 }, () => createJobs(store, project, [{}]))
    expect(pages.flat().map((job) => job.id)).toEqual(made.toReversed())
    const scheduled = await readAll({ limit: 4, statuses: ['SCHEDULED', 'CANCELLED'], ascending: true }, async () => {
      const cancelled = made.slice(0, 6).map((id) => ({ id, scope: own(), retrying: false, nowMs: T0 }))
      await store.cancelJobs(cancelled)
    })
    const seen = scheduled.flat().map((job) => job.id)
    expect(new Set(seen).size).toBe(seen.length)
  })

  it('reads as far with a page of very many projects as with one', async () => {
    const { store, project } = context()
    for (let n = 0; n < 110; n += 1) await seedProject(store, project.userId)
    const made = await createJobs(store, project, Array<object>(60).fill({}))
    const [first, ...more] = await readAll({ sort: 'due', limit: 500 })
    expect(first).toHaveLength(made.length)
    expect(more).toEqual([])
  })

  it('never exports what belongs to others or to a deleted project', async () => {
    const { store, project } = context()
    const stranger = await seedProject(store)
    const gone = await seedProject(store, project.userId)
    const [mine] = await createJobs(store, project, [{}])
    const [theirs] = await createJobs(store, stranger, [{}])
    await createJobs(store, gone, [{}])
    await store.markProjectDeleted({ id: gone.projectId, nowMs: T0 })
    for (const query of [{}, { sort: 'due' }, { text: 'trial' }, { statuses: ['SCHEDULED'] }, { fromMs: 0 }] as const) {
      expect(await ids(query as Partial<JobExportQuery>)).toEqual([mine!.id])
      expect(await ids({ ...(query as Partial<JobExportQuery>), projectId: stranger.projectId })).toEqual([])
      expect(await ids({ ...(query as Partial<JobExportQuery>), projectId: gone.projectId })).toEqual([])
      expect(await ids({ ...(query as Partial<JobExportQuery>), projectId: newId() })).toEqual([])
    }
    // The place is no way into the jobs of others.
    const after = { id: theirs!.id, fireAtMs: T0 }
    const page = await store.exportJobs({ scope: own(), after, limit: 5, withPayload: true, maxPayloadBytes: 1 })
    expect(page).toMatchObject({ jobs: [{ id: mine!.id }] })
    await store.revokeApiKey({ projectId: project.projectId, id: project.apiKeyId, nowMs: T0 })
    expect(await ids({ scope: keyScope(project) })).toEqual([])
  })
}
