/**
 * Live events for people who look on. What changed is noted in a ring, by job and project alone; several times a second each
 * stream is told the changes of its projects since the last time, as the jobs are by then (one read for all streams). So
 * a slow reader costs no memory, a job that changes twice is told once, and who has missed too much is told to refresh.
 */
import type { EchoEvent, RefreshEvent } from 'dispatch-contract'
import { formatInstant, type Clock, type Timer } from '../clock.js'
import { DispatchError } from '../errors.js'
import type { Events } from '../events.js'
import { Loop, type Service } from '../lifecycle.js'
import type { JobState, StatsStore } from '../store/stats-store.js'
import { DatabaseAwayError, isAbsence } from '../store/store.js'
import { ChangeRing, type Change, type NumberedChange } from './change-ring.js'
import { EventStream, type Access } from './event-stream.js'

export interface EventStreamsDeps {
  readonly store: Pick<StatsStore, 'readJobStates'>
  readonly clock: Clock
  readonly events: Events
  readonly newId: () => string
  /** Smaller ones show in tests what fills them. */
  readonly limits?: StreamLimits
}

export interface StreamLimits {
  readonly total: number
  readonly perOwner: number
  readonly ringCapacity?: number
}

/** Open at a time in this process: each holds a connection and some 16 KiB. A person has a few tabs, a few machines. */
const LIMITS: StreamLimits = { total: 500, perOwner: 12 }
/** Between two rounds of telling. */
const ROUND_MS = 100
const HEARTBEAT_MS = 15_000
/** Credentials are checked again so long after the last time; with the pause of the loop, within 15 seconds. */
const CHECK_AFTER_MS = 10_000
const CHECK_EVERY_MS = 2_000
/** Jobs read for one round; streams for which there is no more room wait for the next. */
const MAX_JOBS_A_ROUND = 1_000
const AWAY_RETRY_MS = 1_000
const BUSY_RETRY_SECONDS = 15
/** For the reader: how long to wait before connecting again. */
const RECONNECT_MS = 2_000

export class EventStreams implements Service {
  readonly #deps: EventStreamsDeps
  readonly #limits: StreamLimits
  readonly #ring: ChangeRing
  /** Numbers of changes mean nothing to another process, or after a restart. */
  readonly #epoch: string
  readonly #streams = new Set<EventStream>()
  readonly #loops: readonly Loop[]
  #timer: Timer | undefined
  #isTelling = false
  /** Grows with what comes while a round is under way, which may not see it. */
  #askedMeanwhile = 0
  #toldAtMs = -Infinity
  #isStopped = false

