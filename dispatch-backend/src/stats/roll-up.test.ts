/** Rolling up on real databases, and what is answered of it, against counting all attempts one by one. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { v7 as uuidv7 } from 'uuid'
import { systemClock } from '../clock.js'
import { StatsReader, type Statistics } from '../domain/stats.js'
import { Events } from '../events.js'
import { shareSubject } from '../store/conformance/open-subject.js'
import { seedProject } from '../store/conformance/seeds.js'
import { deliver } from '../store/conformance/stats.js'
import { newId, T0, type Project } from '../store/conformance/subject.js'
import type { StatsBucket } from '../store/stats-store.js'
import type { Store } from '../store/store.js'
import { databases } from '../testing/databases.js'
import { AttemptTally } from './counts.js'
import { OpenMinutesReader } from './open-minutes.js'
import { CLOSED_AFTER_MS, rollUp, type RollUpDeps } from './roll-up.js'
import { HOUR_MS, MINUTE_MS, startOf, WIDTHS } from './widths.js'

const DAY_MS = 24 * HOUR_MS

describe.each(databases)('statistics on $name', (database) => {
  const open = shareSubject(database)
  let store: Store
  let other: Store
  let project: Project & { userId: string }
  let nowMs: number
  beforeEach(async () => {
    ;({ store, other } = await open())
    project = await seedProject(store)
    nowMs = (await store.readStatsProgress()).databaseNowMs
  })
  afterEach(async () => {
    expect(await rollAll()).toBe(false)
  })

  const deps = (over: Store = store): RollUpDeps => ({
    store: over,
    clock: systemClock,
    events: new Events(),
    replicaId: 'replica-a',
  })
  const rollAll = (over?: Store): Promise<boolean> => rollUp(deps(over), new AbortController().signal)
  const user = () => ({ kind: 'user', userId: project.userId }) as const
  const read = (range: Statistics['range'] = '24h', over = store): Promise<Statistics> =>
    new StatsReader(over, systemClock).read({ scope: user(), range })
  const stored = (widthMs: number): Promise<StatsBucket[]> =>
    store.readStatsBuckets({ projectIds: [project.projectId], widthMs, fromMs: 0, untilMs: nowMs + DAY_MS })

  /**
   * Attempts of the last half hour, some of them in minutes that are still open, and stay so: the time by which minutes are
   * closed stands still, however long the machine stalls.
   */
  async function deliverSome(): Promise<void> {
    for (const each of [store, other]) {
      const read = each.readStatsProgress.bind(each)
      vi.spyOn(each, 'readStatsProgress').mockImplementation(async () => ({ ...(await read()), databaseNowMs: nowMs }))
    }
    // A minute is closed 45 s after its end. That of 110 s ago ended at least 50 s ago; that of 20 s ago, 20 s ago at most.
    const agesMs = [30 * MINUTE_MS, 17 * MINUTE_MS, 17 * MINUTE_MS - 1, 6 * MINUTE_MS, 110_000, 20_000, 0]
    for (const [index, ageMs] of agesMs.entries()) {
      const hasFailed = index % 3 === 1
      await deliver(store, project, nowMs - ageMs, {
        ...(hasFailed && { status: 'FAILED', error: `error ${index}` }),
        firedAtMs: nowMs - ageMs,
        latenessMs: index,
      })
    }
    await deliver(store, await seedProject(store), nowMs - 6 * MINUTE_MS)
  }

  it('are the same whether attempts are rolled up or read live, in every range', async () => {
    await deliverSome()
    for (const range of ['1h', '24h', '7d', '30d'] as const) {
      const live = await read(range)
      expect(live).toMatchObject({ totals: { succeeded: 5, failed: 2, interrupted: 0, maxMs: 6 }, isExact: true })
      expect(live.totals.p50Ms).toBe(3)
    }
    const before = await read()
    await rollAll()
    expect((await stored(MINUTE_MS)).length).toBeGreaterThanOrEqual(4)
    const after = await read()
    expect(after).toEqual(before)
    for (const range of ['1h', '7d', '30d'] as const) expect((await read(range)).totals).toEqual(before.totals)
    expect(after.endpoints).toMatchObject([{ attempts: 7, failed: 2, lastError: 'error 4' }])
    expect(after.failures.map(({ error }) => error)).toEqual(['error 4', 'error 1'])
  })

  it('roll up to the same when a pass is repeated, cut off, or run by two at once', async () => {
    await deliverSome()
    await rollAll()
    const once = await Promise.all(WIDTHS.map(({ widthMs }) => stored(widthMs)))
    await store.finishStats({ countedUntilMs: nowMs - DAY_MS, lateIds: [] })
    vi.spyOn(store, 'finishStats').mockRejectedValueOnce(new Error('cut off'))
    await expect(rollAll()).rejects.toThrow('cut off')
    await Promise.all([rollAll(), rollAll(other)])
    const again = await Promise.all(WIDTHS.map(({ widthMs }) => stored(widthMs)))
    expect(again.map((all) => all.map(comparable))).toEqual(once.map((all) => all.map(comparable)))
    expect((await read()).totals).toMatchObject({ succeeded: 5, failed: 2 })
  })

  it('count a result again that came after its minute was counted', async () => {
    const minuteMs = startOf(nowMs - 30 * MINUTE_MS, MINUTE_MS)
    await deliver(store, project, minuteMs + 1)
    await rollAll()
    await deliver(store, project, minuteMs + 2, { status: 'FAILED', error: 'late' })
    expect(await stored(MINUTE_MS)).toMatchObject([{ succeeded: 1, failed: 0 }])
    await rollAll()
    for (const { widthMs } of WIDTHS) expect(await stored(widthMs)).toMatchObject([{ succeeded: 1, failed: 1 }])
    expect((await store.readStatsProgress()).late).toEqual([])
    expect((await read()).totals).toMatchObject({ succeeded: 1, failed: 1 })
  })

  it('leave a minute alone that transactions may still add to', async () => {
    await deliver(store, project, nowMs)
    await rollAll()
    expect(await stored(MINUTE_MS)).toEqual([])
    const { countedUntilMs, databaseNowMs } = await store.readStatsProgress()
    expect(countedUntilMs).toBe(startOf(countedUntilMs!, MINUTE_MS))
    expect(countedUntilMs!).toBeLessThanOrEqual(databaseNowMs - CLOSED_AFTER_MS)
  })

  it('outlive the jobs they were counted from, and go with age', async () => {
    await deliver(store, project, nowMs - 3 * DAY_MS)
    const { jobId } = await deliver(store, project, nowMs - 5 * MINUTE_MS, {
      status: 'FAILED',
      next: { status: 'DEAD' },
    })
    while (await rollAll());
    expect(await stored(MINUTE_MS)).toHaveLength(1)
    const limits = { successBeforeMs: null, failedBeforeMs: T0 * 2 }
    expect(await store.deleteFinished({ ...limits, ids: [jobId], limit: 10 })).toMatchObject({ rows: 2 })
    const after = await read('7d')
    expect(after.totals).toMatchObject({ succeeded: 1, failed: 1 })
    expect(after.failures).toEqual([])
    expect(after.states.DEAD.count).toBe(0)
  })

  it('do nothing while another replica holds the lease', async () => {
    await deliverSome()
    expect(await store.takeLease({ name: 'stats', holder: 'replica-b', forMs: 60_000 })).toBe(true)
    expect(await rollAll()).toBe(false)
    expect((await store.readStatsProgress()).countedUntilMs).toBeNull()
  })

  it('say so when there is more than they count, in endpoints and in open attempts', async () => {
    await deliverSome()
    const few = await new OpenMinutesReader(store, systemClock, 1).read()
    expect(few.isComplete).toBe(false)
    const all = await new OpenMinutesReader(store, systemClock).read()
    expect(all.isComplete).toBe(true)
    const widthMs = WIDTHS[1]!.widthMs
    const place = { projectId: project.projectId, widthMs, atMs: startOf(nowMs, widthMs), countedUntilMs: 0 }
    await store.writeStatsBuckets([{ ...new AttemptTally().counts(), ...place, isCut: true }])
    expect((await read()).isExact).toBe(false)
  })

  it('are read a few projects at a time, so that nothing else waits for long, and add up', async () => {
    const projects = [project]
    while (projects.length < 25) projects.push(await seedProject(store, project.userId))
    for (const [index, one] of projects.entries()) await deliver(store, one, nowMs - (index % 40) * MINUTE_MS)
    const live = await read()
    await rollAll()
    const sumBuckets = store.sumStatsBuckets.bind(store)
    let underWay = 0
    const asked: number[] = []
    vi.spyOn(store, 'sumStatsBuckets').mockImplementation(async (query) => {
      expect((underWay += 1)).toBe(1)
      asked.push(query.projectIds.length)
      const sums = await sumBuckets(query)
      underWay -= 1
      return sums
    })
    const rolled = await read()
    vi.restoreAllMocks()
    expect(asked).toEqual([10, 10, 5])
    expect(rolled.totals).toEqual(live.totals)
    expect(rolled.totals.succeeded).toBe(25)
    expect(rolled.endpoints).toEqual(live.endpoints)
  })

  it('rank endpoints by what is sure, not by one failure of one', async () => {
    const endpoint = (name: string, attempts: number, failed: number) => ({
      ...{ endpoint: name, attempts, failed },
      lastError: failed > 0 ? `${name} failed` : null,
      lastFailedAtMs: failed > 0 ? nowMs : null,
    })
    const widthMs = WIDTHS[1]!.widthMs
    await store.writeStatsBuckets([
      {
        ...{ projectId: project.projectId, widthMs, atMs: startOf(nowMs, widthMs), countedUntilMs: 0 },
        ...{ succeeded: 0, failed: 0, interrupted: 0, failureIds: [newId(), uuidv7({ msecs: 1 })], isCut: false },
        lateness: { counts: {}, maxMs: null },
        endpoints: [endpoint('once', 1, 1), endpoint('well', 500, 0), endpoint('often', 100, 90)],
      },
    ])
    const { endpoints } = await read()
    expect(endpoints.map((one) => [one.endpoint, one.failureRate])).toEqual([
      ['often', 0.9],
      ['once', 1],
    ])
  })
})

/** How far it was counted depends on when. */
function comparable(bucket: StatsBucket): StatsBucket {
  return { ...bucket, countedUntilMs: 0 }
}
