/**
 * From what engine and API announce to what streams are told, on all replicas: each announces its own changes at once, and
 * hears of the others' through Redis. Without Redis, or while it is away, it looks each second at jobs and attempts that
 * are new in the database; cancellations and claims by others are then only seen with the next attempt.
 */
import type { Clock } from '../clock.js'
import type { Events, JobChanged } from '../events.js'
import { Loop, type Service } from '../lifecycle.js'
import { LruMap } from '../lru-map.js'
import type { SharedRedis } from '../redis.js'
import type { StatsStore } from '../store/stats-store.js'
import { isAbsence, type StoreCapabilities } from '../store/store.js'
import type { Change } from './change-ring.js'
import type { EventStreams } from './event-streams.js'
import { RedisRelay } from './redis-relay.js'

export interface LiveEventsDeps {
  readonly store: Pick<StatsStore, 'readJobStates' | 'readRecentChanges'> & { readonly capabilities: StoreCapabilities }
  readonly clock: Clock
  readonly events: Events
  readonly streams: EventStreams
  readonly redis: SharedRedis | null
  /** Tells this process from other replicas. */
  readonly replicaId: string
  /** A smaller one shows in tests what fills it. */
  readonly pollLimit?: number
}

const POLL_EVERY_MS = 1_000
/**
 * Looked at again each time: ids are made before their rows can be seen, by clocks that differ. What takes longer than
 * this to be stored, or was made by a clock further behind, is not seen.
 */
const OVERLAP_MS = 5_000
/** Of each kind, our own among them; when there were more since the last look, everybody is to read again. */
const POLL_LIMIT = 1_000
const GAP_EVERY_MS = 10_000
/** Ids told already: those of the overlap, with room to spare. */
const REMEMBERED = 20_000

export class LiveEvents implements Service {
  readonly #deps: LiveEventsDeps
  readonly #relay: RedisRelay | undefined
  readonly #polls: Loop | undefined
  readonly #seen = new LruMap<string, true>(REMEMBERED)
  /** Changed, but whose they are is not known yet. */
  readonly #ownerless: string[] = []
  #wasWatching = false
  #polledAtMs = Infinity
  /** More has changed than the last looks could show. */
  #isGapOwed = false
  #gapAtMs = -Infinity

  constructor(deps: LiveEventsDeps) {
    this.#deps = deps
    const { clock, events, store, streams, redis, replicaId } = deps
    this.#relay = redis
      ? new RedisRelay({
          redis,
          clock,
          replicaId,
          onChanges: (changes) => streams.add(changes),
          onGap: () => this.#gap(),
        })
      : undefined
    if (!store.capabilities.singleEngine)
      this.#polls = new Loop({
        clock,
        everyMs: POLL_EVERY_MS,
        run: () => this.#poll(),
        onError: (error) => this.#note('looking for changes by other replicas', error),
      })
    events.on('jobChanged', (change) => this.#announce(change))
    events.on('echoChanged', ({ projectId, requestId }) => {
      this.#noteTold(requestId)
      this.#spread({ jobId: null, projectId })
    })
  }

  async start(): Promise<void> {
    await this.#relay?.start()
    await this.#polls?.start()
  }

  async stop(): Promise<void> {
    await this.#polls?.stop()
    await this.#relay?.stop()
  }

  /** A change of our own. Whose job it is may have to be looked up. */
  #announce({ jobId, projectId, attemptId }: JobChanged): void {
    this.#noteTold(jobId)
    this.#noteTold(attemptId)
    if (projectId !== null) {
      this.#spread({ jobId, projectId })
      return
    }
    this.#ownerless.push(jobId)
    // Jobs cancelled together are announced in one turn: one read looks up all of them.
    if (this.#ownerless.length === 1) queueMicrotask(() => void this.#lookUp())
  }

  /** Ids are asked for by looks into the database alone. */
  #noteTold(id: string | undefined): void {
    if (this.#polls && id !== undefined) this.#seen.set(id, true)
  }

  async #lookUp(): Promise<void> {
    const ids = this.#ownerless.splice(0)
    try {
      const states = await this.#deps.store.readJobStates(ids)
      for (const { id, projectId } of states) this.#spread({ jobId: id, projectId })
    } catch (error) {
      this.#note('looking up whose jobs have changed', error)
      this.#gap()
    }
  }

  #spread(change: Change): void {
    this.#deps.streams.add([change])
    this.#relay?.publish(change)
  }

  #gap(): void {
    this.#deps.streams.refreshAll('unseen')
  }

  async #poll(): Promise<void> {
    const { store, streams, clock, pollLimit = POLL_LIMIT } = this.#deps
    const isWatching = streams.size > 0 && this.#relay?.isConnected !== true
    const isFirst = isWatching && !this.#wasWatching
    this.#wasWatching = isWatching
    if (!isWatching) return
    const nowMs = clock.wallMs()
    const fromMs = nowMs - OVERLAP_MS - POLL_EVERY_MS
    const { changes, sinceMs } = await store.readRecentChanges({ fromMs, limit: pollLimit })
    const unseen = changes.filter(({ id }) => this.#seen.get(id) === undefined)
    for (const { id } of unseen) this.#seen.set(id, true)
    const isCut = sinceMs > this.#polledAtMs
    this.#polledAtMs = nowMs
    // What was there before anybody looked on is not news.
    if (isFirst) return
    streams.add(unseen.map(({ jobId, projectId }) => ({ jobId, projectId })))
    this.#isGapOwed ||= isCut
    this.#payGap()
  }

  /** Not with every look: while an instance is busy, all its readers would read everything anew each second. */
  #payGap(): void {
    const nowMs = this.#deps.clock.monotonicMs()
    if (!this.#isGapOwed || nowMs - this.#gapAtMs < GAP_EVERY_MS) return
    this.#isGapOwed = false
    this.#gapAtMs = nowMs
    this.#gap()
  }

  #note(where: string, error: unknown): void {
    if (!isAbsence(error)) this.#deps.events.emit('unexpected', { where, error })
  }
}
