/**
 * The engine fires webhooks at their millisecond.
 *
 * Principle: the row is the truth; memory only makes it punctual. Any process may die at any instant, be paused for any
 * time, and any two may run at once: no job is lost, none is claimed twice at a time, none fires early.
 *
 * 1. Look ahead (`look-ahead.ts`). *Arming* is a read: jobs of this replica's share that fall due within ten seconds go into
 *    the due queue. What is overdue by more than two seconds is backlog and anyone's, taken up at the catch-up rate. A job
 *    created here is armed at once (`wake`).
 * 2. Wait (`due-queue.ts`, `claimer.ts`). One heap, one timer on its head.
 * 3. Claim (`claimer.ts`). A little ahead of the due time one conditional write turns due jobs into `FIRING` under a claim
 *    id, with a lease; never more than there are free slots (`slots.ts`). Jobs cancelled in between do not come back.
 * 4. Deliver (`attempt.ts`, `send.ts`). At the due millisecond, never before; unsent if the lease no longer covers it.
 * 5. Record (`recorder.ts`). Outcome and next state in one transaction, fenced by the claim id, in groups. While the
 *    database is away (`database-link.ts`) results wait and claiming stops.
 * 6. Release (`release.ts`). A sweep takes back claims whose lease ran out and whose owner is dead; each is logged as an
 *    interrupted attempt and fires again at once.
 *
 * Time is the database's (`engine-clock.ts`), so replicas agree on it; a claim's age is the most that any
 * of the machine's clocks says (`elapsed.ts`).
 *
 * When extending: a new way for a job to become due must set `due_at` in the store and call `wake`; a new way for an attempt
 * to end belongs in `delivery/classify.ts`; whatever holds a slot must call `finish`, and whatever may reject must be
 * caught here, since nobody awaits an attempt.
 */
import { Bag } from '../bag.js'
import { Batcher } from '../batcher.js'
import type { Clock } from '../clock.js'
import type { Events } from '../events.js'
import { Loop, type Service } from '../lifecycle.js'
import {
  DatabaseAwayError,
  type AttemptRecord,
  type ClaimedJob,
  type DueJob,
  type EngineStore,
  type RecordResult,
  type StoreCapabilities,
} from '../store/store.js'
import { runAttempt, type AttemptDeps } from './attempt.js'
import { Claimer, type Claimed } from './claimer.js'
import { DatabaseLink } from './database-link.js'
import { DueQueue } from './due-queue.js'
import { EngineClock } from './engine-clock.js'
import {
  BACKLOG_EVERY_MS,
  DUE_QUEUE_SHARES,
  HEARTBEAT_EVERY_MS,
  leaseMsFor,
  LOOK_AHEAD_MS,
  MEMORY_LIMITS,
  RECORD_LINGER_MS,
  SWEEP_EVERY_MS,
  TICK_MS,
  type MemoryLimits,
} from './limits.js'
import { Backlog, LookAhead } from './look-ahead.js'
import { Membership } from './membership.js'
import { Recorder } from './recorder.js'
import { releaseExpired } from './release.js'
import type { Sender } from './send.js'
import { Slots } from './slots.js'

export interface EngineDeps {
  readonly store: EngineStore & { readonly capabilities: StoreCapabilities }
  readonly clock: Clock
  readonly events: Events
  readonly sender: Pick<Sender, 'send' | 'prepare'>
  /** Opens a sealed signing secret. */
  readonly openSecret: (sealed: string) => string
  readonly newId: () => string
  readonly random: () => number
  readonly settings: EngineSettings
  /** Smaller ones show in tests what fills them. */
  readonly memoryLimits?: MemoryLimits
}

export interface EngineSettings {
  readonly deliveryTimeoutMs: number
  readonly maxAttempts: number
  readonly retryDelaysMs: readonly number[]
  readonly maxConcurrency: number
  readonly maxConcurrencyPerEndpoint: number
  /** Overdue jobs a second; 0 = no limit. */
  readonly catchUpRate: number
  readonly userAgent: string
}

/** What the engine holds at this moment. */
export interface EngineState {
  readonly armed: number
  readonly inFlight: number
  readonly recordsPending: number
  readonly clockOffsetMs: number
  readonly databaseAway: boolean
}

export class Engine {
  readonly replicaId: string
  readonly #deps: EngineDeps
  readonly #queue: DueQueue
  readonly #slots: Slots
  readonly #engineClock: EngineClock
  readonly #link: DatabaseLink
  readonly #membership: Membership
  readonly #lookAhead: LookAhead
  readonly #claimer: Claimer
  readonly #recorder: Recorder
  readonly #attemptDeps: AttemptDeps
  readonly #heartbeat: Loop
  readonly #loops: readonly Service[]
  readonly #stopping = new AbortController()
  readonly #deadline = new AbortController()
  /** Ends the waiting for a database that stays away at the very end of a stop. */
  readonly #giveUp = new AbortController()
  readonly #attempts = new Bag<Promise<void>>()
  #started = false
  #stopped: Promise<void> | undefined
  /** Between the first heartbeats, before which the time is not known and nothing may be claimed, and the stop. */
  #isRunning = false

