/** Streams by themselves, on jobs of a real database: what is told, when it becomes a refresh, and what it costs. */
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../clock.js'
import { Events } from '../events.js'
import { shareSubject } from '../store/conformance/open-subject.js'
import { seedProject } from '../store/conformance/seeds.js'
import { createJobs, newId, type Project } from '../store/conformance/subject.js'
import { DatabaseAwayError, type Store } from '../store/store.js'
import { databases } from '../testing/databases.js'
import type { Access } from './event-stream.js'
import { EventStreams, type StreamLimits } from './event-streams.js'
import { readEvents, type EventReader } from './testing/read-events.js'

describe.each(databases)('event streams on $name', (database) => {
  const open = shareSubject(database)
  let store: Store
  let project: Project
  let streams: EventStreams
  const all: EventStreams[] = []
  beforeEach(async () => {
    ;({ store } = await open())
    project = await seedProject(store)
    streams = makeStreams()
  })
  afterAll(() => Promise.all(all.map((one) => one.stop())))

  function makeStreams(limits?: StreamLimits, over: Pick<Store, 'readJobStates'> = store): EventStreams {
    const made = new EventStreams({
      store: over,
      clock: systemClock,
      events: new Events(),
      newId,
      ...(limits && { limits }),
    })
    all.push(made)
    return made
  }

  const access = (): Access => ({ projectIds: new Set([project.projectId]) })
  const openBody = (lastEventId?: string, owner = 'user a', over = streams): Readable =>
    over.open({ owner, access: access(), check: () => Promise.resolve(access()), lastEventId })
  const openReader = (lastEventId?: string): EventReader => readEvents(openBody(lastEventId))
  const newJobs = async (count: number, owner = project): Promise<{ jobId: string; projectId: string }[]> =>
    (await createJobs(store, owner, Array<object>(count).fill({}))).map(({ id }) => ({
      jobId: id,
      projectId: owner.projectId,
    }))

  it('tell the changes of their projects, and nothing but what the contract names', async () => {
    const reader = openReader()
    const foreign = await newJobs(1, await seedProject(store))
    const [job] = await newJobs(1)
    streams.add([...foreign, job!])
    const event = await reader.next()
    expect(event.name).toBe('job')
    expect(event.data).toEqual({
      ...job,
      status: 'SCHEDULED',
      attempt: 0,
      nextAttemptAt: expect.any(String),
      at: expect.any(String),
    })
  })

  it('tell a job once that changed twice in between', async () => {
    const reader = openReader()
    const [job, other] = await newJobs(2)
    streams.add([job!, other!, job!])
    expect([(await reader.next()).data.jobId, (await reader.next()).data.jobId]).toEqual([other!.jobId, job!.jobId])
    await streams.stop()
    expect(await reader.rest()).toEqual([])
  })

  it('go on after the event told last, and tell to refresh when that is not known', async () => {
    const first = openReader()
    const [job, later] = await newJobs(2)
    streams.add([job!])
    const { id } = await first.next()
    first.close()
    streams.add([later!])
    const again = openReader(id)
    expect((await again.next()).data.jobId).toBe(later!.jobId)
    for (const unknown of ['', 'x', `${newId()}.1`, `${id.split('.')[0]}.999`, `${id}5`, '%00']) {
      expect(await openReader(unknown).next(), unknown).toMatchObject({ name: 'refresh', data: { reason: 'missed' } })
    }
  })

  it('go on from where they began when the connection is lost before the first event', async () => {
    const quiet = openReader()
    const id = await quiet.lastId()
    quiet.close()
    const [job] = await newJobs(1)
    streams.add([job!])
    expect((await openReader(id).next()).data.jobId).toBe(job!.jobId)
  })

  it('tell more than fifty changes in a second by one refresh, and go on after it', async () => {
    const reader = openReader()
    const jobs = await newJobs(51)
    streams.add(jobs)
    expect(await reader.next()).toMatchObject({ name: 'refresh', data: { reason: 'busy' } })
    streams.add(jobs.slice(0, 3))
    const after = [await reader.next(), await reader.next(), await reader.next()]
    expect(after.map(({ name, data }) => [name, data.jobId])).toEqual(
      jobs.slice(0, 3).map(({ jobId }) => ['job', jobId]),
    )
  })

  it('hold nothing in memory for a reader that does not read, and tell it to refresh when it reads on', async () => {
    streams = makeStreams({ total: 10, perOwner: 10, ringCapacity: 100 })
    const body = openBody()
    const jobs = await newJobs(40)
    let rounds = 0
    while (body.readableLength < body.readableHighWaterMark) {
      const before = body.readableLength
      streams.add(jobs)
      rounds += 1
      await expect.poll(() => body.readableLength).toBeGreaterThan(before)
    }
    const held = body.readableLength
    expect(held).toBeLessThan(2 * body.readableHighWaterMark)
    for (let index = 0; index < 10; index += 1) streams.add(jobs)
    const reader = readEvents(body)
    const names: unknown[] = []
    while (names.at(-1) !== 'slow') names.push((await reader.next()).data['reason'])
    expect(rounds).toBeGreaterThan(0)
    streams.add([jobs[0]!])
    expect((await reader.next()).data.jobId).toBe(jobs[0]!.jobId)
  })

  it('end when the caller may not read on, and tell nothing of a project that was lost', async () => {
    const lost = await seedProject(store)
    let now: Access | null = { projectIds: new Set([project.projectId, lost.projectId]) }
    const clock = { ...systemClock, aheadMs: 0, monotonicMs: () => systemClock.monotonicMs() + clock.aheadMs }
    streams = new EventStreams({ store, clock, events: new Events(), newId })
    all.push(streams)
    await streams.start()
    const reader = readEvents(
      streams.open({ owner: 'a', access: now, check: () => Promise.resolve(now), lastEventId: undefined }),
    )
    now = access()
    clock.aheadMs += 10_000
    const [foreign, own] = [await newJobs(1, lost), await newJobs(1)]
    await expect
      .poll(async () => {
        streams.add([foreign[0]!, own[0]!])
        const seen = [await reader.next()]
        return seen.at(-1)!.data.jobId === own[0]!.jobId
      })
      .toBe(true)
    now = null
    clock.aheadMs += 10_000
    await reader.rest()
    expect(streams.size).toBe(0)
  })

  it('are bounded for one owner and in all', async () => {
    streams = makeStreams({ total: 3, perOwner: 2 })
    const first = openBody(undefined, 'a')
    openBody(undefined, 'a')
    expect(() => openBody(undefined, 'a')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }))
    openBody(undefined, 'b')
    expect(() => openBody(undefined, 'b')).toThrow(expect.objectContaining({ code: 'BUSY' }))
    first.destroy()
    await once(first, 'close')
    openBody(undefined, 'a')
    expect(streams.size).toBe(3)
  })

  it('tell what they could not while the database was away', async () => {
    let isAway = true
    const over = {
      readJobStates: (ids: readonly string[]) =>
        isAway ? Promise.reject(new DatabaseAwayError('refused')) : store.readJobStates(ids),
    }
    streams = makeStreams(undefined, over)
    const reader = openReader()
    const [job] = await newJobs(1)
    streams.add([job!])
    isAway = false
    expect((await reader.next()).data.jobId).toBe(job!.jobId)
  })
})
