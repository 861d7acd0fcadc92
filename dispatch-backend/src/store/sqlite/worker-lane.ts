import { Worker } from 'node:worker_threads'
import type { Clock, Timer } from '../../clock.js'
import { DatabaseAwayError } from '../store.js'
import { fromPlainError, type Answer, type Call, type WorkerSetup } from './messages.js'
import { PRIORITIES, type Priority } from './routes.js'

interface Waiting {
  readonly call: Call
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** Under a loader of TypeScript this file is its own source, and there is no compiled worker. */
const ENTRY = import.meta.url.endsWith('.ts') ? './worker-from-source.mjs' : './worker.js'

/** A worker that crashed is started again after this, doubled with each crash in a row. */
const RESTART_MS = 100
const RESTART_CAP_MS = 5_000

/**
 * A worker thread and the calls that wait for it. It is sent one call at a time, the most urgent first, so a claim never
 * waits behind more than the one transaction under way. When the thread dies, everything that waits is rejected with
 * `DatabaseAwayError` and a new one is started.
 */
export class WorkerLane {
  readonly #setup: WorkerSetup
  readonly #clock: Clock
  readonly #onCrash: (error: Error) => void
  readonly #queues: Readonly<Record<Priority, Waiting[]>> = { claim: [], record: [], create: [], other: [] }
  #worker: Worker | undefined
  #running: Waiting | undefined
  #restart: Timer | undefined
  #crashes = 0
  #closed = false

  constructor(options: { setup: WorkerSetup; clock: Clock; onCrash: (error: Error) => void }) {
    this.#setup = options.setup
    this.#clock = options.clock
    this.#onCrash = options.onCrash
    this.#start()
  }

  async run(priority: Priority, call: Call): Promise<unknown> {
    if (this.#closed) throw new DatabaseAwayError('The database has been closed')
    if (!this.#worker) throw new DatabaseAwayError('The database thread ended; it is being started again')
    return new Promise((resolve, reject) => {
      this.#queues[priority].push({ call, resolve, reject })
      this.#sendNext()
    })
  }

  /** Runs what waits, closes the database and ends the thread. */
  async close(): Promise<void> {
    if (this.#closed) return
    const closing = this.#worker && this.run('other', { verb: 'close', args: [] })
    this.#closed = true
    this.#restart?.cancel()
    await closing
  }

  #start(): void {
    const worker = new Worker(new URL(ENTRY, import.meta.url), { workerData: this.#setup })
    this.#worker = worker
    let cause: Error | undefined
    worker.on('error', (error) => {
      cause = error instanceof Error ? error : new Error(String(error))
    })
    worker.on('messageerror', (error) => {
      cause = error
      void worker.terminate()
    })
    worker.on('message', (answer: Answer) => this.#answered(answer))
    worker.on('exit', (code) => this.#exited(cause ?? new Error(`the thread ended (${code})`)))
  }

  #sendNext(): void {
    if (this.#running) return
    const priority = PRIORITIES.find((candidate) => this.#queues[candidate].length > 0)
    if (!priority) return
    const next = this.#queues[priority].shift()!
    this.#running = next
    try {
      this.#worker!.postMessage(next.call)
    } catch (error) {
      // An argument that cannot be cloned is a mistake of the caller's.
      this.#running = undefined
      next.reject(error instanceof Error ? error : new Error(String(error)))
      this.#sendNext()
    }
  }

  #answered(answer: Answer): void {
    const done = this.#running
    this.#running = undefined
    this.#crashes = 0
    this.#sendNext()
    if (answer.ok) done?.resolve(answer.value)
    else done?.reject(fromPlainError(answer.error))
  }

  #exited(cause: Error): void {
    this.#worker = undefined
    this.#rejectAll(new DatabaseAwayError(`The database thread ended: ${cause.message}`, { cause }))
    if (this.#closed) return
    this.#onCrash(cause)
    const pauseMs = Math.min(RESTART_MS * 2 ** this.#crashes, RESTART_CAP_MS)
    this.#crashes += 1
    this.#restart = this.#clock.setTimer(pauseMs, () => this.#start(), { unref: true })
  }

  #rejectAll(error: DatabaseAwayError): void {
    const waiting = [this.#running, ...PRIORITIES.flatMap((priority) => this.#queues[priority].splice(0))]
    this.#running = undefined
    for (const one of waiting) one?.reject(error)
  }
}
