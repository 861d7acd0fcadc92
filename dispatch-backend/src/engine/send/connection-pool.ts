/**
 * Open connections between two requests. Each is an undici `Client` over one socket of ours, for one exchange at a time;
 * when the socket dies the client is dropped with it and never reconnects. How many are in use is bounded by the engine's
 * slots; how many may idle is bounded here, over all origins, the longest idle one leaving first.
 */
import type { Socket } from 'node:net'
import { Client } from 'undici'
import { type ContinueFilter, filterContinue } from './skip-continue.js'

/** How long an idle socket lives when the peer gives no hint: under the 5 s after which Node servers close. */
const IDLE_MS = 4_000
/** A peer's `keep-alive: timeout` is believed less this margin, for a request that crosses the peer's close. */
const HINT_MARGIN_MS = 1_000
/** Longer hints are cut to this. */
const MAX_IDLE_MS = 60_000
const MAX_HEADER_BYTES = 16_384

export interface Connection {
  readonly origin: string
  readonly client: Client
  readonly socket: Socket
  readonly continueFilter: ContinueFilter
  /** It has carried a request before: the peer may be closing it at this very moment. */
  isReused: boolean
}

/** A connection over an open socket. The deadline of a request is the sender's business, so undici's own timeouts are off. */
export function openConnection(origin: string, socket: Socket): Connection {
  let isHandedOver = false
  const client = new Client(origin, {
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: IDLE_MS,
    keepAliveTimeoutThreshold: HINT_MARGIN_MS,
    keepAliveMaxTimeout: MAX_IDLE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    connect(_, callback) {
      // undici must have returned from asking before it can take the socket.
      queueMicrotask(() => {
        if (isHandedOver) callback(new ConnectionOver(), null)
        else callback(null, socket)
        isHandedOver = true
      })
    },
  })
  return { origin, client, socket, continueFilter: filterContinue(socket), isReused: false }
}

/** The socket died before undici wrote to it, and undici asked for another one. */
class ConnectionOver extends Error {
  readonly code = 'ECONNRESET'
}

export class ConnectionPool {
  readonly #maxIdle: number
  /** By origin, the last one used most recently. */
  readonly #idleByOrigin = new Map<string, Connection[]>()
  /** The same connections, longest idle first. */
  readonly #idle = new Set<Connection>()

  constructor(maxIdle: number) {
    this.#maxIdle = maxIdle
  }

  get idleCount(): number {
    return this.#idle.size
  }

  /** The warmest idle connection to `origin`, which the caller then owns. */
  take(origin: string): Connection | undefined {
    const connection = this.#idleByOrigin.get(origin)?.at(-1)
    if (connection) this.#remove(connection)
    return connection
  }

  /** Takes a connection whose exchange has ended; one that cannot be used again is dropped. */
  giveBack(connection: Connection): void {
    if (connection.socket.destroyed) {
      drop(connection)
      return
    }
    if (!connection.isReused) connection.client.once('disconnect', () => this.#forget(connection))
    connection.isReused = true
    this.#idle.add(connection)
    const siblings = this.#idleByOrigin.get(connection.origin)
    if (siblings) siblings.push(connection)
    else this.#idleByOrigin.set(connection.origin, [connection])
    if (this.#idle.size > this.#maxIdle) this.#forget(this.#idle.values().next().value!)
  }

  /** Closes all that idle. */
  clear(): void {
    for (const connection of this.#idle) this.#forget(connection)
  }

  #forget(connection: Connection): void {
    this.#remove(connection)
    drop(connection)
  }

  #remove(connection: Connection): void {
    if (!this.#idle.delete(connection)) return
    const siblings = this.#idleByOrigin.get(connection.origin)!.filter((other) => other !== connection)
    if (siblings.length > 0) this.#idleByOrigin.set(connection.origin, siblings)
    else this.#idleByOrigin.delete(connection.origin)
  }
}

/** Ends the connection at once. */
export function drop(connection: Connection): void {
  connection.socket.destroy()
  connection.client.destroy(null, () => undefined)
}
