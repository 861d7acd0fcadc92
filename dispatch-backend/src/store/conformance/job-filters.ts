/** Lists of jobs by time, endpoint and text, in either order. */
import { expect, it } from 'vitest'
import { v7 as uuidv7 } from 'uuid'
import type { JobListQuery, JobPage } from '../store.js'
import { seedProject } from './seeds.js'
import { claimOne, claimRequest, createJobs, failure, keyScope, T0, type StoreContext } from './subject.js'

const MINUTE = 60_000
/** Where one page ends, and two states. */
const EACH_WAY = [undefined, true] as const

/** An id of a job created at that instant. */
function idAt(createdAtMs: number): string {
  return uuidv7({ msecs: createdAtMs })
}

export function jobFilterCases(context: () => StoreContext): void {
  const list = async (query: Partial<JobListQuery> = {}): Promise<JobPage> => {
    const scope = { kind: 'user', userId: context().project.userId } as const
    const page = await context().store.listJobs({ scope, page: 1, limit: 20, ...query })
    if (page === 'too-many-projects') throw new Error(page)
    return page
  }
  const ids = async (query: Partial<JobListQuery>): Promise<string[]> => (await list(query)).jobs.map((job) => job.id)

  it('sorts by creation or due time, latest or earliest first, across projects and states', async () => {
    const { store, project } = context()
    const second = await seedProject(store, project.userId)
    const [a, b] = await createJobs(store, project, [{ fireAtMs: T0 + 3 }, { fireAtMs: T0 + 1 }])
    const [c, d] = await createJobs(store, second, [{ fireAtMs: T0 + 2 }, { fireAtMs: T0 + 2 }])
    const byCreation = [a!.id, b!.id, c!.id, d!.id]
    const byDue = [b!.id, c!.id, d!.id, a!.id]
    const { job, claimId } = await claimOne(store, claimRequest([a!]))
    await store.recordAttempts([failure(job, claimId, T0 + 90_000)])
    await store.claim(claimRequest([c!]))
    for (const scope of [{ kind: 'user', userId: project.userId } as const]) {
      expect(await ids({ scope, ascending: true })).toEqual(byCreation)
      expect(await ids({ scope })).toEqual(byCreation.toReversed())
      // A retry does not change when the job was due.
      expect(await ids({ scope, sort: 'due', ascending: true })).toEqual(byDue)
      expect(await ids({ scope, sort: 'due' })).toEqual(byDue.toReversed())
      expect(await ids({ scope, sort: 'due', limit: 3, page: 2 })).toEqual([b!.id])
      expect(await list({ scope, sort: 'due', limit: 3, page: 9 })).toMatchObject({ jobs: [], total: 4 })
    }
    expect(await ids({ sort: 'due', projectId: second.projectId })).toEqual([d!.id, c!.id])
    expect(await ids({ sort: 'due', scope: keyScope(project), ascending: true })).toEqual([b!.id, a!.id])
    expect(await ids({ sort: 'due', scope: keyScope(project), projectId: second.projectId })).toEqual([])
  })

  it('takes several states at once, in one order', async () => {
    const { store, project } = context()
    const jobs = await createJobs(store, project, [{}, {}, {}])
    await store.claim(claimRequest([jobs[1]!]))
    const scope = keyScope(project)
    await store.cancelJobs([{ id: jobs[0]!.id, scope, retrying: false, nowMs: T0 }])
    for (const sort of [undefined, 'due'] as const) {
      const sorted = { ...(sort && { sort }), ascending: true }
      expect(await ids({ ...sorted, statuses: ['SCHEDULED', 'CANCELLED'] })).toEqual([jobs[0]!.id, jobs[2]!.id])
      const page = await list({ ...sorted, statuses: ['FIRING', 'CANCELLED', 'SCHEDULED'], scope, limit: 2, page: 2 })
      expect(page).toMatchObject({ jobs: [{ id: jobs[2]!.id }], total: 3, totalIsExact: true })
      expect(page.search).toBeUndefined()
    }
  })

  it('lists what was created within a time, to the millisecond: from it, and before its end', async () => {
    const { store, project } = context()
    const at = [T0 - 1, T0, T0 + MINUTE - 1, T0 + MINUTE]
    const jobs = await createJobs(
      store,
      project,
      at.map((nowMs) => ({ id: idAt(nowMs), nowMs, fireAtMs: T0 * 2 })),
    )
    const [before, first, last, after] = jobs.map((job) => job.id)
    const range = { fromMs: T0, toMs: T0 + MINUTE, ascending: true }
    for (const query of [{}, { projectId: project.projectId }, { statuses: ['SCHEDULED' as const] }]) {
      expect(await ids({ ...query, ...range })).toEqual([first, last])
      expect(await ids({ ...query, ...range, ascending: false })).toEqual([last, first])
      expect(await list({ ...query, ...range, limit: 1, page: 2 })).toMatchObject({ jobs: [{ id: last }], total: 2 })
      expect(await ids({ ...query, fromMs: T0 })).toEqual([after, last, first])
      expect(await ids({ ...query, toMs: T0 })).toEqual([before])
    }
    expect(await list({ fromMs: T0 + 1, toMs: T0 + 2 })).toMatchObject({ jobs: [], total: 0 })
  })

  it('lists what is due within a time, to the millisecond', async () => {
    const { store, project } = context()
    const at = [T0 - 1, T0, T0 + MINUTE - 1, T0 + MINUTE]
    const jobs = await createJobs(
      store,
      project,
      at.map((fireAtMs) => ({ fireAtMs })),
    )
    const [before, first, last, after] = jobs.map((job) => job.id)
    const range = { sort: 'due', fromMs: T0, toMs: T0 + MINUTE } as const
    for (const ascending of EACH_WAY) {
      const order = (list: (string | undefined)[]): unknown[] => (ascending ? list : list.toReversed())
      const query = { ...range, ...(ascending && { ascending }) }
      expect(await ids(query)).toEqual(order([first, last]))
      expect(await ids({ ...query, statuses: ['SCHEDULED', 'DEAD'] })).toEqual(order([first, last]))
      expect(await ids({ sort: 'due', fromMs: T0, ...(ascending && { ascending }) })).toEqual(
        order([first, last, after]),
      )
      expect(await ids({ sort: 'due', toMs: T0, ...(ascending && { ascending }) })).toEqual([before])
    }
    expect(await list(range)).toMatchObject({ total: 2, totalIsExact: true })
  })

  it('finds jobs by endpoint, and says how many were looked at', async () => {
    const { store, project } = context()
    const other = { endpoint: 'https://other.example.com:8443' }
    const jobs = await createJobs(store, project, [other, {}, { ...other, fireAtMs: T0 - 1 }])
    const { endpoint } = other
    const found = await list({ endpoint })
    expect(found).toMatchObject({ total: 2, totalIsExact: true, search: { searched: 3, limited: false } })
    expect(found.jobs.map((job) => job.id)).toEqual([jobs[2]!.id, jobs[0]!.id])
    expect(await ids({ endpoint, ascending: true, limit: 1, page: 2 })).toEqual([jobs[2]!.id])
    expect(await ids({ endpoint, sort: 'due' })).toEqual([jobs[0]!.id, jobs[2]!.id])
    expect(await ids({ endpoint, statuses: ['SCHEDULED', 'DEAD'], toMs: T0, sort: 'due' })).toEqual([jobs[2]!.id])
    expect(await list({ endpoint: 'https://other.example.com:443' })).toMatchObject({ jobs: [], total: 0 })
    expect(await list({ endpoint, statuses: ['DEAD'] })).toMatchObject({ total: 0, search: { searched: 0 } })
  })

  it('finds jobs by the beginning of an id, a part of the host, or a part of the title', async () => {
    const { store, project } = context()
    const strange = { title: "100% of Bob's _ \\ Grüße ☂", endpoint: 'http://[2001:db8::1]:8080' }
    const [plain, odd] = await createJobs(store, project, [{ title: 'Invoice 443' }, strange])
    const find = async (text: string): Promise<string[]> => ids({ text })
    expect(await find(odd!.id.toUpperCase())).toEqual([odd!.id])
    expect(await find(plain!.id.slice(0, 30))).toContain(plain!.id)
    expect(await find(odd!.id.slice(2))).toEqual([])
    expect(await find('EXAMPLE.com')).toEqual([plain!.id])
    expect(await find('[2001:db8')).toEqual([odd!.id])
    expect(await find('inVoice')).toEqual([plain!.id])
    // Neither scheme nor port: every job has them.
    expect(await find('443')).toEqual([plain!.id])
    expect(await find('http')).toEqual([])
    for (const text of ['100%', "bob's", ' _ ', '\\', 'Grüße ☂']) expect(await find(text)).toEqual([odd!.id])
    expect(await find('%')).toEqual([odd!.id])
    expect(await list({ text: 'invoice', endpoint: odd!.endpoint })).toMatchObject({
      total: 0,
      search: { searched: 2 },
    })
  })

  it('never finds what belongs to others or to a deleted project', async () => {
    const { store, project } = context()
    const stranger = await seedProject(store)
    const gone = await seedProject(store, project.userId)
    const [mine] = await createJobs(store, project, [{}])
    await createJobs(store, stranger, [{}])
    await createJobs(store, gone, [{}])
    await store.markProjectDeleted({ id: gone.projectId, nowMs: T0 })
    const everything = [{ sort: 'due' }, { fromMs: 0 }, { sort: 'due', toMs: T0 * 2 }, { text: 'trial' }] as const
    for (const query of [...everything, { endpoint: 'https://hooks.example.com:443' }]) {
      expect(await list(query)).toMatchObject({ jobs: [{ id: mine!.id }], total: 1 })
      expect(await list({ ...query, projectId: stranger.projectId })).toMatchObject({ jobs: [], total: 0 })
      expect(await list({ ...query, scope: keyScope(project), projectId: gone.projectId })).toMatchObject({ total: 0 })
    }
  })

  it('sorts the jobs of a hundred projects by due time, and says when they are too many', async () => {
    const { store, project } = context()
    const projects = await Promise.all(Array.from({ length: 100 }, () => seedProject(store, project.userId)))
    const [late] = await createJobs(store, projects[0]!, [{ fireAtMs: T0 + 2 }])
    const [soon] = await createJobs(store, projects[99]!, [{ fireAtMs: T0 + 1 }])
    expect(await ids({ sort: 'due', ascending: true })).toEqual([soon!.id, late!.id])
    expect(await ids({ sort: 'due', text: 'trial' })).toEqual([late!.id, soon!.id])
    await Promise.all(Array.from({ length: 250 }, () => seedProject(store, project.userId)))
    await expect(list({ sort: 'due' })).rejects.toThrow('too-many-projects')
    expect(await ids({ sort: 'due', statuses: ['SCHEDULED'], ascending: true })).toEqual([soon!.id, late!.id])
    expect(await ids({ sort: 'due', projectId: projects[0]!.projectId })).toEqual([late!.id])
  })
}