  constructor(deps: EventStreamsDeps) {
    this.#deps = deps
    this.#limits = deps.limits ?? LIMITS
    this.#ring = new ChangeRing(deps.limits?.ringCapacity)
    this.#epoch = deps.newId()
    const { clock } = deps
    const loop = (everyMs: number, run: () => Promise<void>, where: string): Loop =>
      new Loop({ clock, everyMs, run, onError: (error) => this.#note(where, error) })
    this.#loops = [
      loop(HEARTBEAT_MS, () => this.#beat(), 'heartbeat of event streams'),
      loop(CHECK_EVERY_MS, () => this.#checkAll(), 'checking who reads events'),
    ]
  }

  async start(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.start()))
  }

  /** Ends every stream; later ones are refused. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#timer?.cancel()
    for (const stream of this.#streams) stream.end()
    await Promise.all(this.#loops.map((loop) => loop.stop()))
  }

  get size(): number {
    return this.#streams.size
  }

  /** Jobs have changed, or what an echo keeps, here or elsewhere. */
  add(changes: readonly Change[]): void {
    for (const change of changes) this.#ring.add(change)
    this.#tellSoon()
  }

  /** Changes may have been missed: everybody is to read again. */
  refreshAll(reason: RefreshEvent['reason']): void {
    for (const stream of this.#streams) this.#refresh(stream, reason)
  }

  /**
   * Opens a stream from `lastEventId` on (absent = from now on). Throws `RATE_LIMITED` and `BUSY` when there are too many.
   */
  open(request: {
    owner: string
    access: Access
    check: () => Promise<Access | null>
    lastEventId: string | undefined
  }): EventStream['body'] {
    const { owner, access, check, lastEventId } = request
    this.#requireRoom(owner)
    const cursor = this.#cursorOf(lastEventId)
    const stream = new EventStream({
      ...{ owner, access, check },
      cursor: cursor ?? this.#ring.head,
      nowMs: this.#deps.clock.monotonicMs(),
      onDrain: () => this.#tellSoon(),
      onClose: (closed) => this.#forget(closed),
    })
    this.#streams.add(stream)
    this.#deps.events.emit('streaming', { streams: this.#streams.size })
    // An id without data: who loses the connection before the first event can go on from here.
    stream.write(`retry: ${RECONNECT_MS}\nid: ${this.#idOf(stream.cursor)}\n\n`)
    if (cursor === null) this.#refresh(stream, 'missed')
    this.#tellSoon()
    return stream.body
  }

  #forget(stream: EventStream): void {
    if (this.#streams.delete(stream)) this.#deps.events.emit('streaming', { streams: this.#streams.size })
  }

  #requireRoom(owner: string): void {
    const own = [...this.#streams].filter((stream) => stream.owner === owner).length
    if (own >= this.#limits.perOwner) {
      const message = `There are ${own} event streams open with these credentials already; close one, or wait`
      throw new DispatchError('RATE_LIMITED', { message, retryAfterSeconds: BUSY_RETRY_SECONDS })
    }
    if (this.#isStopped || this.#streams.size >= this.#limits.total) {
      const message = 'No more event streams can be opened here at the moment; try again'
      throw new DispatchError('BUSY', { message, retryAfterSeconds: BUSY_RETRY_SECONDS })
    }
  }

  #idOf(number: number): string {
    return `${this.#epoch}.${number}`
  }

  /** Where to go on; null when that is not known. */
  #cursorOf(lastEventId: string | undefined): number | null {
    if (lastEventId === undefined) return this.#ring.head
    const [epoch, number = ''] = lastEventId.split('.')
    if (epoch !== this.#epoch || !/^\d{1,15}$/.test(number)) return null
    return this.#ring.changesSince(Number(number), new Set()) === null ? null : Number(number)
  }

  #refresh(stream: EventStream, reason: RefreshEvent['reason']): void {
    stream.cursor = this.#ring.head
    stream.wasBlocked = false
    stream.refresh(reason, this.#idOf(stream.cursor))
  }

  /** At once when the last round is a while ago; more often than that only a timer would be busier. */
  #tellSoon(atMs = this.#toldAtMs + ROUND_MS): void {
    if (this.#isTelling) this.#askedMeanwhile += 1
    if (this.#timer || this.#isTelling || this.#isStopped || this.#streams.size === 0) return
    const { clock } = this.#deps
    const delayMs = Math.max(0, atMs - clock.monotonicMs())
    const run = (): void => {
      this.#timer = undefined
      void this.#round()
    }
    this.#timer = clock.setTimer(delayMs, run, { unref: true })
  }

  async #round(): Promise<void> {
    this.#isTelling = true
    const askedBefore = this.#askedMeanwhile
    let nextAtMs: number | undefined
    try {
      nextAtMs = await this.#tell()
    } catch (error) {
      // The streams still know what they have been told: the next round tells the rest.
      this.#note('telling live events', error)
      nextAtMs = this.#deps.clock.monotonicMs() + AWAY_RETRY_MS
    }
    this.#toldAtMs = this.#deps.clock.monotonicMs()
    this.#isTelling = false
    if (this.#askedMeanwhile !== askedBefore) nextAtMs = this.#toldAtMs
    if (nextAtMs !== undefined) this.#tellSoon(Math.max(nextAtMs, this.#toldAtMs + ROUND_MS))
  }

  /** Tells each stream what is new to it. Answers when there will be more to tell, if that is known already. */
  async #tell(): Promise<number | undefined> {
    const nowMs = this.#deps.clock.monotonicMs()
    const head = this.#ring.head
    const told = new Map<EventStream, ReadonlyMap<string, NumberedChange>>()
    const ids = new Set<string>()
    let nextAtMs: number | undefined
    for (const stream of this.#streams) {
      if (stream.isBlocked || stream.cursor === head) continue
      const changes = this.#choose(stream, nowMs)
      if (changes === 'later' || ids.size + changes.size > MAX_JOBS_A_ROUND) {
        const atMs = changes === 'later' ? stream.roomAtMs() : nowMs
        nextAtMs = Math.min(nextAtMs ?? Infinity, atMs)
        continue
      }
      if (changes.size === 0) stream.cursor = head
      else told.set(stream, changes)
      for (const { jobId } of changes.values()) if (jobId !== null) ids.add(jobId)
    }
    if (told.size === 0) return nextAtMs
    const read = ids.size === 0 ? [] : await this.#deps.store.readJobStates([...ids])
    const states = new Map(read.map((state) => [state.id, state]))
    for (const [stream, changes] of told) {
      // Meanwhile it may have been told to refresh, which is more.
      if (stream.cursor < head) this.#write(stream, changes, states, head)
    }
    return nextAtMs
  }

  /** The changes to tell of; none also after a refresh. `later`: the stream has been told enough in this second. */
  #choose(stream: EventStream, nowMs: number): ReadonlyMap<string, NumberedChange> | 'later' {
    const room = stream.room(nowMs)
    // Asked first: walking the ring ten times a second for nothing would cost a busy instance with many readers.
    if (room === 0) return 'later'
    const changes = this.#ring.changesSince(stream.cursor, stream.projectIds)
    if (changes !== null && changes.size <= room) return changes
    this.#refresh(stream, changes === null && stream.wasBlocked ? 'slow' : 'busy')
    return new Map()
  }

