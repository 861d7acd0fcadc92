/**
 * The engine in a simulated world: real engine code, simulated time, an in-memory store, and faults chosen by a seed: crashes
 * between any two steps, lost calls and unknown commits, outages, replicas cut off, pauses, suspensions, clock steps, orderly
 * stops under load. After the faults the world heals, and when all has come to rest the invariants are checked.
 */
import { Events } from '../../events.js'
import type { NewJob } from '../../store/store.js'
import { Engine } from '../engine.js'
import { leaseMsFor, SCAN_PAGE } from '../limits.js'
import { callDatabase, RefusedError, sendOf, storeOf, type FaultPlan, type Mood, type Sending } from './faults.js'
import { checkEnd, checkSending, CLOCK_TOLERANCE_MS, type Claimants } from './invariants.js'
import { MemoryStore } from './memory-store.js'
import { SimProcess, World } from './world.js'

const SETTINGS = {
  deliveryTimeoutMs: 3_000,
  maxAttempts: 3,
  retryDelaysMs: [2_000, 6_000],
  maxConcurrency: 8,
  maxConcurrencyPerEndpoint: 3,
  catchUpRate: 50,
  userAgent: 'Dispatch-simulation',
}
/** Where nothing waits for a slot, lateness shows the engine's own. */
const ROOMY = { maxConcurrency: 128, maxConcurrencyPerEndpoint: 64 }
/** What a few jobs fill: shares, refusals and the byte budget come into play. */
const CRAMPED = { dueQueueCapacity: 12, inFlightMaxBytes: 60 }
const LEASE_MS = leaseMsFor(SETTINGS.deliveryTimeoutMs)
/** How long faults happen, and how long the healed world may take to come to rest. */
const TROUBLE_MS = 60_000
const REST_MS = 20 * 60_000

export interface SimulationResult {
  /** Broken invariants; empty = all well. */
  readonly broken: readonly string[]
  readonly jobs: number
  readonly sendings: number
  readonly statuses: Readonly<Record<string, number>>
}

interface Replica {
  readonly process: SimProcess
  readonly engine: Engine
}

/** Runs one world. The same seed gives the same run, event by event. */
export async function simulate(seed: number): Promise<SimulationResult> {
  return new Simulation(seed).run()
}

class Simulation {
  readonly #world: World
  readonly #memory: MemoryStore
  readonly #plan: FaultPlan
  readonly #calm: boolean
  readonly #singleEngine: boolean
  readonly #cramped: boolean
  readonly #replicas: (Replica | undefined)[]
  readonly #cancelledAtMs = new Map<string, number>()
  readonly #sendings: Sending[] = []
  /** Who claimed which attempt last: `<job id> <attempt>`. */
  readonly #claimants: Claimants = new Map()
  readonly #broken: string[] = []
  readonly #moods = new Map<string, Mood>()
  readonly #endOfTroubleMs: number
  /** What two readings of the clock that jobs are timed by may lie apart, beside the time between them. */
  #clockErrorMs: number
  #hostOffsetMs = 0
  #toCreate: number

