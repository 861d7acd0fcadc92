/** What is due, and who is there. */
import { expect, it } from 'vitest'
import type { DueJob, DueQuery } from '../store.js'
import {
  ALL_DUE,
  claimOne,
  claimRequest,
  createJobs,
  keyScope,
  newId,
  record,
  T0,
  type EngineContext,
  type EngineSubjectStore,
} from './subject.js'

export function heartbeatCases(context: () => EngineContext): void {
  it('answers the live replicas in order, the caller among them', async () => {
    const { store } = context()
    await store.heartbeat({ replicaId: 'b', staleAfterMs: 60_000 })
    const { replicaIds, databaseNowMs } = await store.heartbeat({ replicaId: 'a', staleAfterMs: 60_000 })
    expect(replicaIds).toEqual(['a', 'b'])
    expect(Number.isInteger(databaseNowMs)).toBe(true)
  })

  it('leaves out whoever is stale or has stopped in order', async () => {
    const { store } = context()
    await store.heartbeat({ replicaId: 'b', staleAfterMs: 60_000 })
    await store.heartbeat({ replicaId: 'c', staleAfterMs: 60_000 })
    await store.removeReplica('c')
    await store.removeReplica('never-there')
    expect((await store.heartbeat({ replicaId: 'a', staleAfterMs: 60_000 })).replicaIds).toEqual(['a', 'b'])
    const { replicaIds } = await store.heartbeat({ replicaId: 'a', staleAfterMs: -1 })
    expect(replicaIds).not.toContain('b')
  })
}

