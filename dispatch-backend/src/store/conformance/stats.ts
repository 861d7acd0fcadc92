/** Statistics: what is read of attempts and jobs, and what is kept of them. */
import { v7 as uuidv7 } from 'uuid'
import { expect, it } from 'vitest'
import type { StatsBucket } from '../stats-store.js'
import { timeOfId } from '../sql/id-time.js'
import type { AttemptRecord, Store } from '../store.js'
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
import type { Project } from './subject.js'

const MINUTE_MS = 60_000
/** Some minute of the past: an attempt that is recorded now and was made then is late. */
const PAST_MS = 1_700_000_040_000

/** A job with one recorded attempt, whose record was made at `madeAtMs`. */
export async function deliver(
  store: Store,
  project: Project,
  madeAtMs: number,
  overrides: Partial<AttemptRecord> = {},
): Promise<{ jobId: string; attemptId: string }> {
  const [created] = await createJobs(store, project, [{}])
  const { job, claimId } = await claimOne(store, claimRequest([created!]))
  const attemptId = uuidv7({ msecs: madeAtMs })
  const base = overrides.status === 'FAILED' ? failure(job, claimId, T0 + 90_000) : record(job, claimId)
  expect(await store.recordAttempts([{ ...base, attemptId, ...overrides }])).toEqual(['recorded'])
  return { jobId: job.id, attemptId }
}

export function bucket(projectId: string, overrides: Partial<StatsBucket> = {}): StatsBucket {
  return {
    projectId,
    widthMs: MINUTE_MS,
    atMs: PAST_MS,
    countedUntilMs: PAST_MS + MINUTE_MS,
    succeeded: 3,
    failed: 1,
    interrupted: 0,
    lateness: { counts: { 0: 3, 12: 1 }, maxMs: 3 },
    endpoints: [{ endpoint: 'https://a', attempts: 4, failed: 1, lastError: 'größer ☂', lastFailedAtMs: PAST_MS }],
    failureIds: [newId()],
    isCut: false,
    ...overrides,
  }
}

export function attemptFactCases(context: () => StoreContext): void {
  it('reads attempts by the time in their ids, page by page, in either direction', async () => {
    const { store, project } = context()
    const foreign = await seedProject(store)
    const made: string[] = []
    for (const offset of [-1, 0, 1, MINUTE_MS - 1, MINUTE_MS]) {
      const owner = offset === 1 ? foreign : project
      made.push((await deliver(store, owner, PAST_MS + offset)).attemptId)
    }
    const range = { fromMs: PAST_MS, untilMs: PAST_MS + MINUTE_MS }
    const within = made.slice(1, 4)
    const all = await store.readAttemptFacts({ ...range, limit: 10 })
    expect(all.map(({ id }) => id)).toEqual(within)
    expect(all[1]).toEqual({
      id: made[2],
      madeAtMs: PAST_MS + 1,
      projectId: foreign.projectId,
      endpoint: 'https://hooks.example.com:443',
      status: 'SUCCESS',
      firedAtMs: T0 + 1,
      latenessMs: 1,
      error: null,
    })
    const pages = async (newestFirst: boolean): Promise<string[]> => {
      const [first] = await store.readAttemptFacts({ ...range, limit: 1, newestFirst })
      const rest = await store.readAttemptFacts({ ...range, after: first!.id, limit: 10, newestFirst })
      return [first!.id, ...rest.map(({ id }) => id)]
    }
    expect(await pages(false)).toEqual(within)
    expect(await pages(true)).toEqual(within.toReversed())
    expect(await store.findNextAttemptMs(PAST_MS + 2)).toBe(PAST_MS + MINUTE_MS - 1)
    expect(await store.findNextAttemptMs(PAST_MS + 2 * MINUTE_MS)).toBeNull()
  })

  it('keeps the beginning of a long error', async () => {
    const { store, project } = context()
    await deliver(store, project, PAST_MS, { status: 'FAILED', error: 'é'.repeat(500) })
    const [fact] = await store.readAttemptFacts({ fromMs: PAST_MS, untilMs: PAST_MS + 1, limit: 1 })
    expect(fact!.error).toBe('é'.repeat(200))
  })

  it('tells failures to their own projects only, and whether another attempt follows', async () => {
    const { store, project } = context()
    const foreign = await seedProject(store)
    const retried = await deliver(store, project, PAST_MS, { status: 'FAILED' })
    const dead = await deliver(store, project, PAST_MS + 1, { status: 'FAILED', next: { status: 'DEAD' } })
    const other = await deliver(store, foreign, PAST_MS + 2, { status: 'FAILED' })
    const ids = [retried, dead, other].map(({ attemptId }) => attemptId)
    const found = await store.readFailures({ ids: [...ids, newId()], projectIds: [project.projectId] })
    expect(found).toMatchObject([
      { attemptId: dead.attemptId, jobId: dead.jobId, willRetry: false },
      {
        attemptId: retried.attemptId,
        projectId: project.projectId,
        title: 'Trial ends – Grüße ☂',
        endpoint: 'https://hooks.example.com:443',
        attempt: 1,
        firedAtMs: T0 + 1,
        responseCode: 500,
        error: 'The endpoint answered 500',
        willRetry: true,
      },
    ])
    expect(await store.readFailures({ ids, projectIds: [] })).toEqual([])
  })
}

