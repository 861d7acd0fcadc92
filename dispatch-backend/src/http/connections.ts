import type { Server } from 'node:http'
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
