import { getEventListeners } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../clock.js'
import { createAddressGuard } from '../delivery/address-guard.js'
import { classify, type DeliveryResult } from '../delivery/classify.js'
import { startReceiver, type Receiver, type ReceiverOptions } from '../testing/receiver.js'
import { createSender, type Sender, type SenderOptions, type SendRequest, type SendResult } from './send.js'
import { AUTHORITY, SERVER } from './send/testing/certificates.js'
import { type RawServer, type RawServerOptions, startRawServer } from './send/testing/raw-server.js'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function sender(options: Partial<SenderOptions> = {}): Sender {
  const made = createSender({ clock: systemClock, guard: createAddressGuard(true), ...options })
  closers.push(() => made.close())
  return made
}

async function receiver(options?: ReceiverOptions): Promise<Receiver> {
  const started = await startReceiver(options)
  closers.push(() => started.close())
  return started
}

type OnRequest = (socket: Socket, connection: number, request: number) => void

async function rawServer(onRequest: OnRequest, options?: RawServerOptions): Promise<RawServer> {
  const started = await startRawServer(onRequest, options)
  closers.push(() => started.close())
  return started
}

const BODY = Buffer.from('{"jobId":"1","payload":{"é":1.0}}')

function request(url: string, overrides: Partial<SendRequest> = {}): SendRequest {
  return {
    url,
    headers: { 'content-type': 'application/json', 'x-a': 'b' },
    body: BODY,
    timeoutMs: 60_000,
    beforeFirstByte: () => true,
    signal: new AbortController().signal,
    ...overrides,
  }
}

