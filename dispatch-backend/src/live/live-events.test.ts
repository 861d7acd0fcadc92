import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../clock.js'
import { Events } from '../events.js'
import { shareSubject } from '../store/conformance/open-subject.js'
import { seedProject } from '../store/conformance/seeds.js'
import { createJobs, newId } from '../store/conformance/subject.js'
import { databases } from '../testing/databases.js'
import { EventStreams } from './event-streams.js'
import { LiveEvents } from './live-events.js'
import { readEvents } from './testing/read-events.js'

describe.each(databases)('live events of jobs whose project is not known to who changed them on $name', (database) => {
  const open = shareSubject(database)
  const stops: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop()
  })

  it('are told after one look for all of them', async () => {
    const { store } = await open()
    const [project, clock, events] = [await seedProject(store), systemClock, new Events()]
    const jobs = await createJobs(store, project, Array<object>(20).fill({}))
    const streams = new EventStreams({ store, clock, events, newId })
    const looks = vi.spyOn(store, 'readJobStates')
    const live = new LiveEvents({ store, clock, events, streams, redis: null, replicaId: newId() })
    stops.push(() => streams.stop())
    const access = { projectIds: new Set([project.projectId]) }
    const body = streams.open({ owner: 'a', access, check: () => Promise.resolve(access), lastEventId: undefined })
    const reader = readEvents(body)
    for (const { id } of jobs) events.emit('jobChanged', { jobId: id, projectId: null })
    const told: unknown[] = []
    while (told.length < jobs.length) told.push((await reader.next()).data['jobId'])
    expect(told.toSorted()).toEqual(jobs.map(({ id }) => id).toSorted())
    // One to find out whose they are, one to tell how they are.
    expect(looks).toHaveBeenCalledTimes(2)
    await live.stop()
  })
})
