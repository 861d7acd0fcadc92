import type { Clock } from '../clock.js'
import type { Events } from '../events.js'
import type { EngineStore } from '../store/store.js'
import type { DatabaseLink } from './database-link.js'
import type { EngineClock } from './engine-clock.js'
import { HEARTBEAT_STALE_MS, OFFSET_WARN_MS } from './limits.js'

/** Which part of the due jobs falls to this replica: those with `bucket % count = index`. */
export interface Share {
  readonly index: number
  readonly count: number
}

export interface MembershipOptions {
  readonly clock: Clock
  readonly engineClock: EngineClock
  readonly store: EngineStore
  readonly link: DatabaseLink
  readonly events: Events
  readonly replicaId: string
  readonly onChange: () => void
}

/**
 * The heartbeat: says that this replica lives, learns who else does, and measures the offset to the database's clock.
 * Nothing is decided by a vote: two replicas that disagree on the membership both arm some job, and one claims it.
 */
export class Membership {
  readonly #options: MembershipOptions
  #share: Share = { index: 0, count: 1 }
  #warned = false

  constructor(options: MembershipOptions) {
    this.#options = options
  }

  get share(): Share {
    return this.#share
  }

  async beat(): Promise<void> {
    const { clock, engineClock, store, link, replicaId } = this.#options
    const askedMs = clock.monotonicMs()
    const beat = await link.call('heartbeat', () => store.heartbeat({ replicaId, staleAfterMs: HEARTBEAT_STALE_MS }))
    engineClock.noteDatabaseTime(beat.databaseNowMs, askedMs, clock.monotonicMs())
    this.#noteOffset(engineClock.offsetMs)
    this.#noteMembers(beat.replicaIds)
  }

  /** Tells the others that this replica is gone; they would find out by its heartbeat otherwise. */
  async leave(): Promise<void> {
    const { link, store, replicaId } = this.#options
    await link.call('removeReplica', () => store.removeReplica(replicaId))
  }

  #noteMembers(replicaIds: readonly string[]): void {
    const index = replicaIds.indexOf(this.#options.replicaId)
    const share = index < 0 ? { index: 0, count: 1 } : { index, count: replicaIds.length }
    if (share.index === this.#share.index && share.count === this.#share.count) return
    this.#share = share
    this.#options.events.emit('membership', share)
    this.#options.onChange()
  }

  #noteOffset(offsetMs: number): void {
    const isLarge = Math.abs(offsetMs) > OFFSET_WARN_MS
    if (isLarge && !this.#warned) this.#options.events.emit('clockOffset', { offsetMs })
    this.#warned = isLarge
  }
}