const ok = (body: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`

describe('sending', () => {
  test('POSTs exactly the headers and bytes, and keeps the connection', async () => {
    const { url, requests } = await receiver({ respond: { status: 201, body: 'thanks' } })
    const { send } = sender()
    for (const path of ['/a?b=%20c', '/d']) {
      expect(await send(request(`${url}${path}`))).toEqual({
        kind: 'response',
        statusCode: 201,
        body: 'thanks',
        bodyTruncated: false,
      })
    }
    const [first, second] = requests
    expect(first).toMatchObject({ method: 'POST', path: '/a?b=%20c' })
    expect(first?.headers).toEqual({
      host: new URL(url).host,
      connection: 'keep-alive',
      'content-type': 'application/json',
      'x-a': 'b',
      'content-length': String(BODY.length),
    })
    expect(first?.rawBody).toEqual(BODY)
    expect(second?.remotePort).toBe(first?.remotePort)
  })

  test('many at once each have a connection of their own, none waits for another', async () => {
    const { url, requests, respond, waitFor } = await receiver({ respond: { hang: true } })
    const { send } = sender()
    const abort = new AbortController()
    const hanging = Array.from({ length: 20 }, () => send(request(url, { signal: abort.signal })))
    await waitFor(20)
    abort.abort()
    await Promise.all(hanging)
    expect(new Set(requests.map(({ remotePort }) => remotePort)).size).toBe(20)
    respond({ status: 200 })
    expect(await send(request(url))).toMatchObject({ statusCode: 200 })
  })

  test('redirects are not followed', async () => {
    const target = await receiver()
    const { url } = await receiver({ respond: { status: 302, headers: { location: target.url } } })
    const result = await sender().send(request(url))
    expect(result).toMatchObject({ kind: 'response', statusCode: 302 })
    expect(target.requests).toHaveLength(0)
  })

  test('without a listener the words name the address and what to do', async () => {
    const gone = await startReceiver()
    await gone.close()
    expect(await sender().send(request(gone.url))).toEqual({
      kind: 'error',
      code: 'connect',
      message: `127.0.0.1:${gone.port} refused the connection; is the service running on this port?`,
      bytesSent: false,
    })
  })

  test.each(['', 'nonsense', 'ftp://127.0.0.1/', 'http://'])('"%s" is no webhook URL', async (url) => {
    expect(await sender().send(request(url))).toMatchObject({ kind: 'error', code: 'url', bytesSent: false })
  })

  test('a header that would inject another is refused, and nothing is sent', async () => {
    const { url, requests } = await receiver()
    const result = await sender().send(request(url, { headers: { 'x-a': 'b\r\nx-evil: 1' } }))
    expect(result).toMatchObject({ kind: 'error', code: 'url', bytesSent: false })
    expect(requests).toHaveLength(0)
  })

  test('everything but `unsent` can be classified', async () => {
    const { url } = await receiver({ respond: { status: 500 } })
    const result: SendResult = await sender().send(request(url))
    if (result.kind === 'unsent') throw new Error('it was sent')
    const deliveryResult: DeliveryResult = result
    expect(classify(deliveryResult)).toMatchObject({ kind: 'failed', responseCode: 500 })
  })
})

describe('the first byte', () => {
  test('asked right before it, a no means that not a byte goes out', async () => {
    const server = await rawServer(() => undefined)
    const result = await sender().send(request(server.url, { beforeFirstByte: () => false }))
    expect(result).toEqual({ kind: 'unsent' })
    await server.until(() => server.received.length === 1)
    expect(Buffer.concat(server.received)).toHaveLength(0)
  })

  test('nothing is on the wire while it is asked, and everything follows at once', async () => {
    const server = await rawServer((socket) => socket.write(ok('')))
    const { send } = sender()
    const seen: number[] = []
    const beforeFirstByte = (): boolean => {
      seen.push(server.received.reduce((sum, bytes) => sum + bytes.length, 0))
      return true
    }
    await send(request(server.url, { beforeFirstByte }))
    const size = server.received[0]!.length
    await send(request(server.url, { beforeFirstByte }))
    expect(seen).toEqual([0, size])
  })

  test('a no on a kept connection sends nothing either', async () => {
    const server = await rawServer((socket) => socket.write(ok('')))
    const { send } = sender()
    await send(request(server.url))
    const size = server.received[0]!.length
    expect(await send(request(server.url, { beforeFirstByte: () => false }))).toEqual({ kind: 'unsent' })
    expect(await send(request(server.url))).toMatchObject({ statusCode: 200 })
    expect(server.received.map((bytes) => bytes.length)).toEqual([size, size])
  })
})

/** The answer is written once the request is there; it has arrived when a second exchange has made the same way. */
async function answerArrived(server: RawServer, send: Sender['send']): Promise<void> {
  await server.until(() => server.received.some((bytes) => bytes.length > 0))
  await send(request((await receiver()).url))
}

describe('aborting', () => {
  test('before anything: unsent, and no connection is opened', async () => {
    const target = await receiver()
    expect(await sender().send(request(target.url, { signal: AbortSignal.abort() }))).toEqual({ kind: 'unsent' })
    expect(target.connectionCount).toBe(0)
  })

  test('after the request went out: an error that says it may have been seen', async () => {
    const { url, waitFor } = await receiver({ respond: { hang: true } })
    const abort = new AbortController()
    const result = sender().send(request(url, { signal: abort.signal }))
    await waitFor(1)
    abort.abort()
    expect(await result).toMatchObject({ kind: 'error', code: 'aborted', bytesSent: true })
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0)
  })

  test('after the status line: the status counts', async () => {
    const server = await rawServer((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'))
    const abort = new AbortController()
    const { send } = sender()
    const result = send(request(server.url, { signal: abort.signal }))
    await answerArrived(server, send)
    abort.abort()
    expect(await result).toEqual({ kind: 'response', statusCode: 200, body: 'abc', bodyTruncated: true })
  })

  test('a shared signal keeps no listeners of requests that are over', async () => {
    const { url } = await receiver()
    const { signal } = new AbortController()
    const { send } = sender()
    await Promise.all(Array.from({ length: 30 }, () => send(request(url, { signal }))))
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  test('close ends what is under way, and afterwards nothing is sent', async () => {
    const { url, waitFor, requests } = await receiver({ respond: { hang: true } })
    const made = sender()
    const result = made.send(request(url))
    await waitFor(1)
    await made.close()
    expect(await result).toMatchObject({ kind: 'error', code: 'aborted', bytesSent: true })
    expect(await made.send(request(url))).toEqual({ kind: 'unsent' })
    expect(requests).toHaveLength(1)
  })
})

describe('the deadline', () => {
  /** A sender whose timers of a second go off when the test says so, however slow the machine is before. */
  function senderInTime(): { send: Sender['send']; passSecond: () => void } {
    const set = new Set<() => void>()
    const setTimer: Clock['setTimer'] = (delayMs, run, options) => {
      if (delayMs !== 1_000) return systemClock.setTimer(delayMs, run, options)
      set.add(run)
      return { cancel: () => set.delete(run) }
    }
    const { send } = sender({ clock: { ...systemClock, setTimer } })
    return { send, passSecond: () => set.forEach((run) => run()) }
  }

  test('no answer in time', async () => {
    const { url, waitFor } = await receiver({ respond: { hang: true } })
    const { send, passSecond } = senderInTime()
    const result = send(request(url, { timeoutMs: 1_000 }))
    await waitFor(1)
    passSecond()
    expect(await result).toEqual({
      kind: 'error',
      code: 'timeout',
      message: 'No answer within 1 s; the endpoint should answer first and do slow work afterwards',
      bytesSent: true,
    })
  })

  test('it covers the body: a 2xx that drips is cut, and still counts', async () => {
    const drips: NodeJS.Timeout[] = []
    const server = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
      drips.push(setInterval(() => socket.write('1\r\nx\r\n'), 10))
    })
    try {
      const { send, passSecond } = senderInTime()
      const result = send(request(server.url, { timeoutMs: 1_000 }))
      await answerArrived(server, send)
      passSecond()
      expect(await result).toMatchObject({ kind: 'response', statusCode: 200, bodyTruncated: true })
    } finally {
      drips.forEach(clearInterval)
    }
  })

  test('early hints are no answer', async () => {
    const server = await rawServer((socket) => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'))
    const { send, passSecond } = senderInTime()
    const result = send(request(server.url, { timeoutMs: 1_000 }))
    await answerArrived(server, send)
    passSecond()
    expect(await result).toMatchObject({ kind: 'error', code: 'timeout', bytesSent: true })
  })

  test('half a status line is no answer', async () => {
    const server = await rawServer((socket) => socket.write('HTTP/1.1 20'))
    const { send, passSecond } = senderInTime()
    const result = send(request(server.url, { timeoutMs: 1_000 }))
    await answerArrived(server, send)
    passSecond()
    expect(await result).toMatchObject({ kind: 'error', code: 'timeout', bytesSent: true })
  })
})

describe('the body of the answer', () => {
  const KEPT = 65_536

  test.each([
    ['exactly what is kept', KEPT, false, 1],
    ['more than is kept', KEPT + 1, true, 1],
    ['as much as is drained', 262_144, true, 1],
    ['more than is drained', 262_145, true, 2],
    ['much more', 5_000_000, true, 2],
  ])('%s', async (_, size, bodyTruncated, connections) => {
    const target = await receiver({ respond: { body: Buffer.alloc(size, 'x') } })
    const { send } = sender()
    const result = await send(request(target.url))
    expect(result).toEqual({ kind: 'response', statusCode: 200, body: 'x'.repeat(KEPT), bodyTruncated })
    target.respond({ status: 200 })
    await send(request(target.url))
    expect(target.connectionCount).toBe(connections)
  })

  test('is stored lossily as it came: compressed bytes, NUL', async () => {
    const { url } = await receiver({
      respond: { headers: { 'content-encoding': 'gzip' }, body: Buffer.from([0x1f, 0x8b, 0x00, 0x61]) },
    })
    expect(await sender().send(request(url))).toMatchObject({ body: '\x1f\uFFFD\uFFFDa', bodyTruncated: false })
  })
})

describe('peers of all kinds', () => {
  const response = (statusCode: number, body: string, bodyTruncated = false): SendResult => ({
    kind: 'response',
    statusCode,
    body,
    bodyTruncated,
  })
  const error = (code: string): object => ({ kind: 'error', code, bytesSent: true })
  const write =
    (...parts: string[]): OnRequest =>
    (socket) => {
      for (const part of parts) socket.write(part)
    }

  test.each<[string, OnRequest, object]>([
    ['HTTP/1.0 without a length', (socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nall'), response(200, 'all')],
    ['HTTP/1.1 without a length', (socket) => socket.end('HTTP/1.1 202 OK\r\n\r\nall'), response(202, 'all')],
    ['no reason phrase', write('HTTP/1.1 200\r\ncontent-length: 1\r\n\r\nx'), response(200, 'x')],
    ['204 without a body', write('HTTP/1.1 204 No Content\r\n\r\n'), response(204, '')],
    ['early hints', write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', ok('x')), response(200, 'x')],
    ['100 that nobody asked for', write('HTTP/1.1 100 Continue\r\nx: y\r\n\r\n', ok('x')), response(200, 'x')],
    [
      '100 twice, in one piece with the answer',
      write(`${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(2)}${ok('x')}`),
      response(200, 'x'),
    ],
    ['100 and nothing more', (socket) => socket.end('HTTP/1.1 100 Continue\r\n\r\n'), error('reset')],
    ['a status over 599', write('HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n'), response(999, '')],
    [
      'chunks and trailers',
      write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nx: y\r\n\r\n'),
      response(200, 'ab'),
    ],
    [
      'a body cut off',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'),
      response(200, 'abc', true),
    ],
    ['bad chunks', write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'), response(200, '', true)],
    ['more than the length', write(`${ok('x')}extra`), response(200, 'x')],
    ['garbage', write('SSH-2.0-OpenSSH_9.2\r\n'), error('protocol')],
    ['TLS on a plain port', write('\x15\x03\x01\x00\x02\x02\x46'), error('protocol')],
    [
      '101 that nobody asked for',
      write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      error('protocol'),
    ],
    ['headers without end', write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n`), error('protocol')],
    ['FIN instead of an answer', (socket) => socket.end(), error('reset')],
    ['RST instead of an answer', (socket) => socket.resetAndDestroy(), error('reset')],
    ['FIN within the headers', (socket) => socket.end('HTTP/1.1 200 OK\r\nx:'), error('reset')],
  ])('%s', async (_, onRequest, expected) => {
    const server = await rawServer(onRequest)
    expect(await sender().send(request(server.url))).toMatchObject(expected)
  })

  test('100 that comes byte by byte, on a fresh and on a kept connection', async () => {
    const server = await rawServer((socket) => {
      socket.setNoDelay(true)
      const bytes = `HTTP/1.1 100 Continue\r\n\r\n${ok('x')}`.split('')
      const next = (): void => {
        const byte = bytes.shift()
        if (byte !== undefined) socket.write(byte, () => setImmediate(next))
      }
      next()
    })
    const { send } = sender()
    expect(await send(request(server.url))).toMatchObject({ statusCode: 200, body: 'x' })
    expect(await send(request(server.url))).toMatchObject({ statusCode: 200, body: 'x' })
    expect(server.received).toHaveLength(1)
  })

  test('an answer that comes before the request has been read', async () => {
    const server = await rawServer((socket) => socket.write(ok('early')), { at: 'first-bytes' })
    const result = await sender().send(request(server.url, { body: Buffer.alloc(8_000_000) }))
    expect(result).toMatchObject({ statusCode: 200, body: 'early' })
  })

  test('a reset while the request is being written', async () => {
    const server = await rawServer((socket) => socket.resetAndDestroy(), { at: 'first-bytes' })
    const result = await sender().send(request(server.url, { body: Buffer.alloc(8_000_000) }))
    expect(result).toMatchObject({ kind: 'error', code: 'reset', bytesSent: true })
  })
})