  constructor(deps: EngineDeps) {
    const { store, clock, events, settings, newId, random, memoryLimits = MEMORY_LIMITS } = deps
    this.#deps = deps
    this.replicaId = newId()
    this.#queue = new DueQueue({ capacity: memoryLimits.dueQueueCapacity, shares: DUE_QUEUE_SHARES })
    const leaseMs = leaseMsFor(settings.deliveryTimeoutMs)
    this.#engineClock = new EngineClock(clock, { sharesHostClock: store.capabilities.sharesHostClock })
    this.#slots = new Slots({ total: settings.maxConcurrency, perEndpoint: settings.maxConcurrencyPerEndpoint, clock })
    this.#link = new DatabaseLink({ clock, events, random })
    const shared = {
      store,
      clock,
      events,
      link: this.#link,
      engineClock: this.#engineClock,
      replicaId: this.replicaId,
      queue: this.#queue,
    }

    this.#recorder = new Recorder({ batcher: this.#recordBatcher(), events, maxPending: settings.maxConcurrency })
    this.#membership = new Membership({ ...shared, onChange: () => this.#lookAhead.reset() })
    const arming = {
      ...shared,
      share: () => this.#membership.share,
      onArmed: (count: number) => this.#noteArmed(count),
    }
    this.#lookAhead = new LookAhead(arming)
    const backlog = new Backlog({ ...arming, catchUpRate: settings.catchUpRate })
    this.#claimer = new Claimer({
      ...shared,
      slots: this.#slots,
      leaseMs,
      inFlightMaxBytes: memoryLimits.inFlightMaxBytes,
      newId,
      isHeldUp: () => !this.#isRunning || this.#recorder.isFull,
      onClaimed: (claimed) => this.#deliver(claimed),
    })
    this.#attemptDeps = {
      clock,
      engineClock: this.#engineClock,
      send: deps.sender.send,
      prepare: deps.sender.prepare,
      openSecret: deps.openSecret,
      newId,
      retryPolicy: { maxAttempts: settings.maxAttempts, delaysMs: settings.retryDelaysMs },
      deliveryTimeoutMs: settings.deliveryTimeoutMs,
      userAgent: settings.userAgent,
      stopping: this.#stopping.signal,
      deadline: this.#deadline.signal,
    }
    const release = {
      ...shared,
      leaseMs,
      singleEngine: store.capabilities.singleEngine,
      onReleased: (job: DueJob) => this.wake(job),
    }
    this.#heartbeat = this.#loop('heartbeat', HEARTBEAT_EVERY_MS, () => this.#membership.beat())
    this.#loops = [
      this.#loop('release', SWEEP_EVERY_MS, (signal) => releaseExpired(release, signal)),
      this.#loop('look ahead', TICK_MS, (signal) => this.#lookAhead.run(signal)),
      this.#loop('backlog', BACKLOG_EVERY_MS, (signal) => backlog.run(signal)),
    ]
    events.on('databaseBack', () => this.#claimer.poke())
  }

  /** Starts once; rejects with `DatabaseAwayError` when the database does not answer the first heartbeat. */
  async start(): Promise<void> {
    if (this.#started) return
    this.#started = true
    for (let beats = 0; beats < FIRST_BEATS && (beats === 0 || !this.#engineClock.isSettled); beats += 1) {
      await this.#membership.beat()
    }
    this.#isRunning = !this.#stopping.signal.aborted
    if (!this.#isRunning) return
    this.#claimer.poke()
    await this.#heartbeat.start()
    await Promise.all(this.#loops.map((loop) => loop.start()))
  }

  /** A job was created, retried or released: it is armed at once when it is near. Others are found by the look-ahead. */
  wake(job: DueJob): void {
    if (this.#stopping.signal.aborted || job.dueAtMs > this.#engineClock.nowMs() + WAKE_AHEAD_MS) return
    if (this.#queue.add(job)) this.#noteArmed(1)
    else this.#lookAhead.reset()
  }

  get state(): EngineState {
    return {
      armed: this.#queue.size,
      inFlight: this.#slots.inFlight,
      recordsPending: this.#recorder.pending,
      clockOffsetMs: this.#engineClock.offsetMs,
      databaseAway: this.#link.isAway,
    }
  }

  /**
   * Stops in order: no new claims; what was claimed but not sent is handed back; what is in flight may finish within
   * `graceMs` and is recorded as interrupted after that; records are stored (for at most `graceMs` more when the database is
   * away: a claim that stays behind is given back by its lease). A second call waits for the same stop.
   */
  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#stop(graceMs)
    return this.#stopped
  }

  async #stop(graceMs: number): Promise<void> {
    this.#stopping.abort()
    this.#isRunning = false
    if (!this.#started) return
    const { clock } = this.#deps
    const deadline = clock.setTimer(graceMs, () => this.#deadline.abort(), { unref: true })
    const giveUp = clock.setTimer(2 * graceMs, () => this.#giveUp.abort(), { unref: true })
    await Promise.all([this.#claimer.stop(), ...this.#loops.map((loop) => loop.stop())])
    while (this.#attempts.size > 0) await Promise.all(this.#attempts)
    deadline.cancel()
    await this.#heartbeat.stop()
    await this.#membership.leave().catch((error: unknown) => this.#noteError('leaving', error))
    giveUp.cancel()
  }

  #deliver(claimed: Claimed): void {
    this.#noteChange(claimed.job)
    const attempt = this.#attempt(claimed)
      .catch((error: unknown) => this.#noteError(`delivering job ${claimed.job.id}`, error))
      .finally(() => {
        claimed.finish()
        leave()
      })
    const leave = this.#attempts.add(attempt)
  }

  async #attempt({ job, claim, sealedSecrets, finish }: Claimed): Promise<void> {
    const end = await runAttempt(job, claim, sealedSecrets, this.#attemptDeps)
    finish()
    if (end.kind === 'unsent') await this.#handBack(job, claim.id)
    else await this.#record(job, end.record)
    this.#claimer.poke()
  }

  async #record(job: ClaimedJob, record: AttemptRecord): Promise<void> {
    if ((await this.#recorder.record(record)) !== 'recorded') return
    const { next } = record
    this.#noteChange(job, record.attemptId)
    this.#deps.events.emit('delivered', {
      jobId: record.jobId,
      attempt: record.attempt,
      outcome: OUTCOMES[next.status],
      latenessMs: record.latenessMs,
      durationMs: record.durationMs,
      responseCode: record.responseCode,
      error: record.error,
    })
    if (next.status === 'FAILED') this.wake(dueAgain(job, next.retryAtMs))
  }

  async #handBack(job: ClaimedJob, claimId: string): Promise<void> {
    const { store, events } = this.#deps
    const claims = [{ id: job.id, claimId }]
    const count = await this.#link.insist('handBack', () => store.handBack(claims), this.#giveUp.signal)
    events.emit('handedBack', { count })
    if (count === 0) return
    this.#noteChange(job)
    this.wake(dueAgain(job, job.dueAtMs))
  }

  #recordBatcher(): Batcher<AttemptRecord, RecordResult> {
    const { store, clock, settings } = this.#deps
    return new Batcher<AttemptRecord, RecordResult>({
      name: 'records',
      clock,
      run: (records) => this.#storeRecords(() => store.recordAttempts(records)),
      sizeOf: (record) => 512 + Buffer.byteLength(record.responseBody ?? ''),
      maxItems: 256,
      maxBytes: 4 * 1024 * 1024,
      // Claiming stops at `maxConcurrency` waiting records, and no more than that are in flight then.
      maxWaiting: 2 * settings.maxConcurrency,
      maxWaitingBytes: Infinity,
      lingerMs: RECORD_LINGER_MS,
    })
  }

  async #storeRecords(store: () => Promise<RecordResult[]>): Promise<RecordResult[]> {
    const { clock, events } = this.#deps
    const startedMs = clock.monotonicMs()
    const results = await this.#link.insist('recordAttempts', store, this.#giveUp.signal)
    const fenced = results.filter((result) => result === 'fenced').length
    events.emit('recorded', { count: results.length, fenced, durationMs: clock.monotonicMs() - startedMs })
    return results
  }

  #noteChange({ id, projectId }: ClaimedJob, attemptId?: string): void {
    this.#deps.events.emit('jobChanged', { jobId: id, projectId, ...(attemptId !== undefined && { attemptId }) })
  }

  #noteArmed(count: number): void {
    this.#deps.events.emit('armed', { count })
    this.#claimer.poke()
  }

  #loop(name: string, everyMs: number, run: (signal: AbortSignal) => Promise<void>): Loop {
    const { clock, random } = this.#deps
    return new Loop({ clock, random, everyMs, run, onError: (error) => this.#noteError(name, error) })
  }

  /** An absent database has been announced by the link already. */
  #noteError(where: string, error: unknown): void {
    if (!(error instanceof DatabaseAwayError)) this.#deps.events.emit('unexpected', { where, error })
  }
}

function dueAgain({ id, projectId, endpoint, payload }: ClaimedJob, dueAtMs: number): DueJob {
  return { id, dueAtMs, projectId, endpoint, payloadBytes: Buffer.byteLength(payload) }
}

/** Heartbeats before the first job, until the database's clock is known well. */
const FIRST_BEATS = 5

/** A pass longer than the look-ahead: by another replica's clock it may just have read past the job. */
const WAKE_AHEAD_MS = LOOK_AHEAD_MS + TICK_MS

const OUTCOMES = { SUCCESS: 'delivered', FAILED: 'retry', DEAD: 'dead', interrupted: 'interrupted' } as const
