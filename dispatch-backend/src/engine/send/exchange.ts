/**
 * One request and its answer on one connection: the handler that undici drives.
 *
 *   dispatched -> onRequestStart (asks `beforeFirstByte`; undici writes the head right after it returns)
 *              -> onResponseStarted (first byte) -> onResponseStart (status line) -> data … -> end
 *
 * It settles exactly once: by the end of the body, an error, the body's cap, or the attempt's cut. From the status line on
 * the outcome is decided, and whatever goes wrong with the body only shows in `bodyTruncated`.
 */
import type { Dispatcher } from 'undici'
import { RESPONSE_LIMIT_BYTES, responseText } from '../../delivery/response-text.js'
import { type Connection, drop } from './connection-pool.js'
import type { Cut } from './cut.js'
import { exchangeFailure, type SendFailure, systemCode } from './failure.js'

/** A longer body is read up to here, so that the connection can be used again; beyond, closing it is cheaper. */
const DRAIN_LIMIT_BYTES = 262_144

export interface ExchangeRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly beforeFirstByte: () => boolean
  /** Ends the exchange at once. */
  readonly cut: Cut
}

export type ExchangeEnd =
  | {
      readonly kind: 'response'
      readonly statusCode: number
      readonly body: string
      readonly bodyTruncated: boolean
      /** The answer is over and the connection may carry another request. */
      readonly isReusable: boolean
    }
  | { readonly kind: 'failed'; readonly failure: SendFailure; readonly bytesSent: boolean }
  /** `beforeFirstByte` said no; not a byte was written. */
  | { readonly kind: 'refused' }
  /** A reused connection turned out to be dead before any byte of an answer, or ended before a byte was written to it. */
  | { readonly kind: 'stale'; readonly bytesSent: boolean }

/** Sends the request; never rejects. The connection is dropped unless the end says that it is reusable. */
export function exchange(connection: Connection, request: ExchangeRequest): Promise<ExchangeEnd> {
  return new Promise((resolve) => new Exchange(connection, request, resolve).start())
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #connection: Connection
  readonly #request: ExchangeRequest
  readonly #resolve: (end: ExchangeEnd) => void
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #statusCode: number | undefined
  #isSent = false
  #isAnswering = false
  #isSettled = false
  #leaveCut: (() => void) | undefined

  constructor(connection: Connection, request: ExchangeRequest, resolve: (end: ExchangeEnd) => void) {
    this.#connection = connection
    this.#request = request
    this.#resolve = resolve
  }

  start(): void {
    const { url, headers, body, cut } = this.#request
    this.#leaveCut = cut.onCut((failure) => this.#cutOff(failure))
    if (cut.reason) return
    const path = `${url.pathname}${url.search}`
    this.#connection.client.dispatch({ method: 'POST', path, headers, body }, this)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (!this.#isSettled && this.#request.beforeFirstByte()) {
      this.#isSent = true
      this.#connection.continueFilter.expectAnswer(this.#onFirstByte)
      return
    }
    this.#settle({ kind: 'refused' })
    // Aborted here, undici closes the socket instead of writing the head.
    controller.abort(new Error('not to be sent'))
  }

  onResponseStarted(): void {
    this.#onFirstByte()
  }

  onResponseStart(_: unknown, statusCode: number): void {
    if (statusCode >= 200) this.#statusCode = statusCode
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    // One byte more than is kept tells the decoder that there was more.
    const room = RESPONSE_LIMIT_BYTES + 1 - this.#bytes
    if (room > 0) this.#chunks.push(chunk.subarray(0, room))
    this.#bytes += chunk.length
    if (this.#bytes > DRAIN_LIMIT_BYTES) this.#settle(this.#response({ isWhole: false }))
  }

  onResponseEnd(): void {
    this.#settle(this.#response({ isWhole: true }))
  }

  onResponseError(_: unknown, error: Error): void {
    if (this.#statusCode !== undefined) this.#settle(this.#response({ isWhole: false }))
    else if (this.#connection.isReused && !this.#isAnswering && (!this.#isSent || isDeadSocket(error))) {
      this.#settle({ kind: 'stale', bytesSent: this.#isSent })
    } else this.#settle({ kind: 'failed', failure: exchangeFailure(error), bytesSent: this.#isSent })
  }

  readonly #onFirstByte = (): void => {
    this.#isAnswering = true
  }

  #cutOff(failure: SendFailure): void {
    if (this.#statusCode !== undefined) this.#settle(this.#response({ isWhole: false }))
    else this.#settle({ kind: 'failed', failure, bytesSent: this.#isSent })
  }

  #response({ isWhole }: { isWhole: boolean }): ExchangeEnd {
    const { text, truncated } = responseText(Buffer.concat(this.#chunks))
    return {
      kind: 'response',
      statusCode: this.#statusCode!,
      body: text,
      bodyTruncated: truncated || !isWhole,
      isReusable: isWhole,
    }
  }

  #settle(end: ExchangeEnd): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#leaveCut?.()
    if (end.kind !== 'response' || !end.isReusable) drop(this.#connection)
    this.#resolve(end)
  }
}

const DEAD_SOCKET: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ECONNABORTED'])

function isDeadSocket(error: Error): boolean {
  return DEAD_SOCKET.has(systemCode(error))
}
