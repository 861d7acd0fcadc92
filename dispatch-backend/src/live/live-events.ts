/**
 * From what engine and API announce to what streams are told, on all replicas: each announces its own changes at once, and
 * hears of the others' through Redis. Without Redis, or while it is away, it looks each second at jobs and attempts that
 * are new in the database; cancellations and claims by others are then only seen with the next attempt.
 */
import type { Clock } from '../clock.js'
import type { Events } from '../events.js'
import { Loop, type Service } from '../lifecycle.js'
import { LruMap } from '../lru-map.js'
import type { SharedRedis } from '../redis.js'
import type { StatsStore } from '../store/stats-store.js'
import { DatabaseAwayError, type StoreCapabilities } from '../store/store.js'
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
}

const POLL_EVERY_MS = 1_000
/**
 * Looked at again each time: ids are made before their rows can be seen, by clocks that differ. What takes longer than
 * this to be stored, or was made by a clock further behind, is not seen.
 */
const OVERLAP_MS = 5_000
/** Of each kind; more is not told one by one. */
const POLL_LIMIT = 1_000
/** Ids told already: those of the overlap, with room to spare. */
const REMEMBERED = 20_000

export class LiveEvents implements Service {
  readonly #deps: LiveEventsDeps
  readonly #relay: RedisRelay | undefined
  readonly #polls: Loop | undefined
  readonly #seen = new LruMap<string, true>(REMEMBERED)
  #wasWatching = false

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
    events.on('jobChanged', (change) => void this.#announce(change))
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
  async #announce({ jobId, projectId, attemptId }: { jobId: string; projectId: string | null; attemptId?: string }) {
    this.#seen.set(jobId, true)
    if (attemptId !== undefined) this.#seen.set(attemptId, true)
    if (projectId !== null) {
      this.#spread({ jobId, projectId })
      return
    }
    try {
      const [state] = await this.#deps.store.readJobStates([jobId])
      if (state) this.#spread({ jobId, projectId: state.projectId })
    } catch (error) {
      this.#note('looking up whose job has changed', error)
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
    const { store, streams, clock } = this.#deps
    const isWatching = streams.size > 0 && this.#relay?.isConnected !== true
    const isFirst = isWatching && !this.#wasWatching
    this.#wasWatching = isWatching
    if (!isWatching) return
    const changes = await store.readRecentChanges({
      fromMs: clock.wallMs() - OVERLAP_MS - POLL_EVERY_MS,
      limit: POLL_LIMIT,
    })
    const unseen = changes.filter(({ id }) => this.#seen.get(id) === undefined)
    for (const { id } of unseen) this.#seen.set(id, true)
    // What was there before anybody looked on is not news.
    if (isFirst) return
    if (unseen.length >= POLL_LIMIT) this.#gap()
    else streams.add(unseen.map(({ jobId, projectId }) => ({ jobId, projectId })))
  }

  #note(where: string, error: unknown): void {
    if (!(error instanceof DatabaseAwayError)) this.#deps.events.emit('unexpected', { where, error })
  }
}
