/** A TCP server for tests that answers with exactly the bytes, and the accidents, that the test wants. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

export interface RawServer {
  readonly url: string
  /** What each accepted connection has received so far. */
  readonly received: readonly Buffer[]
  /** Connections that neither side has closed. */
  readonly openCount: number
  /** Resolves once `condition` holds; asked after every accept, chunk and close. */
  until(condition: () => boolean): Promise<void>
  close(): Promise<void>
}

export interface RawServerOptions {
  /** When `onRequest` is called: once head and announced body have arrived (default), or at the first bytes of them. */
  readonly at?: 'whole-request' | 'first-bytes'
}

/** `onRequest` gets the numbers of the connection and of the request on it, from 0. */
export async function startRawServer(
  onRequest: (socket: Socket, connection: number, request: number) => void,
  { at = 'whole-request' }: RawServerOptions = {},
): Promise<RawServer> {
  const received: Buffer[] = []
  const sockets = new Set<Socket>()
  const checks = new Set<() => void>()
  const check = (): void => {
    for (const run of checks) run()
  }
  const server = createServer((socket) => {
    const connection = received.push(Buffer.alloc(0)) - 1
    let requests = 0
    let consumed = 0
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      check()
    })
    socket.on('data', (chunk) => {
      const all = (received[connection] = Buffer.concat([received[connection]!, chunk]))
      const length = requestLength(all.subarray(consumed))
      if (at === 'first-bytes') {
        if (requests === 0) onRequest(socket, connection, requests++)
      } else if (length > 0) {
        consumed += length
        onRequest(socket, connection, requests++)
      }
      check()
    })
    check()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    get openCount() {
      return sockets.size
    },
    until: (condition) =>
      new Promise((resolve) => {
        const run = (): void => {
          if (!condition()) return
          checks.delete(run)
          resolve()
        }
        checks.add(run)
        run()
      }),
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Bytes of the first whole request, 0 while it is not all there. */
function requestLength(bytes: Buffer): number {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return 0
  const announced = /content-length: (\d+)/i.exec(bytes.toString('latin1', 0, headEnd))?.[1] ?? '0'
  const length = headEnd + 4 + Number(announced)
  return bytes.length >= length ? length : 0
}
