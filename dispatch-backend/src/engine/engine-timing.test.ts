import { beforeEach, describe, expect, it } from 'vitest'
import { Events } from '../events.js'
import type { ClaimRequest, EngineStore } from '../store/store.js'
import { newJob } from '../store/conformance/subject.js'
import { Engine } from './engine.js'
import { CLAIMED_TOO_EARLY_MS, LOOK_AHEAD_MS, TICK_MS } from './limits.js'
import type { Send, SendRequest } from './send.js'
import { MemoryStore } from './simulation/memory-store.js'
import { SimProcess, World } from './simulation/world.js'

const DATABASE_MS = 2
const SLOW_MS = 10_000
const GRACE_MS = 2_000

/** Its clock steps and its database is slow as a case wants them. */
describe('an engine in virtual time', () => {
  let world: World
  let process: SimProcess
  let memory: MemoryStore
  let engine: Engine
  let slow: (verb: keyof EngineStore) => boolean
  let calls: number
  let claims: { atMs: number; request: ClaimRequest }[]
  let handedBack: { atMs: number; id: string }[]
  let requests: { atMs: number; request: SendRequest; abortedAtMs?: number }[]
  let respond: Send

  const neverAnswers: Send = ({ signal }) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () =>
        resolve({ kind: 'error', code: 'aborted', message: 'stopped', bytesSent: true }),
      )
    })
  const answersAtOnce: Send = () =>
    Promise.resolve({ kind: 'response', statusCode: 200, body: '', bodyTruncated: false })

  beforeEach(() => {
    world = new World(1)
    process = new SimProcess(world, { wallOffsetMs: 0 })
    memory = new MemoryStore({
      nowMs: () => process.clock.wallMs(),
      newId: () => world.newId(),
      singleEngine: true,
      sharesHostClock: true,
    })
    slow = () => false
    calls = 0
    claims = []
    handedBack = []
    requests = []
    respond = answersAtOnce
    engine = makeEngine()
  })

  function makeEngine(): Engine {
    const call = <Result>(verb: keyof EngineStore, run: () => Result): Promise<Result> => {
      calls += 1
      return new Promise((resolve) => world.after(slow(verb) ? SLOW_MS : DATABASE_MS, () => resolve(run())))
    }
    const store: EngineStore & Pick<MemoryStore, 'capabilities'> = {
      capabilities: memory.capabilities,
      heartbeat: (request) => call('heartbeat', () => memory.heartbeat(request)),
      removeReplica: (id) => call('removeReplica', () => memory.removeReplica(id)),
      readDue: (query) => call('readDue', () => memory.readDue(query)),
      claim(request) {
        claims.push({ atMs: world.nowMs, request })
        return call('claim', () => memory.claim(request))
      },
      recordAttempts: (records) => call('recordAttempts', () => memory.recordAttempts(records)),
      handBack(held) {
        handedBack.push(...held.map(({ id }) => ({ atMs: world.nowMs, id })))
        return call('handBack', () => memory.handBack(held))
      },
      releaseExpired: (request) => call('releaseExpired', () => memory.releaseExpired(request)),
    }
    const send: Send = (request) => {
      if (!request.beforeFirstByte()) return Promise.resolve({ kind: 'unsent' })
      const sent: (typeof requests)[number] = { atMs: world.nowMs, request }
      request.signal.addEventListener('abort', () => (sent.abortedAtMs = world.nowMs))
      requests.push(sent)
      return respond(request)
    }
    return new Engine({
      store,
      clock: process.clock,
      events: new Events(),
      sender: { send, prepare: () => undefined },
      openSecret: (sealed) => sealed,
      newId: () => world.newId(),
      random: () => 0.5,
      settings: {
        deliveryTimeoutMs: 30_000,
        maxAttempts: 3,
        retryDelaysMs: [1_000],
        maxConcurrency: 4,
        maxConcurrencyPerEndpoint: 4,
        catchUpRate: 0,
        userAgent: 'Dispatch-test',
      },
    })
  }

  function schedule(inMs: number): string {
    const id = world.newId()
    const job = newJob({ projectId: 'project', apiKeyId: 'key' }, { id, fireAtMs: world.nowMs + inMs })
    memory.createJobs([job])
    const { projectId, endpoint, fireAtMs: dueAtMs } = job
    engine.wake({ id, projectId, endpoint, dueAtMs, payloadBytes: 2 })
    return id
  }

  const pass = (forMs: number): Promise<void> => world.run(world.nowMs + forMs, () => false)

  /** Runs the world until `promise` is settled; answers when that was. */
  async function settled(promise: Promise<void>): Promise<number> {
    let isSettled = false
    const noted = promise.then(() => (isSettled = true))
    await world.run(Infinity, () => isSettled)
    await noted
    return world.nowMs
  }

  it('gives what is in flight its grace from the moment it is stopped, however long the database takes', async () => {
    respond = neverAnswers
    await settled(engine.start())
    schedule(100)
    await pass(200)
    slow = () => true
    schedule(50)
    await pass(100)
    expect(claims).toHaveLength(2)
    const stoppedMs = world.nowMs
    await settled(engine.stop(GRACE_MS))
    expect(requests).toHaveLength(1)
    expect(requests[0]!.abortedAtMs! - stoppedMs).toBeLessThan(GRACE_MS + 10)
  })

  it('claims nothing any more once it is being stopped, while it waits for a read and for what is in flight', async () => {
    respond = neverAnswers
    await settled(engine.start())
    schedule(100)
    await pass(200)
    slow = (verb) => verb === 'readDue'
    await pass(TICK_MS + 200)
    const later = schedule(1_000)
    const stoppedMs = world.nowMs
    await settled(engine.stop(GRACE_MS))
    expect(world.nowMs - stoppedMs).toBeGreaterThan(GRACE_MS)
    expect(claims).toHaveLength(1)
    expect(memory.jobs.get(later)).toMatchObject({ status: 'SCHEDULED', attempt: 0 })
  })

  it('does nothing any more when it is stopped before its first heartbeat was answered', async () => {
    slow = (verb) => verb === 'heartbeat'
    const started = engine.start()
    schedule(50)
    await pass(100)
    await settled(engine.stop(GRACE_MS))
    await settled(started)
    const callsUntilThen = calls
    await pass(60_000)
    expect(calls).toBe(callsUntilThen)
    expect(claims).toEqual([])
  })

  it('hands back what it has claimed when its clock is set back so far that it would hold it for nothing', async () => {
    await settled(engine.start())
    slow = (verb) => verb === 'claim'
    const id = schedule(100)
    await pass(200)
    expect(claims).toHaveLength(1)
    process.stepWallClock(-SLOW_MS - CLAIMED_TOO_EARLY_MS - 5_000)
    slow = () => false
    const stepped = world.nowMs
    await pass(SLOW_MS + 1_000)
    expect(handedBack).toMatchObject([{ id }])
    expect(memory.jobs.get(id)).toMatchObject({ status: 'SCHEDULED', attempt: 0 })
    expect(engine.state.inFlight).toBe(0)
    expect(requests).toEqual([])
    await pass(SLOW_MS + 10_000)
    expect(requests).toHaveLength(1)
    expect(requests[0]!.atMs).toBeGreaterThan(stepped + SLOW_MS)
    expect(memory.jobs.get(id)).toMatchObject({ status: 'SUCCESS', attempt: 1 })
  })

  it('keeps what it has claimed when its clock is set back a little', async () => {
    await settled(engine.start())
    slow = (verb) => verb === 'claim'
    const id = schedule(100)
    await pass(200)
    process.stepWallClock(-SLOW_MS - CLAIMED_TOO_EARLY_MS / 2)
    await pass(SLOW_MS + CLAIMED_TOO_EARLY_MS)
    expect(handedBack).toEqual([])
    expect(claims).toHaveLength(1)
    expect(memory.jobs.get(id)).toMatchObject({ status: 'SUCCESS', attempt: 1 })
  })

  it('arms at once what another replica, a pass ahead by its clock, may have read past', async () => {
    await settled(engine.start())
    schedule(LOOK_AHEAD_MS + TICK_MS - 1)
    expect(engine.state.armed).toBe(1)
    schedule(LOOK_AHEAD_MS + TICK_MS + 1)
    expect(engine.state.armed).toBe(1)
  })
})