describe('a kept connection that turns out to be dead', () => {
  /** Answers the first request of the first connection, and closes it at the second. */
  const deadOnReuse =
    (end: (socket: Socket) => void): OnRequest =>
    (socket, connection, index) => {
      if (connection === 0 && index === 1) end(socket)
      else socket.write(ok(String(connection)))
    }

  test.each<[string, (socket: Socket) => void]>([
    ['FIN', (socket) => socket.end()],
    ['RST', (socket) => socket.resetAndDestroy()],
  ])('%s: sent once more over a fresh one, asking again', async (_, end) => {
    const server = await rawServer(deadOnReuse(end))
    const { send } = sender()
    await send(request(server.url))
    let asked = 0
    const result = await send(request(server.url, { beforeFirstByte: () => (asked += 1) > 0 }))
    expect(result).toMatchObject({ kind: 'response', body: '1' })
    expect(asked).toBe(2)
  })

  test('a no at the second time is no `unsent`: the first may have been seen', async () => {
    const server = await rawServer(deadOnReuse((socket) => socket.end()))
    const { send } = sender()
    await send(request(server.url))
    let asked = 0
    const result = await send(request(server.url, { beforeFirstByte: () => (asked += 1) === 1 }))
    expect(result).toMatchObject({ kind: 'error', code: 'reset', bytesSent: true })
  })

  test('not once bytes of an answer have come', async () => {
    const server = await rawServer(deadOnReuse((socket) => socket.end('HTTP/1.1 5')))
    const { send } = sender()
    await send(request(server.url))
    expect(await send(request(server.url))).toMatchObject({ kind: 'error', bytesSent: true })
    expect(server.received).toHaveLength(1)
  })

  test('nor once a 100 has come', async () => {
    const server = await rawServer(deadOnReuse((socket) => socket.end('HTTP/1.1 100 Continue\r\n\r\n')))
    const { send } = sender()
    await send(request(server.url))
    expect(await send(request(server.url))).toMatchObject({ kind: 'error', code: 'reset', bytesSent: true })
    expect(server.received).toHaveLength(1)
  })

  test('a fresh connection that dies is not tried again', async () => {
    const server = await rawServer((socket) => socket.end())
    expect(await sender().send(request(server.url))).toMatchObject({ kind: 'error', code: 'reset', bytesSent: true })
    expect(server.received).toHaveLength(1)
  })

  test('closed while idle: it is not even tried', async () => {
    const server = await rawServer((socket, connection) => {
      socket.write(ok(String(connection)))
      socket.end()
    })
    const { send } = sender()
    await send(request(server.url))
    await server.until(() => server.openCount === 0)
    let asked = 0
    const result = await send(request(server.url, { beforeFirstByte: () => (asked += 1) > 0 }))
    expect(result).toMatchObject({ kind: 'response', body: '1' })
    expect(asked).toBe(1)
  })

  test('bytes nobody asked for make it unusable', async () => {
    const server = await rawServer((socket, connection) => socket.write(ok(String(connection)) + ok('smuggled')))
    const { send } = sender()
    expect(await send(request(server.url))).toMatchObject({ body: '0' })
    expect(await send(request(server.url))).toMatchObject({ body: '1' })
  })
})