export function readDueCases(context: () => EngineContext): void {
  it('reads [from, until) by due time and id, with what is needed to claim', async () => {
    const { store, project } = context()
    const [late, early, second, before, after] = await createJobs(store, project, [
      { fireAtMs: T0 + 5 },
      { fireAtMs: T0 },
      { fireAtMs: T0 },
      { fireAtMs: T0 - 1 },
      { fireAtMs: T0 + 10 },
    ])
    const { jobs: due, next } = await store.readDue({ ...ALL_DUE, fromMs: T0, untilMs: T0 + 10 })
    expect(next).toBeUndefined()
    expect(due.map((job) => job.id)).toEqual([...[early!.id, second!.id].sort(), late!.id])
    expect(due.at(-1)).toEqual({
      id: late!.id,
      dueAtMs: T0 + 5,
      projectId: project.projectId,
      endpoint: late!.endpoint,
      payloadBytes: Buffer.byteLength(late!.payload),
    })
    expect(due.map((job) => job.id)).not.toContain(before!.id)
    expect(due.map((job) => job.id)).not.toContain(after!.id)
  })

  it('goes on after any row, also within one millisecond', async () => {
    const { store, project } = context()
    const jobs = await createJobs(
      store,
      project,
      [0, 0, 0, 0, 1, 1, 2].map((ms) => ({ fireAtMs: T0 + ms })),
    )
    const seen: string[] = []
    for (const page of await readPages(store, { limit: 2 })) seen.push(...page.map((job) => job.id))
    const expected = jobs.toSorted((a, b) => a.fireAtMs - b.fireAtMs || (a.id < b.id ? -1 : 1)).map((job) => job.id)
    expect(seen).toEqual(expected)
    expect((await store.readDue({ ...ALL_DUE, fromMs: T0 + 1, untilMs: T0 + 1 })).jobs).toEqual([])
    const past = { dueAtMs: T0 + 9, id: newId() }
    expect((await store.readDue({ ...ALL_DUE, untilMs: T0 + 9, after: past })).jobs).toEqual([])
  })

  it('deals every job to exactly one share', async () => {
    const { store, project } = context()
    const jobs = await createJobs(store, project, Array<object>(60).fill({}))
    const shares = await Promise.all(
      [0, 1, 2].map((index) => store.readDue({ ...ALL_DUE, share: { index, count: 3 } })),
    )
    const dealt = shares.flatMap(({ jobs }) => jobs).map((job) => job.id)
    expect(dealt.sort()).toEqual(jobs.map((job) => job.id).sort())
    // The share is told by the random end of the id alone, which every replica can work out.
    for (const [index, share] of shares.entries()) {
      for (const job of share.jobs) expect(Number.parseInt(job.id.slice(-3), 16) % 3).toBe(index)
    }
  })

  it('leaves out projects, and endpoints of projects', async () => {
    const { store, project, seedProject } = context()
    const second = await seedProject()
    const [slow, fast] = await createJobs(store, project, [{ endpoint: 'https://slow:443' }, {}])
    const [same] = await createJobs(store, second, [{ endpoint: 'https://slow:443' }])
    const ids = async (exclude: object): Promise<string[]> =>
      (await store.readDue({ ...ALL_DUE, ...exclude })).jobs.map((job) => job.id).sort()
    expect(await ids({ excludeProjectIds: [project.projectId] })).toEqual([same!.id])
    expect(await ids({ excludeProjectIds: [project.projectId, second.projectId] })).toEqual([])
    const excludeEndpoints = [
      [project.projectId, 'https://slow:443'],
      [second.projectId, 'https://elsewhere:443'],
    ]
    expect(await ids({ excludeEndpoints })).toEqual([fast!.id, same!.id].sort())
    expect(await ids({})).toEqual([slow!.id, fast!.id, same!.id].sort())
  })

  it.each([
    { at: 'one millisecond', apartMs: 0 },
    { at: 'different times', apartMs: 7 },
  ])('looks at so many rows and no more, and tells where it stopped, due at $at', async ({ apartMs }) => {
    const { store, project } = context()
    const endpoint = 'https://slow:443'
    const jobs = await createJobs(
      store,
      project,
      Array.from({ length: 10 }, (_, place) => ({
        fireAtMs: T0 + apartMs * place,
        // The sixth and the tenth are not left out.
        ...(place % 4 !== 1 || place < 2 ? { endpoint } : {}),
      })),
    )
    const exclude = { excludeEndpoints: [[project.projectId, endpoint]] as const, scanLimit: 4 }
    const first = await store.readDue({ ...ALL_DUE, ...exclude })
    expect(first).toEqual({ jobs: [], next: { dueAtMs: jobs[3]!.fireAtMs, id: jobs[3]!.id } })
    const pages = await readPages(store, exclude)
    expect(pages.map((page) => page.map(({ id }) => id))).toEqual([[], [jobs[5]!.id], [jobs[9]!.id]])
  })

  it('does not look on for jobs of its share', async () => {
    const { store, project } = context()
    const jobs = await createJobs(store, project, Array<object>(30).fill({}))
    const isMine = (id: string): boolean => Number.parseInt(id.slice(-3), 16) % 3 === 1
    const pages = await readPages(store, { share: { index: 1, count: 3 }, scanLimit: 10 })
    expect(pages.length).toBeGreaterThanOrEqual(3)
    const expected = [0, 10, 20].map((from) =>
      jobs.slice(from, from + 10).flatMap(({ id }) => (isMine(id) ? [id] : [])),
    )
    expect(pages.slice(0, 3).map((page) => page.map(({ id }) => id))).toEqual(expected)
  })

  it('does not show what may not be claimed', async () => {
    const { store, project } = context()
    const [firing, cancelled, done] = await createJobs(store, project, [{}, {}, {}])
    await store.claim(claimRequest([firing!]))
    await store.cancelJobs([{ id: cancelled!.id, scope: keyScope(project), retrying: false, nowMs: T0 }])
    const { job, claimId } = await claimOne(store, claimRequest([done!]))
    await store.recordAttempts([record(job, claimId)])
    expect((await store.readDue(ALL_DUE)).jobs).toEqual([])
  })
}

/** The jobs of each page until there is none to go on with. */
async function readPages(store: EngineSubjectStore, query: Partial<DueQuery>): Promise<(readonly DueJob[])[]> {
  const pages: (readonly DueJob[])[] = []
  let after: DueQuery['after']
  do {
    const page = await store.readDue({ ...ALL_DUE, ...query, ...(after && { after }) })
    pages.push(page.jobs)
    after = page.next
  } while (after)
  return pages
}
