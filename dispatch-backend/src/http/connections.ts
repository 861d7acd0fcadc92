import type { FastifyInstance } from 'fastify'
import type { Server } from 'node:http'
import type { Clock } from '../clock.js'
import { isLoopback, limitKey } from './client-address.js'

/** Of all connections, what one address may hold. */
const SHARE_OF_ONE_ADDRESS = 1 / 4

/**
 * Bounds open connections: more than `most` are closed as they come (0 = no bound), so that clients who only open
 * connections cannot use up the file descriptors that webhooks and the database need. One address (IPv6: one /64) may hold
 * a quarter of them; this machine more, because a proxy on it stands for many clients, and with trusted proxies anyone.
 */
export function limitConnections(server: Server, most: number, trustsProxy: boolean): void {
  if (most === 0) return
  server.maxConnections = most
  if (trustsProxy) return
  const mostOfOne = Math.max(1, Math.floor(most * SHARE_OF_ONE_ADDRESS))
  const open = new Map<string, number>()
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? ''
    if (isLoopback(address)) return
    const key = limitKey(address)
    const count = (open.get(key) ?? 0) + 1
    open.set(key, count)
    socket.once('close', () => {
      const left = (open.get(key) ?? 1) - 1
      if (left === 0) open.delete(key)
      else open.set(key, left)
    })
    if (count > mostOfOne) socket.destroy()
  })
}

/**
 * Makes `app.close()` refuse nobody: a proxy in front could not tell its client whether a request was carried out. What the
 * kernel has taken is accepted, what comes on an accepted connection is answered, and each is closed after its answer.
 */
export function closeInOrder(app: FastifyInstance, clock: Clock): void {
  let isClosing = false
  app.addHook('preClose', () => {
    isClosing = true
    return noneWaits(app.server, clock)
  })
  // A connection kept alive would hold up the close until it idles out.
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isClosing) reply.header('connection', 'close')
    done(null, payload)
  })
}

/** Turns of the event loop without a new connection, after which none waits; and after how many we go on all the same. */
const QUIET_TURNS = 2
const MOST_TURNS = 10_000

/**
 * Resolves at a moment when no connection waits to be accepted: the kernel resets those that wait when listening ends.
 * What comes within the microseconds until then is reset; a listening socket cannot do better.
 */
async function noneWaits(server: Server, clock: Clock): Promise<void> {
  let quiet = 0
  const onConnection = (): void => void (quiet = 0)
  server.on('connection', onConnection)
  for (let turns = 0; quiet < QUIET_TURNS && turns < MOST_TURNS; turns += 1) {
    quiet += 1
    await clock.sleep(0)
  }
  server.off('connection', onConnection)
}
