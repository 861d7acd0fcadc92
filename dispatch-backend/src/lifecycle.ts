import type { Clock } from './clock.js'

/** Something that runs. `start` and `stop` are idempotent; `stop` is safe before `start` and resolves when the work is done. */
export interface Service {
  start(): Promise<void>
  stop(): Promise<void>
}

export interface LoopOptions {
  readonly clock: Clock
  readonly everyMs: number
  /** Each pause is `everyMs` plus or minus this share of it (0.1 = ±10 %), so replicas do not march in step. */
  readonly jitter?: number
  /** One pass. Return `true` to run again at once (there was a full batch). */
  readonly run: (signal: AbortSignal) => Promise<boolean | void>
  readonly onError: (error: unknown) => void
  readonly random?: () => number
}

/**
 * "Run every, with jitter": the shape of every background loop. Passes never overlap, an error is reported and the loop
 * goes on, and `stop` waits for the pass under way.
 */
export class Loop implements Service {
  readonly #options: LoopOptions
  #running: Promise<void> | undefined
  #abort = new AbortController()
  #wake = new AbortController()

  constructor(options: LoopOptions) {
    this.#options = options
  }

  start(): Promise<void> {
    if (!this.#running) {
      this.#abort = new AbortController()
      this.#running = this.#loop(this.#abort.signal)
    }
    return Promise.resolve()
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    this.#wake.abort()
    await this.#running
    this.#running = undefined
  }

  /** Cuts the current pause short; a pass under way is followed by another at once. */
  runSoon(): void {
    this.#wake.abort()
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { clock, run, onError } = this.#options
    const ended = (): boolean => signal.aborted
    while (!ended()) {
      this.#wake = new AbortController()
      let again: boolean | void = false
      try {
        again = await run(signal)
      } catch (error) {
        onError(error)
      }
      if (again !== true && !ended()) await clock.sleep(this.#pauseMs(), this.#wake.signal)
    }
  }

  #pauseMs(): number {
    const { everyMs, jitter = 0.1, random = Math.random } = this.#options
    return everyMs * (1 + jitter * (2 * random() - 1))
  }
}
