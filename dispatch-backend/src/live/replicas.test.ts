/** Two replicas on one database server: what happens on one is told by the other, with Redis, without it, and after its death. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../clock.js'
import { Events } from '../events.js'
import { SharedRedis } from '../redis.js'
import { shareSubject } from '../store/conformance/open-subject.js'
import { seedProject } from '../store/conformance/seeds.js'
import { createJobs, newId, type Project } from '../store/conformance/subject.js'
import type { Store } from '../store/store.js'
import { databases } from '../testing/databases.js'
import { findRedis, PATIENT, type TestRedis } from '../testing/redis-server.js'
import { EventStreams } from './event-streams.js'
import { LiveEvents } from './live-events.js'
import { readEvents, type EventReader, type ReadEvent } from './testing/read-events.js'

interface Watch {
  readonly reader: EventReader
  readonly here: { readonly events: Events }
}

/** One process alone runs on SQLite. */
const servers = databases.filter(({ name }) => name !== 'SQLite')

describe.skipIf(servers.length === 0).each(servers)('live events of two replicas on $name', (database) => {
  const open = shareSubject(database)
  const stops: (() => Promise<void>)[] = []
  let redis: TestRedis
  beforeAll(async () => {
    const found = await findRedis()
    if (!found) throw new Error('there is no redis-server, and none may be installed')
    redis = found
  })
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop()
  })
  afterAll(() => redis.stop())

  async function startReplica(
    store: Store,
    { url, pollLimit }: { url?: string; pollLimit?: number } = {},
  ): Promise<{ events: Events; streams: EventStreams; live: LiveEvents }> {
    const [clock, events] = [systemClock, new Events()]
    const shared = url === undefined ? null : new SharedRedis({ url, clock, events, timeouts: PATIENT })
    await shared?.start()
    const streams = new EventStreams({ store, clock, events, newId })
    const live = new LiveEvents({
      ...{ store, clock, events, streams, redis: shared, replicaId: newId() },
      ...(pollLimit !== undefined && { pollLimit }),
    })
    await live.start()
    stops.push(async () => {
      await streams.stop()
      await live.stop()
      await shared?.stop()
    })
    return { events, streams, live }
  }

  async function setUp(options: { url?: string; pollLimit?: number } = {}) {
    const { store, other } = await open()
    const project = await seedProject(store)
    const [here, there] = [await startReplica(store, options), await startReplica(other, options)]
    const access = { projectIds: new Set([project.projectId]) }
    const reader = readEvents(
      there.streams.open({ owner: 'a', access, check: () => Promise.resolve(access), lastEventId: undefined }),
    )
    return { store, project, here, there, reader }
  }

  async function createAndAnnounce(store: Store, project: Project, events: Events): Promise<string> {
    const [job] = await createJobs(store, project, [{}])
    events.emit('jobChanged', { jobId: job!.id, projectId: project.projectId })
    return job!.id
  }

  /** The first event that is such; others, as of a gap because a replica stood still, may come before it. */
  async function eventSuch(reader: EventReader, isSuch: (event: ReadEvent) => boolean): Promise<ReadEvent> {
    for (;;) {
      const event = await reader.next()
      if (isSuch(event)) return event
    }
  }
  const eventOf = (reader: EventReader, jobId: string): Promise<ReadEvent> =>
    eventSuch(reader, ({ data }) => data['jobId'] === jobId)

  /** The other replica looks on from its next pass; until then what is new to it counts as old. */
  async function seen(reader: EventReader, make: () => Promise<string>): Promise<void> {
    const made = new Set<string>()
    const first = eventSuch(reader, ({ data }) => data['jobId'] !== undefined)
    let isSeen = false
    void first.then(() => (isSeen = true))
    await expect
      .poll(
        async () => {
          made.add(await make())
          return isSeen
        },
        { interval: 300 },
      )
      .toBe(true)
    expect(made).toContain((await first).data['jobId'])
  }

  /** Announced again and again: the other replica may still be subscribing. */
  async function heard(reader: EventReader, jobId: string, events: Events): Promise<void> {
    let isHeard = false
    const event = eventOf(reader, jobId).then(() => (isHeard = true))
    await expect
      .poll(
        () => {
          events.emit('jobChanged', { jobId, projectId: null })
          return isHeard
        },
        { interval: 100 },
      )
      .toBe(true)
    await event
  }

  it('are seen in the database without Redis', async () => {
    const { store, project, here, reader } = await setUp()
    await seen(reader, () => createAndAnnounce(store, project, here.events))
  })

  it('that our own push out of a look into the database are told as missed', async () => {
    const { store, project, there, reader } = await setUp({ pollLimit: 1 })
    let isTold = false
    void eventSuch(reader, ({ data }) => data['reason'] === 'unseen').then(() => (isTold = true))
    await expect
      .poll(
        async () => {
          // In one transaction, so that no look sees one without the other. Ids ascend: the own one is the newer.
          const [unannounced, own] = [newId(), newId()]
          there.events.emit('jobChanged', { jobId: own, projectId: newId() })
          await createJobs(store, project, [{ id: unannounced }, { id: own }])
          return isTold
        },
        { interval: 300 },
      )
      .toBe(true)
  })

  it('come through Redis, also what no look into the database shows, and go on without it', async () => {
    await redis.start()
    const { store, project, here, reader } = await setUp({ url: redis.url })
    const [job] = await createJobs(store, project, [{}])
    await heard(reader, job!.id, here.events)
    await redis.stop()
    await eventSuch(reader, ({ data }) => data['reason'] === 'unseen')
    await seen(reader, () => createAndAnnounce(store, project, here.events))
  })

  /** Kept again and again: the other replica may only begin to look on, or to subscribe. */
  async function echoHeard(store: Store, { projectId }: Project, { reader, here }: Watch): Promise<void> {
    const token = { tokenHash: newId(), sealedToken: newId() }
    await store.saveEcho({ projectId, token, isEnabled: true, answer: {}, nowMs: 0 })
    let isHeard = false
    const isEcho = ({ name, data }: ReadEvent): boolean => name === 'echo' && data['projectId'] === projectId
    void eventSuch(reader, isEcho).then(() => (isHeard = true))
    await expect
      .poll(
        async () => {
          const id = newId()
          const texts = { summary: '{}', detail: '{}' }
          await store.addEchoRequest({ id, projectId, tokenHash: token.tokenHash, receivedAtMs: 0, ...texts, keep: 50 })
          here.events.emit('echoChanged', { projectId, requestId: id })
          return isHeard
        },
        { interval: 200 },
      )
      .toBe(true)
  }

  it('are also what an echo has kept, without Redis and through it', async () => {
    const alone = await setUp()
    await echoHeard(alone.store, alone.project, alone)
    await redis.start()
    const together = await setUp({ url: redis.url })
    await echoHeard(together.store, together.project, together)
    await redis.stop()
  })

  it('are told of a replica that stops, to the last one', async () => {
    await redis.start()
    const { store, project, here, reader } = await setUp({ url: redis.url })
    const [first, last] = await createJobs(store, project, [{}, {}])
    await heard(reader, first!.id, here.events)
    here.events.emit('jobChanged', { jobId: last!.id, projectId: project.projectId })
    await here.live.stop()
    expect((await eventOf(reader, last!.id)).data).toMatchObject({ jobId: last!.id })
  })
})