  #write(
    stream: EventStream,
    changes: ReadonlyMap<string, NumberedChange>,
    states: ReadonlyMap<string, JobState>,
    head: number,
  ): void {
    let text = ''
    for (const { jobId, projectId, number } of changes.values()) {
      const state = jobId === null ? null : states.get(jobId)
      // Its project is asked again: the stream may have lost it, and a job that is gone needs no telling.
      if (state === undefined || !stream.projectIds.has(state?.projectId ?? projectId)) continue
      const [name, data] = state === null ? ['echo', echoData(projectId)] : ['job', dataOf(state)]
      text += `event: ${name}\nid: ${this.#idOf(number)}\n${data}`
    }
    stream.cursor = head
    stream.count(changes.size)
    stream.wasBlocked = false
    if (text !== '') stream.write(text)
  }

  #beat(): Promise<void> {
    for (const stream of this.#streams) if (!stream.isBlocked) stream.write(': heartbeat\n\n')
    return Promise.resolve()
  }

  async #checkAll(): Promise<void> {
    const { clock } = this.#deps
    for (const stream of this.#streams) {
      if (clock.monotonicMs() - stream.checkedAtMs < CHECK_AFTER_MS) continue
      await this.#check(stream)
    }
  }

  async #check(stream: EventStream): Promise<void> {
    let access: Access | null
    try {
      access = await stream.check()
    } catch (error) {
      // While the database is away nothing is told either; the next pass asks again.
      if (error instanceof DatabaseAwayError) return
      this.#note('checking who reads events', error)
      access = null
    }
    stream.checkedAtMs = this.#deps.clock.monotonicMs()
    if (access === null) {
      this.#forget(stream)
      stream.end()
    } else stream.projectIds = access.projectIds
  }

  #note(where: string, error: unknown): void {
    if (!isAbsence(error)) this.#deps.events.emit('unexpected', { where, error })
  }
}

function echoData(projectId: string): string {
  return `data: ${JSON.stringify({ projectId } satisfies EchoEvent)}\n\n`
}

function dataOf({ id, projectId, status, attempt, nextAttemptAtMs, updatedAtMs }: JobState): string {
  const nextAttemptAt = nextAttemptAtMs === null ? null : formatInstant(nextAttemptAtMs)
  const event = { jobId: id, projectId, status, attempt, nextAttemptAt, at: formatInstant(updatedAtMs) }
  return `data: ${JSON.stringify(event)}\n\n`
}
