import { Bag } from '../../bag.js'
import type { SendFailure } from './failure.js'

/**
 * What ends a request before its time: a deadline, or a stop. It is an `AbortController` and its signal in one; Node 20
 * keeps each of its own until a full collection, with all that listens to it, and there would be one for each request.
 */
export class Cut {
  readonly #listeners = new Bag<(reason: SendFailure) => void>()
  #reason: SendFailure | undefined

  /** Undefined until the request is cut. */
  get reason(): SendFailure | undefined {
    return this.#reason
  }

  /** Cuts the request; the first reason stays. */
  now(reason: SendFailure): void {
    if (this.#reason) return
    this.#reason = reason
    for (const run of this.#listeners) run(reason)
  }

  /** Calls `run` when the request is cut (at once if it has been), unless what is answered is called before. `run` must not throw. */
  onCut(run: (reason: SendFailure) => void): () => void {
    if (!this.#reason) return this.#listeners.add(run)
    run(this.#reason)
    return () => undefined
  }
}
