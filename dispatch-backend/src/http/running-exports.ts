/**
 * The downloads under way. Each holds a page of jobs and goes on as its client reads. One that cannot be finished is broken
 * off: its connection closes before the chunk that ends a body, so that no client can take what came for all of it.
 */
import { Readable } from 'node:stream'
import { DispatchError } from '../errors.js'

const MOST_OF_ONE = 2
const MOST = 16
const RETRY_SECONDS = 15

export class RunningExports {
  readonly #running = new Map<Readable, string>()
  #isStopped = false

  /**
   * The text as a stream that is read from no faster than the client takes it, and that ends `text` when the client goes away.
   * `owner`: whose it is. Throws `RATE_LIMITED` and `BUSY` when there are too many.
   */
  open(owner: string, text: AsyncIterable<string>): Readable {
    this.requireRoom(owner)
    const stream = Readable.from(text, { objectMode: false, highWaterMark: 1 })
    this.#running.set(stream, owner)
    stream.once('close', () => this.#running.delete(stream))
    return stream
  }

  /** Breaks off what is under way: a download of minutes must not hold up a stop. */
  stop(): void {
    this.#isStopped = true
    for (const stream of this.#running.keys()) {
      stream.destroy(new DispatchError('BUSY', { message: 'Dispatch is shutting down' }))
    }
  }

  /** Throws as `open` would now. */
  requireRoom(owner: string): void {
    const own = [...this.#running.values()].filter((one) => one === owner).length
    if (own >= MOST_OF_ONE) {
      const message = `There are ${own} exports under way of yours, or with the keys of your organization; wait until one has ended`
      throw new DispatchError('RATE_LIMITED', { message, retryAfterSeconds: RETRY_SECONDS })
    }
    if (this.#isStopped || this.#running.size >= MOST) {
      const message = 'No more exports can be made here at the moment; try again'
      throw new DispatchError('BUSY', { message, retryAfterSeconds: RETRY_SECONDS })
    }
  }
}
