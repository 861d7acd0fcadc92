import { createServer, type Server } from 'node:http'
import { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { limitConnections } from './connections.js'

/** A connection from `remoteAddress`, as the server meets it; loopback alone cannot be many addresses. */
function arrive(server: Server, remoteAddress: string): Duplex {
  const socket = Object.assign(new Duplex({ read: () => undefined }), {
    ...{ remoteAddress, setTimeout: () => undefined, setNoDelay: () => undefined, setKeepAlive: () => undefined },
  })
  server.emit('connection', socket)
  return socket
}

function open(server: Server, address: string, count: number): Duplex[] {
  return Array.from({ length: count }, () => arrive(server, address))
}

const refused = (sockets: readonly Duplex[]): number => sockets.filter(({ destroyed }) => destroyed).length

describe('limitConnections', () => {
  it('lets one address hold a quarter, and gives back what is closed', async () => {
    const server = createServer()
    limitConnections(server, 8, false)
    const mine = open(server, '203.0.113.1', 3)
    expect(refused(mine)).toBe(1)
    expect(refused(open(server, '203.0.113.2', 2))).toBe(0)
    mine[0]!.destroy()
    await expect.poll(() => refused(open(server, '203.0.113.1', 1))).toBe(0)
    expect(server.maxConnections).toBe(8)
  })

  it('counts an IPv6 network as one address, and a mapped address as IPv4', () => {
    const server = createServer()
    limitConnections(server, 4, false)
    expect(refused([arrive(server, '2001:db8::1'), arrive(server, '2001:db8::2')])).toBe(1)
    expect(refused([arrive(server, '198.51.100.7'), arrive(server, '::ffff:198.51.100.7')])).toBe(1)
  })

  it('spares this machine and, with trusted proxies, everybody', () => {
    const server = createServer()
    limitConnections(server, 4, false)
    expect(refused(open(server, '127.0.0.1', 4))).toBe(0)
    const proxied = createServer()
    limitConnections(proxied, 4, true)
    expect(refused(open(proxied, '203.0.113.1', 4))).toBe(0)
  })

  it('bounds nothing at 0', () => {
    const server = createServer()
    limitConnections(server, 0, false)
    expect(refused(open(server, '203.0.113.1', 50))).toBe(0)
  })
})
