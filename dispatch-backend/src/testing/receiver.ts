/**
 * A webhook receiver for tests: a real HTTP server on loopback whose answers the test changes at any time, and whose
 * requests it awaits. Close it at the end of the test; `close` also destroys what hangs.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface ReceivedRequest {
  readonly method: string
  /** Path and query as they came. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly rawBody: Buffer
  /** Wall clock when the request's head was in, before its body. */
  readonly receivedAtMs: number
  /** Port of the sender's end: equal for two requests that came over one connection. */
  readonly remotePort: number
}

/** What is answered. Default: 200 with an empty body, at once. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Pause between the whole request and the answer. */
  readonly delayMs?: number
  /** Never answer; the connection stays open. */
  readonly hang?: boolean
  /** Reset the connection instead of answering. */
  readonly reset?: boolean
}

export type Respond = Reply | ((request: ReceivedRequest, index: number) => Reply | Promise<Reply>)

export interface ReceiverOptions {
  readonly respond?: Respond
  /** Default: a free port. */
  readonly port?: number
  /** Default: 127.0.0.1. */
  readonly host?: string
  /** Serve https with this certificate (PEM). */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** How long an idle connection is kept and, in seconds, announced. Default: Node's 5 s. */
  readonly keepAliveTimeoutMs?: number
}

export interface Receiver {
  /** Origin without a trailing slash: `http://127.0.0.1:41234`. */
  readonly url: string
  readonly port: number
  /** Requests whose body has wholly arrived, in the order of their ends. */
  readonly requests: readonly ReceivedRequest[]
  /** Connections accepted so far. */
  readonly connectionCount: number
  /** From now on answer so. Requests that already wait keep the answer they got. */
  readonly respond: (respond: Respond) => void
  /**
   * Resolves with all requests once there are `condition` of them or the predicate holds; rejects after `timeoutMs`
   * (default 60 s) or when the receiver closes.
   */
  readonly waitFor: (
    condition: number | ((requests: readonly ReceivedRequest[]) => boolean),
    timeoutMs?: number,
  ) => Promise<readonly ReceivedRequest[]>
  readonly close: () => Promise<void>
}

interface Waiter {
  readonly met: (requests: readonly ReceivedRequest[]) => boolean
  readonly resolve: (requests: readonly ReceivedRequest[]) => void
  readonly reject: (error: Error) => void
}

export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { host = '127.0.0.1', tls } = options
  const requests: ReceivedRequest[] = []
  const waiters = new Set<Waiter>()
  const pauses = new Set<NodeJS.Timeout>()
  let respond = options.respond ?? {}
  let connectionCount = 0

  const server: Server = tls ? createTlsServer(tls) : createServer()
  if (options.keepAliveTimeoutMs !== undefined) server.keepAliveTimeout = options.keepAliveTimeoutMs
  server.on('connection', () => (connectionCount += 1))
  server.on('request', (incoming, response) => {
    // A sender that gives up in the middle of its body, or of our answer, is part of what tests do.
    handle(incoming, response).catch(() => response.destroy())
  })

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await receive(incoming)
    const index = requests.push(request) - 1
    for (const waiter of waiters) if (waiter.met(requests)) waiter.resolve(requests)
    const reply = typeof respond === 'function' ? await respond(request, index) : respond
    if (!reply.delayMs) answer(response, reply)
    else {
      const pause = setTimeout(() => {
        pauses.delete(pause)
        answer(response, reply)
      }, reply.delayMs)
      pauses.add(pause)
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, resolve)
  })
  const { port } = server.address() as AddressInfo

  return {
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    requests,
    get connectionCount() {
      return connectionCount
    },
    respond(next) {
      respond = next
    },
    waitFor(condition, timeoutMs = 60_000) {
      const met = typeof condition === 'function' ? condition : (all: readonly unknown[]) => all.length >= condition
      return waitUntil(met, timeoutMs, requests, waiters)
    },
    async close() {
      for (const pause of pauses) clearTimeout(pause)
      for (const waiter of waiters) waiter.reject(new Error('the receiver was closed'))
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function receive(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const receivedAtMs = Date.now()
  const remotePort = incoming.socket.remotePort ?? 0
  const rawBody = await buffer(incoming)
  const { method = '', url: path = '', headers } = incoming
  return { method, path, headers, rawBody, receivedAtMs, remotePort }
}

function answer(response: ServerResponse, reply: Reply): void {
  if (reply.hang) return
  if (reply.reset) {
    response.socket?.resetAndDestroy()
    return
  }
  response.writeHead(reply.status ?? 200, reply.headers)
  response.end(reply.body)
}

function waitUntil(
  met: Waiter['met'],
  timeoutMs: number,
  requests: readonly ReceivedRequest[],
  waiters: Set<Waiter>,
): Promise<readonly ReceivedRequest[]> {
  if (met(requests)) return Promise.resolve(requests)
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(() => {
      waiter.reject(new Error(`not met within ${timeoutMs} ms; ${requests.length} requests came`))
    }, timeoutMs)
    const settle = (): void => {
      clearTimeout(timeout)
      waiters.delete(waiter)
    }
    const waiter: Waiter = {
      met,
      resolve(all) {
        settle()
        resolve(all)
      },
      reject(error) {
        settle()
        reject(error)
      },
    }
    waiters.add(waiter)
  })
}
