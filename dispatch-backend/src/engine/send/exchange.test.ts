import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ConnectionPool, openConnection } from './connection-pool.js'
import { Cut } from './cut.js'
import { exchange } from './exchange.js'

const server = createServer((socket) => {
  socket.on('error', () => undefined)
  socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
})

afterEach(() => void server.close())

describe('an exchange', () => {
  it('is stale when its kept connection ends, as by its idle time, between taking it and writing to it', async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const url = new URL(`http://127.0.0.1:${port}/`)
    const pool = new ConnectionPool(1)
    const cut = new Cut()
    const request = { url, headers: {}, body: Buffer.from('{}'), beforeFirstByte: () => true, cut }
    const connection = openConnection(url.origin, socket)
    expect(await exchange(connection, request)).toMatchObject({ kind: 'response', isReusable: true })
    pool.giveBack(connection)
    const taken = pool.take(url.origin)!
    taken.socket.destroy()
    expect(await exchange(taken, request)).toEqual({ kind: 'stale', bytesSent: false })
  })
})
