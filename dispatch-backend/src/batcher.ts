/**
 * Group commit: what arrives while the last commit is under way is written together by the next one.
 *
 * - A single caller never waits for a timer: a batch starts as soon as there is an item and a free slot. Only with
 *   `lingerMs` does a batch that is not full wait, at most that long from the arrival of its oldest item.
 * - A batch is bounded in items and bytes; an item that is larger than `maxBytes` travels alone.
 * - Waiting is bounded too. Past it `add` rejects with `BUSY`, so a slow database shows as 503 and not as memory.
 * - A failed batch is halved until the culprit stands alone with its own error. `run` must therefore be replayable, as
 *   every verb of the store is. `DatabaseAwayError` is nobody's fault: it goes to everybody at once.
 */
import type { Clock, Timer } from './clock.js'
import { DispatchError } from './errors.js'
import { DatabaseAwayError } from './store/store.js'

export interface BatcherOptions<Item, Result> {
  /** For messages: what is being written ("creates"). */
  readonly name: string
  /** Writes the items and answers one result for each, in their order. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>
  /** Bytes that the item adds to a statement, roughly. */
  readonly sizeOf: (item: Item) => number
  readonly maxItems: number
  readonly maxBytes: number
  /** Items that may wait (those under way do not count). */
  readonly maxWaiting: number
  readonly maxWaitingBytes: number
  /** How long a batch may wait to become full; 0 (the default) = never. */
  readonly lingerMs?: number
  /** Batches under way at the same time; 1 by default. */
  readonly concurrency?: number
  readonly clock: Clock
}

interface Entry<Item, Result> {
  readonly item: Item
  readonly bytes: number
  readonly sinceMs: number
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/** A full queue empties within about a second; sooner retries only add load. */
const RETRY_AFTER_SECONDS = 1

export class Batcher<Item, Result> {
  readonly #options: BatcherOptions<Item, Result>
  #waiting: Entry<Item, Result>[] = []
  #waitingBytes = 0
  #itemsUnderWay = 0
  #batchesUnderWay = 0
  #startQueued = false
  #lingerTimer: Timer | undefined
  #idleListeners: (() => void)[] = []

  constructor(options: BatcherOptions<Item, Result>) {
    this.#options = options
  }

  /** Items waiting and under way. */
  get size(): number {
    return this.#waiting.length + this.#itemsUnderWay
  }

  /** Resolves with the item's own result; rejects with its own error, `DatabaseAwayError`, or `BUSY` when too much waits. */
  add(item: Item): Promise<Result> {
    const bytes = this.#options.sizeOf(item)
    if (!this.#hasRoom(bytes)) return Promise.reject(this.#busy())
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, bytes, sinceMs: this.#options.clock.monotonicMs(), resolve, reject })
      this.#waitingBytes += bytes
      this.#queueStart()
    })
  }

  /** Resolves once nothing waits and nothing is under way; what waits does not linger meanwhile. */
  drain(): Promise<void> {
    if (this.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#idleListeners.push(resolve)
      this.#queueStart()
    })
  }

  #hasRoom(bytes: number): boolean {
    const { maxWaiting, maxWaitingBytes } = this.#options
    if (this.#waiting.length === 0) return true
    return this.#waiting.length < maxWaiting && this.#waitingBytes + bytes <= maxWaitingBytes
  }

  #busy(): DispatchError {
    return new DispatchError('BUSY', {
      message: `Dispatch is busy: too many ${this.#options.name} are waiting for the database; try again`,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    })
  }

  /** A microtask later, so that all items added in one go share the batch. */
  #queueStart(): void {
    if (this.#startQueued) return
    this.#startQueued = true
    queueMicrotask(() => {
      this.#startQueued = false
      this.#start()
    })
  }

  #start(): void {
    const { concurrency = 1 } = this.#options
    while (this.#waiting.length > 0 && this.#batchesUnderWay < concurrency) {
      const restMs = this.#lingerRestMs()
      if (restMs > 0) {
        this.#linger(restMs)
        return
      }
      this.#lingerTimer?.cancel()
      this.#lingerTimer = undefined
      void this.#commit(this.#takeBatch())
    }
  }

  #lingerRestMs(): number {
    const { lingerMs = 0, maxItems, maxBytes, clock } = this.#options
    const isFull = this.#waiting.length >= maxItems || this.#waitingBytes >= maxBytes
    if (lingerMs === 0 || isFull || this.#idleListeners.length > 0) return 0
    return this.#waiting[0]!.sinceMs + lingerMs - clock.monotonicMs()
  }

  #linger(restMs: number): void {
    if (this.#lingerTimer) return
    this.#lingerTimer = this.#options.clock.setTimer(restMs, () => {
      this.#lingerTimer = undefined
      this.#start()
    })
  }

  #takeBatch(): Entry<Item, Result>[] {
    const { maxItems, maxBytes } = this.#options
    let count = 0
    let bytes = 0
    while (count < this.#waiting.length && count < maxItems) {
      const next = this.#waiting[count]!.bytes
      if (count > 0 && bytes + next > maxBytes) break
      bytes += next
      count += 1
    }
    this.#waitingBytes -= bytes
    return this.#waiting.splice(0, count)
  }

  async #commit(batch: readonly Entry<Item, Result>[]): Promise<void> {
    this.#batchesUnderWay += 1
    this.#itemsUnderWay += batch.length
    await this.#write(batch)
    this.#batchesUnderWay -= 1
    this.#itemsUnderWay -= batch.length
    this.#start()
    if (this.size === 0) for (const isIdle of this.#idleListeners.splice(0)) isIdle()
  }

  async #write(batch: readonly Entry<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.run(batch.map(({ item }) => item))
      if (results.length !== batch.length) {
        throw new Error(`${this.#options.name}: ${results.length} results for ${batch.length} items`)
      }
      batch.forEach(({ resolve }, index) => resolve(results[index]!))
    } catch (error) {
      if (batch.length === 1 || error instanceof DatabaseAwayError) {
        for (const { reject } of batch) reject(error)
        return
      }
      const middle = batch.length >> 1
      await this.#write(batch.slice(0, middle))
      await this.#write(batch.slice(middle))
    }
  }
}
