import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** What befalls the connection on which a matching piece of data comes from the client. */
export type Fault =
  /** It is cut before the server sees the data. */
  | 'cut-request'
  /** The server gets the data; the connection is cut when its answer comes. */
  | 'cut-answer'
  /** The server gets the data; its answer never arrives, and nothing is cut: its host has vanished. */
  | 'swallow-answer'

interface ArmedFault {
  readonly fault: Fault
  readonly pattern: RegExp
}

/** Between a client and a server on loopback; it can do to their connections what networks do. */
export class TcpProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #faults: ArmedFault[] = []

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(target: { host: string; port: number }): Promise<TcpProxy> {
    const server = createServer()
    const proxy = new TcpProxy(server)
    server.on('connection', (client) => proxy.#join(client, connect(target.port, target.host)))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** The next data of a client that matches meets `fault`; faults armed later meet later matches. */
  arm(fault: Fault, pattern: RegExp): void {
    this.#faults.push({ fault, pattern })
  }

  /** How many armed faults nobody has met yet. */
  get armed(): number {
    return this.#faults.length
  }

  /** Cuts every connection there is; resolves when that is done. */
  async cutAll(): Promise<void> {
    await Promise.all([...this.#sockets].map((socket) => cut(socket)))
  }

  /** Refuses new connections and cuts the old ones. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    await this.cutAll()
    await closed
  }

  #join(client: Socket, server: Socket): void {
    let onAnswer: Fault | undefined
    for (const [socket, peer] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        peer.destroy()
      })
    }
    client.on('data', (data) => {
      const fault = this.#meet(data)
      if (fault === 'cut-request') return void client.resetAndDestroy()
      onAnswer ??= fault
      server.write(data)
    })
    server.on('data', (data) => {
      if (onAnswer === undefined) client.write(data)
      else if (onAnswer === 'cut-answer') client.resetAndDestroy()
    })
  }

  #meet(data: Buffer): Fault | undefined {
    const next = this.#faults[0]
    if (!next?.pattern.test(data.toString('latin1'))) return undefined
    this.#faults.shift()
    return next.fault
  }
}

async function cut(socket: Socket): Promise<void> {
  if (socket.destroyed) return
  const closed = once(socket, 'close')
  socket.resetAndDestroy()
  await closed
}
