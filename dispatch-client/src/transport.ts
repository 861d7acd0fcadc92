/** Sends one call, as often as it takes and is allowed. */
import { readAnswer, readEventsAnswer, readFileAnswer } from './answer.js'
import { sleep, type Clock } from './clock.js'
import { DispatchConnectionError, DispatchError, DispatchTimeoutError } from './errors.js'
import { leavesDoubt, waitBeforeRetryMs } from './retry.js'

/** What is used of the platform's `fetch`. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface TransportOptions {
  /** Without a slash at its end. */
  readonly url: string
  readonly apiKey: string
  /** For each try: from the call to the last byte of the answer. */
  readonly timeoutMs: number
  /** Further tries after the first. */
  readonly retries: number
  readonly fetch: Fetch
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below `/api/v1`, with its query. */
  readonly path: string
  /** JSON text; each try sends the same bytes. */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
  /** Is told before a repetition of something that the server may already have done. */
  readonly onDoubt?: () => void
}

export class Transport {
  readonly #options: TransportOptions

  constructor(options: TransportOptions) {
    this.#options = options
  }

  /**
   * The answer's `data`. Rejects with a `DispatchError` once trying again is of no use, with the signal's reason when it
   * aborts, and with a `TypeError`, before anything is sent, when a header cannot be sent.
   */
  call(call: Call): Promise<unknown> {
    return this.#insist(call, readAnswer)
  }

  /**
   * The body of a good answer, unread; opening it is tried as `call` is. `timeoutMs` ends with the answer's head; `signal` also
   * ends the body. Rejects as `call` does.
   */
  openBody(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return this.#insist({ method: 'GET', path, headers: { accept: '*/*' }, signal }, readFileAnswer)
  }

  async #insist<Read>(call: Call, read: (response: Response, nowMs: number) => Promise<Read>): Promise<Read> {
    const { clock, random, retries } = this.#options
    const request = this.#prepare(call)
    for (let retry = 0; ; retry++) {
      call.signal?.throwIfAborted()
      try {
        return await this.#try(request, call, read)
      } catch (error) {
        call.signal?.throwIfAborted()
        const waitMs = retry < retries ? waitBeforeRetryMs(error, retry, random) : undefined
        if (waitMs === undefined) throw error
        if (leavesDoubt(error)) call.onDoubt?.()
        await sleep(clock, waitMs, call.signal)
      }
    }
  }

  /** Where the server is, for the words of errors. */
  get url(): string {
    return this.#options.url
  }

  /**
   * One try to open a stream of events: its body, unread. `timeoutMs` ends with the answer's head; `signal` also ends the
   * body. Rejects with a `DispatchError`.
   */
  async openEvents(path: string, lastEventId: string | null, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const place: Record<string, string> = lastEventId === null ? {} : { 'last-event-id': lastEventId }
    const request = this.#prepare({ method: 'GET', path, headers: { accept: 'text/event-stream', ...place } })
    return this.#try(request, { path, signal }, readEventsAnswer)
  }

  #prepare({ method, body, headers }: Call): RequestInit {
    const { apiKey } = this.#options
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    // A redirect would hand the key to whoever it names.
    const redirect = 'manual'
    const sent = new Headers({ 'x-api-key': apiKey, accept: 'application/json', ...type, ...headers })
    return { method, redirect, headers: sent, ...(body !== undefined && { body }) }
  }

  async #try<Read>(
    request: RequestInit,
    { path, signal }: Pick<Call, 'path' | 'signal'>,
    read: (response: Response, nowMs: number) => Promise<Read>,
  ): Promise<Read> {
    const { fetch, clock, timeoutMs, url } = this.#options
    const timeout = new AbortController()
    const callOff = clock.after(timeoutMs, () => timeout.abort())
    try {
      const signals = signal ? AbortSignal.any([timeout.signal, signal]) : timeout.signal
      const response = await fetch(`${url}/api/v1${path}`, { ...request, signal: signals })
      return await read(response, clock.nowMs())
    } catch (error) {
      if (error instanceof DispatchError) throw error
      if (timeout.signal.aborted) throw new DispatchTimeoutError(url, timeoutMs)
      throw new DispatchConnectionError(url, error)
    } finally {
      callOff()
    }
  }
}
