import { beforeEach, describe, expect, it } from 'vitest'
import { Events } from '../events.js'
import { DatabaseAwayError, type EngineStore, type ReleasedJob, type ReleaseRequest } from '../store/store.js'
import { DatabaseLink } from './database-link.js'
import { EngineClock } from './engine-clock.js'
import { releaseExpired } from './release.js'
import { SimProcess, World } from './simulation/world.js'

const LEASE_MS = 60_000
const never = new AbortController().signal

describe('the sweep', () => {
  let world: World
  let link: DatabaseLink
  let requests: ReleaseRequest[]
  let sweep: (singleEngine: boolean) => Promise<void>
  let answers: ReleasedJob[][]
  let woken: string[]

  beforeEach(() => {
    world = new World(1)
    const { clock } = new SimProcess(world, { wallOffsetMs: 0 })
    link = new DatabaseLink({ clock, events: new Events(), random: () => 0.5 })
    requests = []
    answers = []
    woken = []
    const store = {
      releaseExpired: (request: ReleaseRequest) => {
        requests.push(request)
        return Promise.resolve(answers.shift() ?? [])
      },
    } as EngineStore
    const engineClock = new EngineClock(clock, { sharesHostClock: true })
    const onReleased = (job: ReleasedJob): void => void woken.push(job.id)
    const options = { engineClock, store, link, events: new Events(), replicaId: 'me', leaseMs: LEASE_MS, onReleased }
    sweep = (singleEngine) => releaseExpired({ ...options, singleEngine }, never)
  })

  /** Contact every three seconds, as the heartbeat has it. */
  async function beConnectedFor(forMs: number): Promise<void> {
    for (let passedMs = 0; passedMs <= forMs; passedMs += 3_000) {
      await link.call('heartbeat', () => Promise.resolve())
      world.nowMs += 3_000
    }
  }

  it('holds off until this replica has had the database for a lease', async () => {
    await beConnectedFor(LEASE_MS / 2)
    await sweep(false)
    expect(requests).toEqual([])
    await beConnectedFor(LEASE_MS)
    await sweep(false)
    expect(requests).toMatchObject([{ replicaId: 'me', includeOwn: true }])
  })

  it('starts over after the database was away, and after a pause', async () => {
    await beConnectedFor(2 * LEASE_MS)
    await link.call('x', () => Promise.reject(new DatabaseAwayError('away'))).catch(() => undefined)
    await beConnectedFor(LEASE_MS / 2)
    await sweep(false)
    await beConnectedFor(2 * LEASE_MS)
    world.nowMs += 20_000
    await beConnectedFor(LEASE_MS / 2)
    await sweep(false)
    expect(requests).toEqual([])
  })

  it('takes what dead processes left on an embedded database at once, and its own only after a lease', async () => {
    await sweep(true)
    expect(requests).toMatchObject([{ includeOwn: false }])
    await beConnectedFor(2 * LEASE_MS)
    await sweep(true)
    expect(requests[1]).toMatchObject({ includeOwn: true })
  })

  it('goes on while batches are full, and wakes what is not dead', async () => {
    const rest = { dueAtMs: 1, projectId: 'p', endpoint: 'e', payloadBytes: 2, attempt: 1 }
    answers = [Array.from({ length: 500 }, (_, n) => ({ id: `${n}`, ...rest, dead: n > 0 })), []]
    await sweep(true)
    expect(requests).toHaveLength(2)
    expect(woken).toEqual(['0'])
  })
})
