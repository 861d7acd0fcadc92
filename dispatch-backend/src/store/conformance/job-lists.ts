/** Looking at jobs: one, and pages of them. */
import { expect, it } from 'vitest'
import type { JobListQuery, JobPage } from '../store.js'
import { seedProject, seedUser } from './seeds.js'
import { claimRequest, createJobs, keyScope, newId, T0, type StoreContext } from './subject.js'

export function jobListCases(context: () => StoreContext): void {
  const list = async (query: Partial<JobListQuery> = {}): Promise<JobPage> => {
    const scope = { kind: 'user', userId: context().project.userId } as const
    const page = await context().store.listJobs({ scope, page: 1, limit: 20, ...query })
    if (page === 'too-many-projects') throw new Error(page)
    return page
  }
  const ids = (page: JobPage): string[] => page.jobs.map((job) => job.id)

  it('gives a job to its project and to members of its organization only', async () => {
    const { store, project } = context()
    const stranger = await seedProject(store)
    const [job] = await createJobs(store, project, [{}])
    expect(await store.getJob({ kind: 'user', userId: project.userId }, job!.id)).toMatchObject({ id: job!.id })
    expect(await store.getJob(keyScope(project), job!.id)).toMatchObject({ id: job!.id })
    expect(await store.getJob({ kind: 'user', userId: stranger.userId }, job!.id)).toBeNull()
    expect(await store.getJob(keyScope(stranger), job!.id)).toBeNull()
    // A key's scope is its project, whatever project is named beside it.
    expect(await store.getJob(keyScope({ ...project, apiKeyId: stranger.apiKeyId }), job!.id)).toBeNull()
    expect(await store.getJob(keyScope(project), newId())).toBeNull()
    await store.revokeApiKey({ projectId: project.projectId, id: project.apiKeyId, nowMs: T0 })
    expect(await store.getJob(keyScope(project), job!.id)).toBeNull()
  })

  it('lists newest first, page by page, without payloads', async () => {
    const { store, project } = context()
    const jobs = (await createJobs(store, project, Array<object>(5).fill({}))).reverse()
    const first = await list({ limit: 2 })
    expect(ids(first)).toEqual([jobs[0]!.id, jobs[1]!.id])
    expect(first).toMatchObject({ total: 5, totalIsExact: true })
    expect(first.jobs[0]).toEqual({
      id: jobs[0]!.id,
      projectId: project.projectId,
      title: jobs[0]!.title,
      webhookUrl: jobs[0]!.webhookUrl,
      fireAtMs: T0,
      nextAttemptAtMs: T0,
      status: 'SCHEDULED',
      attempt: 0,
      retryCount: 0,
      createdAtMs: jobs[0]!.nowMs,
      updatedAtMs: jobs[0]!.nowMs,
      replayOf: null,
      project: { id: project.projectId, name: 'production' },
    })
    expect(ids(await list({ limit: 2, page: 3 }))).toEqual([jobs[4]!.id])
    const beyond = await list({ limit: 2, page: 4 })
    expect(beyond).toEqual({ jobs: [], total: 5, totalIsExact: true })
  })

  it('filters by project and status', async () => {
    const { store, project } = context()
    const second = await seedProject(store, project.userId)
    const [one, firing] = await createJobs(store, project, [{}, {}])
    const [two, other] = await createJobs(store, second, [{}, {}])
    await store.claim(claimRequest([firing!, other!]))
    expect(ids(await list())).toEqual([other!.id, two!.id, firing!.id, one!.id])
    expect(ids(await list({ projectId: project.projectId }))).toEqual([firing!.id, one!.id])
    expect(ids(await list({ statuses: ['FIRING'] }))).toEqual([other!.id, firing!.id])
    expect(ids(await list({ statuses: ['FIRING'], limit: 1, page: 2 }))).toEqual([firing!.id])
    expect(await list({ statuses: ['SCHEDULED'], projectId: second.projectId })).toMatchObject({
      jobs: [{ id: two!.id }],
      total: 1,
    })
    expect(await list({ statuses: ['DEAD'] })).toEqual({ jobs: [], total: 0, totalIsExact: true })
  })

  it('never lists what belongs to others, whatever project is asked for', async () => {
    const { store, project } = context()
    const stranger = await seedProject(store)
    const [mine] = await createJobs(store, project, [{}])
    const [theirs] = await createJobs(store, stranger, [{}])
    expect(ids(await list())).toEqual([mine!.id])
    expect(await list({ projectId: stranger.projectId })).toEqual({ jobs: [], total: 0, totalIsExact: true })
    expect(await list({ projectId: newId() })).toMatchObject({ jobs: [], total: 0 })
    expect(ids(await list({ scope: keyScope(stranger) }))).toEqual([theirs!.id])
    expect(await list({ scope: keyScope(stranger), projectId: project.projectId })).toMatchObject({ total: 0 })
    const nobody = { kind: 'user', userId: (await seedUser(store)).userId } as const
    expect(await list({ scope: nobody })).toEqual({ jobs: [], total: 0, totalIsExact: true })
    expect(await list({ scope: nobody, projectId: project.projectId, statuses: ['SCHEDULED'] })).toMatchObject({
      total: 0,
    })
  })

  it('lists nothing of a deleted project', async () => {
    const { store, project } = context()
    const second = await seedProject(store, project.userId)
    const [kept] = await createJobs(store, project, [{}])
    await createJobs(store, second, [{}, {}])
    await store.markProjectDeleted({ id: second.projectId, nowMs: T0 })
    expect(await list()).toMatchObject({ jobs: [{ id: kept!.id }], total: 1 })
    expect(ids(await list({ statuses: ['SCHEDULED'] }))).toEqual([kept!.id])
    expect(await list({ projectId: second.projectId })).toMatchObject({ jobs: [], total: 0 })
    expect(await list({ scope: keyScope(second) })).toMatchObject({ jobs: [], total: 0 })
  })

  it('filters by status across any number of projects', async () => {
    const { store, project } = context()
    const projects = await Promise.all(Array.from({ length: 101 }, () => seedProject(store, project.userId)))
    await store.markProjectDeleted({ id: projects[1]!.projectId, nowMs: T0 })
    const [job] = await createJobs(store, projects[0]!, [{}])
    const [other] = await createJobs(store, project, [{}])
    await store.claim(claimRequest([other!]))
    expect(await list({ statuses: ['SCHEDULED'] })).toMatchObject({ jobs: [{ id: job!.id }], total: 1 })
    expect(ids(await list({ statuses: ['FIRING'] }))).toEqual([other!.id])
  })
}