export function statsBucketCases(context: () => StoreContext): void {
  const read = (projectIds: readonly string[], widthMs = MINUTE_MS, store = context().store): Promise<StatsBucket[]> =>
    store.readStatsBuckets({ projectIds, widthMs, fromMs: PAST_MS, untilMs: PAST_MS + 2 * MINUTE_MS })

  it('stores buckets, over earlier ones, and reads those of the projects, width and time asked for', async () => {
    const { store, other, project } = context()
    const { projectId } = project
    const kept = bucket(projectId)
    const later = bucket(projectId, { atMs: PAST_MS + MINUTE_MS, isCut: true })
    const outside = bucket(projectId, { atMs: PAST_MS + 2 * MINUTE_MS })
    const wide = bucket(projectId, { widthMs: 15 * MINUTE_MS })
    const foreign = bucket((await seedProject(store)).projectId)
    await store.writeStatsBuckets([bucket(projectId, { succeeded: 99 }), later, outside, wide, foreign])
    await store.writeStatsBuckets([kept])
    const byTime = (await read([projectId], MINUTE_MS, other)).toSorted((a, b) => a.atMs - b.atMs)
    expect(byTime).toEqual([kept, later])
    expect(await read([projectId], 15 * MINUTE_MS)).toEqual([wide])
    expect(await read([])).toEqual([])
    expect(await read([projectId, foreign.projectId])).toHaveLength(3)
  })

  it('adds buckets up over the projects, but for those that end after an instant', async () => {
    const { store, other, project } = context()
    const { projectId, userId } = project
    const second = await seedProject(store, userId)
    const foreign = await seedProject(store)
    const endpoints = (name: string, lastError: string, lastFailedAtMs: number): StatsBucket['endpoints'] => [
      { endpoint: name, attempts: 4, failed: 1, lastError, lastFailedAtMs },
    ]
    const failureIds = [newId(), newId(), newId()]
    const atMs = PAST_MS + MINUTE_MS
    const later = bucket(second.projectId, { atMs, isCut: true })
    await store.writeStatsBuckets([
      bucket(projectId, { endpoints: endpoints('https://a', 'old', 1), failureIds: [failureIds[0]!] }),
      bucket(second.projectId, {
        ...{ interrupted: 2, lateness: { counts: { 0: 1, 40: 2 }, maxMs: 900 }, failureIds: failureIds.slice(1) },
        endpoints: [...endpoints('https://a', 'new', 2), ...endpoints('https://b', 'other', 1)],
      }),
      later,
      bucket(foreign.projectId),
    ])
    const range = { widthMs: MINUTE_MS, fromMs: PAST_MS, untilMs: PAST_MS + 2 * MINUTE_MS }
    const query = { ...range, projectIds: [projectId, second.projectId], addedUntilMs: atMs }
    const sums = await other.sumStatsBuckets(query)
    const lateness = { counts: { 0: 4, 12: 1, 40: 2 }, maxMs: 900 }
    expect(sums.stretches).toEqual([{ atMs: PAST_MS, succeeded: 6, failed: 2, interrupted: 2, lateness }])
    expect(sums.endpoints.toSorted((a, b) => a.endpoint.localeCompare(b.endpoint))).toEqual([
      { endpoint: 'https://a', attempts: 8, failed: 2, lastError: 'new', lastFailedAtMs: 2 },
      ...endpoints('https://b', 'other', 1),
    ])
    expect(sums).toMatchObject({ failureIds: failureIds.toSorted().toReversed(), isCut: false, later: [later] })
    const all = await store.sumStatsBuckets({ ...query, addedUntilMs: range.untilMs })
    expect(all).toMatchObject({ isCut: true, later: [] })
    expect(all.stretches.map((stretch) => stretch.atMs).toSorted()).toEqual([PAST_MS, atMs])
    const none = await store.sumStatsBuckets({ ...query, projectIds: [] })
    expect(none).toEqual({ stretches: [], endpoints: [], failureIds: [], isCut: false, later: [] })
  })

  it('marks the minutes of results that come late, and no others', async () => {
    const { store, other, project } = context()
    expect(await store.readStatsProgress()).toMatchObject({ countedUntilMs: null, late: [] })
    const { databaseNowMs } = await store.readStatsProgress()
    await deliver(store, project, databaseNowMs)
    expect((await store.readStatsProgress()).late).toEqual([])
    await deliver(store, project, PAST_MS + 5)
    const { late } = await other.readStatsProgress()
    expect(late).toMatchObject([{ minuteMs: PAST_MS }])
    // A mark that is set while the minute is being counted stays.
    await deliver(store, project, PAST_MS + 6)
    await store.finishStats({ countedUntilMs: PAST_MS + MINUTE_MS, lateIds: late.map(({ id }) => id) })
    const after = await store.readStatsProgress()
    expect(after).toMatchObject({ countedUntilMs: PAST_MS + MINUTE_MS, late: [{ minuteMs: PAST_MS }] })
    expect(after.late[0]!.id).not.toBe(late[0]!.id)
    expect(Math.abs(after.databaseNowMs - databaseNowMs)).toBeLessThan(600_000)
  })

  it('purges what is too old for its width, and what belongs to a deleted project', async () => {
    const { store, project } = context()
    const { projectId } = project
    const foreign = await seedProject(store)
    const old = [0, 1, 2].map((index) => bucket(projectId, { atMs: PAST_MS - index * MINUTE_MS }))
    const wide = bucket(projectId, { widthMs: 15 * MINUTE_MS })
    await store.writeStatsBuckets([...old, wide, bucket(foreign.projectId)])
    const ages = [
      { widthMs: MINUTE_MS, beforeMs: PAST_MS },
      { widthMs: 15 * MINUTE_MS, beforeMs: PAST_MS },
    ]
    expect(await store.purgeStats({ ages, limit: 1 })).toBe(1)
    expect(await store.purgeStats({ ages, limit: 10 })).toBe(1)
    expect(await store.purgeStats({ ages, limit: 10 })).toBe(0)
    expect(await read([projectId])).toEqual([old[0]])
    await store.markProjectDeleted({ id: projectId, nowMs: T0 })
    for (;;) if ((await store.purgeDeleted({ limit: 1 })) === 0) break
    expect([...(await read([projectId])), ...(await read([projectId], 15 * MINUTE_MS))]).toEqual([])
    expect(await read([foreign.projectId])).toHaveLength(1)
  })
}

