/** What the engine asks of the sender, what it gets back, and the sender itself; its parts are in `send/`. */
import { isIP } from 'node:net'
import { onAbort } from '../abort.js'
import { Bag } from '../bag.js'
import type { Clock } from '../clock.js'
import { type AddressGuard, bareHost } from '../delivery/address-guard.js'
import { type Connection, ConnectionPool, openConnection } from './send/connection-pool.js'
import { type Connect, createConnector } from './send/connector.js'
import { Cut } from './send/cut.js'
import { exchange, type ExchangeEnd } from './send/exchange.js'
import { connectionFailure, connectionLost, SendFailure, timeoutFailure } from './send/failure.js'
import { createResolver } from './send/resolver.js'
import { createSecure } from './send/secure.js'

export interface SendRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** Over connect, headers and body. */
  readonly timeoutMs: number
  /**
   * Asked synchronously right before the first byte goes to the socket (again, when a dead reused socket forces a second
   * try). `false` = do not send: the answer is then `unsent`.
   */
  readonly beforeFirstByte: () => boolean
  /** Aborts the request at a shutdown deadline. Who shares it between requests allows it that many listeners. */
  readonly signal: AbortSignal
}

export type SendResult =
  /** A status line came. The body is what could be read within cap and time; `bodyTruncated` when there was (or may have been) more. */
  | { readonly kind: 'response'; readonly statusCode: number; readonly body: string; readonly bodyTruncated: boolean }
  /** No status line. `message` are words for people. `bytesSent` tells whether the endpoint may have seen the request. */
  | { readonly kind: 'error'; readonly code: SendErrorCode; readonly message: string; readonly bytesSent: boolean }
  /** `beforeFirstByte` said no, or the signal aborted first: provably nothing went out. */
  | { readonly kind: 'unsent' }

export type SendErrorCode = 'address' | 'dns' | 'connect' | 'tls' | 'timeout' | 'reset' | 'protocol' | 'aborted' | 'url'

/** Sends one request; never rejects. */
export type Send = (request: SendRequest) => Promise<SendResult>

export interface SenderOptions extends PoolOptions {
  readonly guard: AddressGuard
  /** DNS servers (`ip:port`) instead of the system's. */
  readonly dnsServers?: readonly string[]
  /** Default: `/etc/hosts`. */
  readonly hostsPath?: string
  /** Trusted authorities (PEM) instead of the built-in ones. */
  readonly ca?: string
}

export interface PoolOptions {
  readonly clock: Clock
  /** Open sockets kept between requests, over all endpoints. Default 1,024. Those in use are bounded by the engine's slots. */
  readonly maxIdleSockets?: number
}

export interface Sender {
  readonly send: Send
  /** Looks the host of a webhook URL up ahead of its due time; what goes wrong shows when it is sent. */
  readonly prepare: (url: string) => void
  /** Closes idle sockets, and aborts what is still under way; further requests are `unsent`. */
  close(): Promise<void>
}

/** The sender for the world outside: addresses are judged, names resolved, certificates checked. */
export function createSender(options: SenderOptions): Sender {
  const resolver = createResolver(options)
  const connect = createConnector({ ...options, resolver, secure: createSecure(options.ca) })
  function prepare(url: string): void {
    const parsed = webUrl(url)
    const host = parsed ? bareHost(parsed) : ''
    if (host !== '' && isIP(host) === 0) resolver.resolve(host).catch(() => undefined)
  }
  return createSenderOver(connect, prepare, options)
}

/**
 * A sender over connections that `connect` opens, kept apart from those of any other: HTTP/1.1 POST, strict about time. `timeoutMs` covers everything from the call to the
 * end of the body. If a *reused* connection is dead before any byte of an answer, the request goes out once more over a
 * fresh one, within the same attempt and deadline. Redirects are not followed.
 */
export function createSenderOver(connect: Connect, prepare: Sender['prepare'], options: PoolOptions): Sender {
  const { clock } = options
  const pool = new ConnectionPool(options.maxIdleSockets ?? 1_024)
  const underWay = new Bag<Promise<SendResult>>()
  const closing = new AbortController()

  async function deliver(url: URL, request: SendRequest, cut: Cut): Promise<SendResult> {
    const { headers, body, beforeFirstByte } = request
    const over = async (connection: Connection): Promise<ExchangeEnd> => {
      const end = await exchange(connection, { url, headers, body, beforeFirstByte, cut })
      if (end.kind === 'response' && end.isReusable) pool.giveBack(connection)
      return end
    }
    let mayHaveBeenSeen = false
    try {
      const idle = pool.take(url.origin)
      if (idle) {
        const end = await over(idle)
        if (end.kind !== 'stale') return answerOf(end, mayHaveBeenSeen)
        mayHaveBeenSeen = end.bytesSent
      }
      return answerOf(await over(openConnection(url.origin, await connect(url, cut))), mayHaveBeenSeen)
    } catch (error) {
      return failed(connectionFailure(error, request.timeoutMs), mayHaveBeenSeen)
    }
  }

  async function sendWithin(request: SendRequest): Promise<SendResult> {
    const url = webUrl(request.url)
    if (!url) return failed(new SendFailure('url', 'The webhook URL is not a valid http or https URL'), false)
    const cut = new Cut()
    const abort = (): void => cut.now(new SendFailure('aborted', 'Dispatch stopped before the endpoint had answered'))
    const deadline = clock.setTimer(request.timeoutMs, () => cut.now(timeoutFailure(request.timeoutMs)))
    const leave = [request.signal, closing.signal].map((signal) => onAbort(signal, abort))
    try {
      return await deliver(url, request, cut)
    } finally {
      deadline.cancel()
      for (const leaveOne of leave) leaveOne()
    }
  }

  return {
    send(request) {
      const result = sendWithin(request)
      const leave = underWay.add(result)
      void result.finally(leave)
      return result
    },
    prepare,
    async close() {
      closing.abort()
      await Promise.all(underWay)
      pool.clear()
    },
  }
}

function webUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined
}

/** `mayHaveBeenSeen`: an earlier try of the same request wrote bytes, so "provably nothing went out" no longer holds. */
function answerOf(end: ExchangeEnd, mayHaveBeenSeen: boolean): SendResult {
  switch (end.kind) {
    case 'response': {
      const { kind, statusCode, body, bodyTruncated } = end
      return { kind, statusCode, body, bodyTruncated }
    }
    case 'refused':
      return mayHaveBeenSeen ? failed(connectionLost(), true) : { kind: 'unsent' }
    case 'stale':
      return failed(connectionLost(), end.bytesSent || mayHaveBeenSeen)
    case 'failed':
      return failed(end.failure, end.bytesSent || mayHaveBeenSeen)
  }
}

function failed({ code, message }: SendFailure, bytesSent: boolean): SendResult {
  if (code === 'aborted' && !bytesSent) return { kind: 'unsent' }
  return { kind: 'error', code, message, bytesSent }
}