  constructor(seed: number) {
    const world = new World(seed)
    this.#world = world
    this.#calm = world.chance(0.1)
    this.#singleEngine = world.chance(0.35)
    this.#cramped = !this.#calm && world.chance(0.5)
    const newId = (): string => world.newId()
    const sharesHostClock = this.#singleEngine
    this.#clockErrorMs = sharesHostClock ? 0 : 2 * CLOCK_TOLERANCE_MS
    this.#memory = new MemoryStore({
      // An embedded database has its host's clock, stepping as that may.
      nowMs: () => world.nowMs + this.#hostOffsetMs,
      newId,
      singleEngine: this.#singleEngine,
      sharesHostClock,
    })
    this.#plan = {
      lostCalls: this.#calm ? 0 : world.random() * 0.03,
      outageUntilMs: 0,
      cutOffUntilMs: new Map(),
      mishapAfterStep: this.#calm ? 0 : world.random() * 0.002,
      longPauseMs: 3 * LEASE_MS,
      refusedCalls: this.#calm || world.chance(0.5) ? 0 : world.random() * 0.05,
      refusedRecords: new Set(),
      scanLimit: this.#cramped ? 4 : SCAN_PAGE,
      slowConnects: this.#calm ? 0 : 0.1,
      latencyMs: this.#calm ? 5 : world.int(2, 60),
    }
    this.#endOfTroubleMs = world.nowMs + TROUBLE_MS
    this.#replicas = Array.from({ length: this.#singleEngine ? 1 : world.int(1, 4) }, () => undefined)
    this.#toCreate = world.int(10, 40)
  }

  async run(): Promise<SimulationResult> {
    const world = this.#world
    this.#replicas.forEach((_, place) => this.#start(place))
    world.after(0, () => this.#createJobs())
    if (!this.#calm) world.after(world.int(1, 5_000), () => this.#trouble())
    await world.run(this.#endOfTroubleMs, () => this.#broken.length > 0)
    this.#heal()
    await world.run(this.#endOfTroubleMs + REST_MS, () => this.#broken.length > 0 || this.#isAtRest())
    const rules = {
      maxAttempts: SETTINGS.maxAttempts,
      retryDelaysMs: SETTINGS.retryDelaysMs,
      calm: this.#calm,
      clockErrorMs: this.#clockErrorMs,
    }
    if (this.#broken.length === 0) this.#broken.push(...checkEnd(this.#memory, this.#sendings, this.#claimants, rules))
    const statuses: Record<string, number> = {}
    for (const { status } of this.#memory.jobs.values()) statuses[status] = (statuses[status] ?? 0) + 1
    return { broken: this.#broken, jobs: this.#memory.jobs.size, sendings: this.#sendings.length, statuses }
  }

  #start(place: number): void {
    const world = this.#world
    const wallOffsetMs = this.#singleEngine || this.#calm ? this.#hostOffsetMs : world.int(-2_000, 2_000)
    const process = new SimProcess(world, { wallOffsetMs })
    const events = new Events()
    events.on('unexpected', ({ where, error }) => {
      if (!(error instanceof RefusedError)) this.#broken.push(`unexpected, ${where}: ${String(error)}`)
    })
    const engine = new Engine({
      store: storeOf(process, this.#memory, this.#plan, (id, attempt) =>
        this.#claimants.set(`${id} ${attempt}`, { process, atMs: world.nowMs }),
      ),
      clock: process.clock,
      events,
      sender: {
        send: sendOf({
          process,
          plan: this.#plan,
          mood: (id, attempt) => this.#mood(id, attempt),
          onSent: (sending) => this.#onSent(sending),
        }),
        prepare: () => undefined,
      },
      openSecret: (sealed) => sealed,
      newId: () => world.newId(),
      random: () => world.random(),
      settings: this.#calm ? { ...SETTINGS, ...ROOMY } : SETTINGS,
      ...(this.#cramped && { memoryLimits: CRAMPED }),
    })
    this.#replicas[place] = { process, engine }
    // A first heartbeat that fails is what a process manager restarts.
    engine.start().catch(() => this.#replace(place, process))
  }

  #replace(place: number, process: SimProcess): void {
    process.crash()
    this.#world.after(this.#world.int(100, 8_000), () => {
      if (this.#replicas[place]?.process === process) this.#start(place)
    })
  }

  #onSent(sending: Sending): void {
    this.#sendings.push(sending)
    this.#broken.push(...checkSending(sending, this.#memory, this.#cancelledAtMs, this.#claimants))
  }

  #mood(jobId: string, attempt: number): Mood {
    const key = `${jobId} ${attempt}`
    const known = this.#moods.get(key)
    if (known) return known
    const dice = this.#world.random()
    const mood = dice < 0.65 ? 'ok' : dice < 0.8 ? 'fails' : dice < 0.87 ? 'slow' : dice < 0.94 ? 'resets' : 'hangs'
    this.#moods.set(key, mood)
    return mood
  }

  #createJobs(): void {
    const world = this.#world
    const burst = Math.min(this.#toCreate, world.chance(0.2) ? world.int(5, 20) : 1)
    const inMs = world.int(1, 25_000)
    for (let count = 0; count < burst; count += 1) this.#createJob(world.chance(0.5) ? inMs : world.int(1, 25_000))
    this.#toCreate -= burst
    if (this.#toCreate > 0) world.after(world.int(1, 2_500), () => this.#createJobs())
  }

  #createJob(inMs: number): void {
    const world = this.#world
    const replica = this.#replicas[world.int(0, this.#replicas.length - 1)]
    if (!replica?.process.isAlive) return
    const job = newJob(world, inMs)
    callDatabase(replica.process, this.#plan, this.#plan.latencyMs, () => this.#memory.createJobs([job])).then(
      () => {
        const { id, projectId, endpoint, fireAtMs, payload } = job
        replica.engine.wake({ id, projectId, endpoint, dueAtMs: fireAtMs, payloadBytes: payload.length })
      },
      () => undefined,
    )
    if (world.chance(0.25)) world.after(world.int(1, inMs + 9_000), () => this.#cancel(job.id))
  }

  #cancel(id: string): void {
    const nowMs = Math.floor(this.#world.nowMs)
    const scope = { kind: 'user', userId: 'user' } as const
    const [result] = this.#memory.cancelJobs([{ id, scope, retrying: this.#world.chance(0.5), nowMs }])
    if (result === 'cancelled') this.#cancelledAtMs.set(id, nowMs)
  }

  /** One misfortune, and the next one later. */
  #trouble(): void {
    const world = this.#world
    const place = world.int(0, this.#replicas.length - 1)
    const { process, engine } = this.#replicas[place]!
    const dice = world.random()
    if (dice < 0.2) this.#replace(place, process)
    else if (dice < 0.3) process.pause(world.int(10, 2 * LEASE_MS), world.chance(0.3))
    else if (dice < 0.6) this.#outage()
    else if (dice < 0.7 && !this.#singleEngine) this.#cutOff(process)
    else if (dice < 0.75 && this.#singleEngine) this.#outage()
    else if (dice < 0.85) this.#stepClock(process)
    else this.#stopInOrder(place, process, engine)
    if (world.nowMs < this.#endOfTroubleMs) world.after(world.int(500, 15_000), () => this.#trouble())
  }

  /** Half of them outlast every lease: then the replicas look dead to one another, and none is. */
  #outage(): void {
    const { nowMs } = this.#world
    const forMs = this.#world.chance(0.5) ? this.#world.int(10, 8_000) : this.#world.int(LEASE_MS, 2 * LEASE_MS)
    this.#plan.outageUntilMs = Math.max(this.#plan.outageUntilMs, nowMs + forMs)
  }

  #stepClock(process: SimProcess): void {
    const byMs = this.#world.int(-2 * LEASE_MS, 2 * LEASE_MS)
    process.stepWallClock(byMs)
    // Of several replicas the database's clock counts, and that one runs true.
    if (!this.#singleEngine) return
    this.#hostOffsetMs += byMs
    this.#clockErrorMs = Infinity
  }

  #cutOff(process: SimProcess): void {
    const forMs = this.#world.int(10, 2 * LEASE_MS)
    this.#plan.cutOffUntilMs.set(process, this.#world.nowMs + forMs)
    // Past its lease it is as good as dead to the others.
    if (forMs > LEASE_MS / 2) process.disturb(forMs)
  }

  #stopInOrder(place: number, process: SimProcess, engine: Engine): void {
    process.disturb(Infinity)
    engine.stop(this.#world.int(100, 5_000)).then(
      () => this.#replace(place, process),
      (error: unknown) => this.#broken.push(`stop failed: ${String(error)}`),
    )
  }

  /** No more faults; dead replicas come back. */
  #heal(): void {
    this.#plan.lostCalls = 0
    this.#plan.refusedCalls = 0
    this.#plan.mishapAfterStep = 0
    this.#replicas.forEach((replica, place) => {
      if (!replica?.process.isAlive) this.#start(place)
    })
  }

  /** All is done; requests of dead attempts may still be on their way. */
  #isAtRest(): boolean {
    for (const job of this.#memory.jobs.values()) {
      if (job.status !== 'SUCCESS' && job.status !== 'DEAD' && job.status !== 'CANCELLED') return false
    }
    return true
  }
}

function newJob(world: World, inMs: number): NewJob {
  const id = world.newId()
  const host = world.int(1, 4)
  const nowMs = Math.floor(world.nowMs)
  const projectId = `project-${world.int(1, 2)}`
  return {
    id,
    projectId,
    scope: { kind: 'apiKey', projectId, apiKeyId: 'key' },
    title: `Job ${id.slice(-4)}`,
    webhookUrl: `http://host-${host}.example/hook`,
    endpoint: `http://host-${host}.example:80`,
    payload: '{"a": 12345678901234567890}',
    fireAtMs: nowMs + inMs,
    nowMs,
  }
}
