/** What a client may do to the connection: smuggle, trickle, flood, or write paths in other ways. */
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { databases } from '../../testing/databases.js'
import { openTestApi, type TestApi } from '../testing/test-api.js'

const MOST = 4
const P = '/api/v1'
let api: TestApi
let port: number
const sockets = new Set<Socket>()
beforeAll(async () => {
  api = await openTestApi(databases[0]!, { maxConnections: MOST })
  const { server } = api.app
  expect([server.headersTimeout, server.requestTimeout]).toEqual([15_000, 30_000])
  // However slow the machine is.
  Object.assign(server, { headersTimeout: 600_000, requestTimeout: 600_000 })
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  port = portOf(api)
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  await expect.poll(() => countConnections()).toBe(0)
})
afterAll(() => api.close())

describe('a request that two readers would read differently', () => {
  const head = `POST ${P}/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`
  const hidden = `GET ${P}/healthcheck HTTP/1.1\r\nhost: x\r\n\r\n`
  it.each([
    ['length and chunks', `${head}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['chunks and length', `${head}transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n${hidden}`],
    ['two lengths', `${head}content-length: 0\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`],
    ['a list of lengths', `${head}content-length: 0, ${hidden.length}\r\n\r\n${hidden}`],
    ['a length with a sign', `${head}content-length: +0\r\n\r\n${hidden}`],
    ['a length in hexadecimal', `${head}content-length: 0x0\r\n\r\n${hidden}`],
    ['an unknown encoding', `${head}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['two encodings', `${head}transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n${hidden}`],
    ['a space before the colon', `${head}transfer-encoding : chunked\r\ncontent-length: 0\r\n\r\n${hidden}`],
    ['a folded header', `${head}x: y\r\n transfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n${hidden}`],
    ['a chunk of a wrong length', `${head}transfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n${hidden}`],
    ['a chunk length that overflows', `${head}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n${hidden}`],
    ['line feeds alone', `${head.replaceAll('\r\n', '\n')}content-length: 0\n\n${hidden}`],
    ['a NUL in a header', `${head}x: a\0b\r\ncontent-length: 0\r\n\r\n${hidden}`],
  ])('is refused, and the connection with it: %s', async (_what, bytes) => {
    const heard = await talk(bytes)
    expect(heard).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*"status":false/)
    expect(heard).not.toContain('{"status":"ok"}')
    expect(heard.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })
})

describe('a client that takes its time', () => {
  let hasty: TestApi
  beforeAll(async () => {
    hasty = await openTestApi(databases[0]!)
    // What takes seconds in earnest; Node reads these when it starts to listen.
    const limits = { headersTimeout: 300, requestTimeout: 600, connectionsCheckingInterval: 50 }
    Object.assign(hasty.app.server, limits)
    await hasty.app.listen({ host: '127.0.0.1', port: 0 })
  })
  afterAll(() => hasty.close())

  it.each([
    ['says nothing', ''],
    ['says half a head', 'GET / HTTP/1.1\r\nhost: x\r\nx-a'],
    [
      'says half a body',
      `POST ${P}/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"a"`,
    ],
  ])('is dropped when it %s', async (_what, bytes) => {
    expect(await talk(bytes, portOf(hasty))).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
  })

  it('is dropped when it sends a byte now and then', async () => {
    const client = open(portOf(hasty))
    client.socket.write('GET / HTTP/1.1\r\nx: ')
    const trickle = setInterval(() => client.socket.writable && client.socket.write('y'), 20)
    expect(await client.heard).toMatch(/^HTTP\/1\.1 408 /)
    clearInterval(trickle)
  })
})

describe('many', () => {
  it('connections are refused past the bound, and one that ends makes room', async () => {
    const held = Array.from({ length: MOST }, () => open())
    await expect.poll(() => countConnections()).toBe(MOST)
    expect(await talk(`GET ${P}/healthcheck HTTP/1.1\r\nhost: x\r\n\r\n`)).toBe('')
    held[0]!.socket.destroy()
    await expect.poll(() => countConnections()).toBe(MOST - 1)
    expect(await talk(`GET ${P}/healthcheck HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)).toContain('"ok"')
  })

  it('headers are refused, by size', async () => {
    const many = Array.from({ length: 3_000 }, (_, index) => `x-${index}: y\r\n`).join('')
    expect(await talk(`GET ${P}/healthcheck HTTP/1.1\r\nhost: x\r\n${many}\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
    const url = `GET ${P}/jobs?x=${'y'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`
    expect(await talk(url)).toMatch(/^HTTP\/1\.1 431 /)
  })
})

describe('a path written in another way', () => {
  it.each([
    '//api/v1/jobs',
    '/api//v1/jobs',
    '/api/v1//jobs',
    '/API/v1/jobs',
    '/api/v1/jobs/',
    '/api/v1/jobs;x=1',
    '/api/v1/jobs/..;/projects',
    '/api/v1/jobs/%2e%2e/projects',
    '/api/v1%2fjobs',
    '/api/v1/x/../jobs',
    '/api/v1/jobs%00',
    '/api/v1/jobs%0d%0aset-cookie:x',
    '/api/v1/jobs/%252e',
    '/api/v1/healthcheck/../me',
    '/api/v1/me.json',
  ])('reaches no route: %s', async (path) => {
    const head = `host: x\r\nconnection: close\r\nx-original-url: ${P}/healthcheck\r\nx-rewrite-url: ${P}/healthcheck\r\n`
    const heard = await talk(`GET ${path} HTTP/1.1\r\n${head}\r\n`)
    expect(heard).toMatch(/^HTTP\/1\.1 (404|401) /)
    expect(heard).not.toMatch(/set-cookie/i)
  })

  it.each(['x-http-method-override: GET', 'x-method-override: GET', 'x-http-method: GET'])(
    'or with another method in a header keeps its own: %s',
    async (header) => {
      const heard = await talk(`PATCH ${P}/healthcheck HTTP/1.1\r\nhost: x\r\n${header}\r\nconnection: close\r\n\r\n`)
      expect(heard).toMatch(/^HTTP\/1\.1 (404|405) /)
    },
  )

  it.each(['TRACE / HTTP/1.1', 'CONNECT evil.example:80 HTTP/1.1', 'GET http://evil.example/ HTTP/1.1'])(
    'makes us no proxy: %s',
    async (line) => {
      const heard = await talk(`${line}\r\nhost: x\r\ncookie: secret\r\nconnection: close\r\n\r\n`)
      expect(heard).not.toMatch(/^HTTP\/1\.1 2/)
      expect(heard).not.toContain('secret')
    },
  )
})

function portOf({ app }: TestApi): number {
  return (app.server.address() as { port: number }).port
}

function countConnections(): Promise<number> {
  return new Promise((resolve, reject) =>
    api.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  )
}

/** A connection; `heard` is everything that the server said before it closed it. */
function open(to = port): { socket: Socket; heard: Promise<string> } {
  const socket = connect(to, '127.0.0.1').setEncoding('utf8')
  sockets.add(socket)
  const heard = new Promise<string>((resolve) => {
    let text = ''
    socket.on('data', (chunk: string) => (text += chunk))
    // A reset after the answer is the server's way to say that it reads no further.
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
  })
  return { socket, heard }
}

function talk(bytes: string, to = port): Promise<string> {
  const { socket, heard } = open(to)
  if (bytes !== '') socket.write(bytes)
  return heard
}