export function jobCountCases(context: () => StoreContext): void {
  it('finds the projects that a key or a user reaches', async () => {
    const { store, project } = context()
    const { projectId, userId } = project
    const second = await seedProject(store, userId)
    const foreign = await seedProject(store)
    const user = { kind: 'user', userId } as const
    const find = (scope: Parameters<Store['findReachableProjects']>[0]['scope'], only?: string, limit = 10) =>
      store.findReachableProjects({ scope, limit, ...(only !== undefined && { projectId: only }) })
    expect(await find(user)).toEqual([second.projectId, projectId])
    expect(await find(user, undefined, 1)).toEqual([second.projectId])
    expect(await find(user, projectId)).toEqual([projectId])
    expect(await find(user, foreign.projectId)).toEqual([])
    expect(await find(keyScope(project))).toEqual([projectId])
    expect(await find(keyScope(project), second.projectId)).toEqual([])
    expect(await find(keyScope({ ...project, apiKeyId: foreign.apiKeyId }))).toEqual([])
    await store.markProjectDeleted({ id: second.projectId, nowMs: T0 })
    await store.revokeApiKey({ projectId, id: project.apiKeyId, nowMs: T0 })
    expect(await find(user)).toEqual([projectId])
    expect(await find(keyScope(project))).toEqual([])
  })

  it('counts jobs by state, as far as the limit', async () => {
    const { store, project } = context()
    const second = await seedProject(store, project.userId)
    const foreign = await seedProject(store)
    for (const owner of [project, second, foreign]) await createJobs(store, owner, Array<object>(3).fill({}))
    await deliver(store, project, PAST_MS)
    const projectIds = [project.projectId, second.projectId]
    const count = async (limit: number) =>
      (await store.countStates({ projectIds, limit })).filter((state) => state.count > 0)
    expect(await count(4)).toEqual([
      { status: 'SCHEDULED', count: 6, isExact: true },
      { status: 'SUCCESS', count: 1, isExact: true },
    ])
    expect(await count(2)).toEqual([
      { status: 'SCHEDULED', count: 4, isExact: false },
      { status: 'SUCCESS', count: 1, isExact: true },
    ])
    expect(await store.countStates({ projectIds: [], limit: 1 })).toEqual([])
  })

  it('counts what comes due by minute, first attempts and retries', async () => {
    const { store, project } = context()
    const foreign = await seedProject(store)
    const fromMs = T0 - (T0 % MINUTE_MS)
    const at = (minutes: number, ms = 0): object => ({ fireAtMs: fromMs + minutes * MINUTE_MS + ms })
    await createJobs(store, project, [at(-1), at(1), at(1, MINUTE_MS - 1), at(2), at(60)])
    await createJobs(store, foreign, [at(1)])
    const retryAtMs = fromMs + 2 * MINUTE_MS + 5
    await deliver(store, project, PAST_MS, { status: 'FAILED', next: { status: 'FAILED', retryAtMs } })
    const query = { projectIds: [project.projectId], fromMs, untilMs: fromMs + 60 * MINUTE_MS }
    const counts = await store.countDue({ ...query, limit: 10 })
    expect(counts.isComplete).toBe(true)
    expect(counts.minutes.toSorted((a, b) => a.minuteMs - b.minuteMs)).toEqual([
      { minuteMs: fromMs + MINUTE_MS, due: 2 },
      { minuteMs: fromMs + 2 * MINUTE_MS, due: 2 },
    ])
    const cut = await store.countDue({ ...query, limit: 2 })
    expect(cut.isComplete).toBe(false)
    expect(cut.minutes).toContainEqual({ minuteMs: fromMs + MINUTE_MS, due: 2 })
    expect(await store.countDue({ ...query, projectIds: [], limit: 2 })).toEqual({ minutes: [], isComplete: true })
  })
}