describe('how long connections idle', () => {
  test("a peer's hint of a second or less means: not at all", async () => {
    const { url, requests } = await receiver({ keepAliveTimeoutMs: 1_000 })
    const { send } = sender()
    await send(request(url))
    await send(request(url))
    expect(new Set(requests.map(({ remotePort }) => remotePort)).size).toBe(2)
  })

  test("a peer's hint of two seconds means one, which is over before the four without a hint", async () => {
    const hinting = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nkeep-alive: timeout=2\r\ncontent-length: 0\r\n\r\n')
    })
    const silent = await rawServer((socket) => socket.write(ok('')))
    const { send } = sender()
    for (let triesLeft = 4; ; triesLeft -= 1) {
      const startedMs = performance.now()
      await Promise.all([send(request(silent.url)), send(request(hinting.url))])
      await hinting.until(() => hinting.openCount === 0)
      const [passedMs, openCount] = [performance.now() - startedMs, silent.openCount]
      expect(passedMs).toBeGreaterThan(900)
      // A machine that stalls past the four seconds shows nothing of what came first.
      if (passedMs >= 3_000 && openCount === 0 && triesLeft > 0) continue
      expect(openCount, `connections without a hint that idle still, after ${Math.round(passedMs)} ms`).toBe(1)
      return
    }
  })

  test('beyond the bound the longest idle one is closed', async () => {
    const targets = await Promise.all([receiver(), receiver(), receiver()])
    const { send } = sender({ maxIdleSockets: 2 })
    for (const { url } of [...targets, targets[2], targets[1], targets[0]]) await send(request(url))
    expect(targets.map(({ connectionCount }) => connectionCount)).toEqual([2, 1, 1])
  })
})

