import type { DuePage, DuePlace, DueQuery, EngineStore } from '../store/store.js'
import type { DatabaseLink } from './database-link.js'
import type { DueQueue } from './due-queue.js'
import type { EngineClock } from './engine-clock.js'
import { LOOK_AHEAD_MS, ON_TIME_SLACK_MS, READ_PAGE, SCAN_PAGE } from './limits.js'
import type { Share } from './membership.js'

export interface LookAheadOptions {
  readonly store: EngineStore
  readonly link: DatabaseLink
  readonly engineClock: EngineClock
  readonly queue: DueQueue
  readonly share: () => Share
  readonly onArmed: (count: number) => void
}

/**
 * Arms the jobs of this replica's share that fall due within the look-ahead. Reads only; what it misses (a job created
 * elsewhere, a wrong membership) is picked up as backlog `ON_TIME_SLACK_MS` after its due time.
 *
 * Each pass goes on where the last complete one ended. `reset` makes the next pass read the whole window again: after a
 * change of membership, and when jobs had to be refused for want of room.
 */
export class LookAhead {
  readonly #options: LookAheadOptions
  /** Everything due before this has been read; undefined = nothing can be taken as read. */
  #readUntilMs: number | undefined

  constructor(options: LookAheadOptions) {
    this.#options = options
  }

  reset(): void {
    this.#readUntilMs = undefined
  }

  /** One pass over the window, page by page while there is room. */
  async run(signal: AbortSignal): Promise<void> {
    const nowMs = this.#options.engineClock.nowMs()
    const untilMs = nowMs + LOOK_AHEAD_MS
    // A clock that was set back makes the window start before what was read: reading on from there is still right.
    const fromMs = Math.max(nowMs - ON_TIME_SLACK_MS, Math.min(this.#readUntilMs ?? -Infinity, untilMs))
    // Set first, so that a `reset` while the pages are read is not overwritten.
    this.#readUntilMs = untilMs
    let complete = false
    try {
      complete = await this.#readAll({ fromMs, untilMs }, signal)
    } finally {
      if (!complete) this.reset()
    }
  }

  /** Answers whether all of the window is held now. */
  async #readAll(window: { fromMs: number; untilMs: number }, signal: AbortSignal): Promise<boolean> {
    const { queue, share } = this.#options
    let complete = true
    for (let after: DuePlace | undefined; !signal.aborted && queue.room > 0;) {
      const limit = Math.min(READ_PAGE, queue.room)
      const page = await readPage(this.#options, { ...window, limit, ...(after && { after }), share: share() })
      if (page.refused) complete = false
      if (!page.next) return complete
      after = page.next
    }
    return false
  }
}

export interface BacklogOptions extends LookAheadOptions {
  /** Jobs a second that are taken up from the backlog; 0 = as fast as there is room. */
  readonly catchUpRate: number
}

/**
 * Pages one pass may read. With `SCAN_PAGE` rows each it bounds the pass, however many overdue jobs wait for a slot already or
 * belong to endpoints whose share is full: a million of them are passed over in some twenty seconds, a bit at a time.
 */
const MAX_PAGES = 4

/**
 * Arms what is overdue, oldest first, at the catch-up rate: after a downtime the endpoints are not flooded, and jobs that
 * are due now keep their punctuality. This replica's share comes first, then anyone's: a replica that is wrongly thought
 * alive only costs time.
 */
export class Backlog {
  readonly #options: BacklogOptions
  #tokens: number
  #filledAtMs: number
  /** Where the next page begins, for this replica's share and for everybody's; undefined = at the oldest job. */
  readonly #places: { own: DuePlace | undefined; all: DuePlace | undefined } = { own: undefined, all: undefined }

  constructor(options: BacklogOptions) {
    this.#options = options
    this.#tokens = options.catchUpRate
    this.#filledAtMs = options.engineClock.nowMs()
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#fill()
    if (this.#options.share().count > 1) await this.#read('own', signal)
    await this.#read('all', signal)
  }

  async #read(whose: 'own' | 'all', signal: AbortSignal): Promise<void> {
    const { engineClock, queue, share } = this.#options
    const untilMs = engineClock.nowMs() - ON_TIME_SLACK_MS
    for (let pages = 0; pages < MAX_PAGES && !signal.aborted; pages += 1) {
      const limit = Math.floor(Math.min(READ_PAGE, queue.room, this.#tokens))
      if (limit <= 0) return
      const after = this.#places[whose]
      const query = { fromMs: 0, untilMs, limit, ...(after && { after }), ...(whose === 'own' && { share: share() }) }
      const page = await readPage(this.#options, query)
      if (this.#options.catchUpRate > 0) this.#tokens -= page.added
      this.#places[whose] = page.next
      if (!page.next) return
    }
  }

  #fill(): void {
    const { catchUpRate, engineClock } = this.#options
    const nowMs = engineClock.nowMs()
    const earned = (catchUpRate * Math.max(0, nowMs - this.#filledAtMs)) / 1000
    this.#filledAtMs = nowMs
    this.#tokens = catchUpRate > 0 ? Math.min(catchUpRate, this.#tokens + earned) : Infinity
  }
}

interface Page extends Pick<DuePage, 'next'> {
  readonly added: number
  /** Some job of the window is not held: no room, or a share that is used up. */
  readonly refused: boolean
}

async function readPage(
  { store, link, queue, onArmed }: LookAheadOptions,
  query: Omit<DueQuery, 'excludeProjectIds' | 'excludeEndpoints' | 'scanLimit'>,
): Promise<Page> {
  const excludeProjectIds = queue.fullProjects()
  const excludeEndpoints = queue.fullEndpoints()
  const { jobs, next } = await link.call('readDue', () =>
    store.readDue({ ...query, scanLimit: SCAN_PAGE, excludeProjectIds, excludeEndpoints }),
  )
  const sizeBefore = queue.size
  let refused = excludeProjectIds.length + excludeEndpoints.length > 0
  for (const job of jobs) if (!queue.add(job)) refused = true
  const added = Math.max(0, queue.size - sizeBefore)
  if (added > 0) onArmed(added)
  return { next, added, refused }
}