export function changeCases(context: () => StoreContext): void {
  it('answers jobs as they are now, and those that are new', async () => {
    const { store, other, project } = context()
    const { databaseNowMs } = await store.readStatsProgress()
    const { jobId, attemptId } = await deliver(store, project, databaseNowMs)
    const [waiting] = await createJobs(store, project, [{}])
    const states = await other.readJobStates([jobId, waiting!.id, newId()])
    const { projectId } = project
    expect(states.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
      { id: jobId, projectId, status: 'SUCCESS', attempt: 1, nextAttemptAtMs: null, updatedAtMs: T0 + 30 },
      { id: waiting!.id, projectId, status: 'SCHEDULED', attempt: 0, nextAttemptAtMs: T0, updatedAtMs: T0 - MINUTE_MS },
    ])
    const fromMs = databaseNowMs - 60_000
    const { changes, sinceMs } = await other.readRecentChanges({ fromMs, limit: 10 })
    expect(changes.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual(
      [
        { id: jobId, jobId, projectId },
        { id: attemptId, jobId, projectId },
        { id: waiting!.id, jobId: waiting!.id, projectId },
      ].toSorted((a, b) => a.id.localeCompare(b.id)),
    )
    expect(sinceMs).toBe(fromMs)
    const cut = await other.readRecentChanges({ fromMs, limit: 1 })
    expect(cut.changes.map(({ id }) => id)).toEqual([waiting!.id, attemptId])
    // Of that millisecond there may be more.
    expect(cut.sinceMs).toBe(Math.max(timeOfId(waiting!.id), timeOfId(attemptId)) + 1)
    const later = { fromMs: databaseNowMs + 600_000, limit: 10 }
    expect(await other.readRecentChanges(later)).toEqual({ changes: [], sinceMs: later.fromMs })
    expect(await other.readJobStates([])).toEqual([])
  })
}