describe('TLS', () => {
  const tls = (): Promise<Receiver> => receiver({ tls: SERVER })

  test('certificates are checked against the address, and connections kept', async () => {
    const target = await tls()
    const { send } = sender({ ca: AUTHORITY })
    expect(await send(request(target.url))).toMatchObject({ kind: 'response', statusCode: 200 })
    expect(await send(request(target.url))).toMatchObject({ kind: 'response', statusCode: 200 })
    expect(target.connectionCount).toBe(1)
    target.respond({ headers: { connection: 'close' } })
    await send(request(target.url))
    expect(await send(request(target.url))).toMatchObject({ kind: 'response', statusCode: 200 })
    expect(target.connectionCount).toBe(2)
  })

  test('a second connection resumes the session of the first', async () => {
    const resumed: boolean[] = []
    const server = createServer(SERVER, (incoming, response) => {
      resumed.push(incoming.socket instanceof TLSSocket && incoming.socket.isSessionReused())
      incoming.resume().on('end', () => response.writeHead(200, { connection: 'close' }).end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closers.push(() => new Promise((resolve) => server.close(() => resolve())))
    const { send } = sender({ ca: AUTHORITY })
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
    expect([await send(request(url)), await send(request(url))]).toMatchObject([
      { statusCode: 200 },
      { statusCode: 200 },
    ])
    expect(resumed).toEqual([false, true])
  })

  test('an unknown authority is refused', async () => {
    const { url, requests } = await tls()
    const result = await sender().send(request(url))
    expect(result).toMatchObject({ kind: 'error', code: 'tls', bytesSent: false })
    expect(result).toHaveProperty('message', expect.stringContaining('TLS with 127.0.0.1 failed: '))
    expect(requests).toHaveLength(0)
  })

  test('https to a plain port, and http to a TLS port', async () => {
    const plain = await receiver()
    const secure = await tls()
    const { send } = sender({ ca: AUTHORITY })
    const [toPlain, toSecure] = await Promise.all([
      send(request(plain.url.replace('http', 'https'))),
      send(request(secure.url.replace('https', 'http'))),
    ])
    expect(toPlain).toMatchObject({ kind: 'error', code: 'tls', bytesSent: false })
    expect(toSecure).toMatchObject({ kind: 'error', bytesSent: true })
  })

  test('a handshake that hangs is cut by the deadline', async () => {
    const server = await rawServer(() => undefined)
    const result = await sender().send(request(server.url.replace('http', 'https'), { timeoutMs: 100 }))
    expect(result).toMatchObject({ kind: 'error', code: 'timeout', bytesSent: false })
  })
})
