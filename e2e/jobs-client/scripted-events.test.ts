/** The client's live events against a server whose every stream the test writes: ends, silence, refusals, slow readers. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Dispatch } from '../../dispatch-client/src/dispatch.js'
import { DispatchApiError, type DispatchOptions, type LiveEvent } from '../../dispatch-client/src/index.js'

const [TIMEOUT_MS, SILENCE_MS] = [10_000, 40_000]

/** Streams and refusals that the server was asked for and the test has not answered yet. */
let asked: { request: IncomingMessage; response: ServerResponse }[]
let server: Server
let url: string

beforeEach(async () => {
  asked = []
  server = createServer((request, response) => {
    asked.push({ request, response })
    server.emit('asked')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
})

async function nextRequest(): Promise<{ request: IncomingMessage; response: ServerResponse }> {
  if (asked.length === 0) await once(server, 'asked')
  return asked.shift()!
}

/** The next request, answered by a stream that begins with these lines. */
async function openStream(text = ''): Promise<{ request: IncomingMessage; response: ServerResponse }> {
  const { request, response } = await nextRequest()
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  response.write(`: hello\n\n${text}`)
  return { request, response }
}

async function refuse(status: number, code: string, headers: Record<string, string> = {}): Promise<void> {
  const { response } = await nextRequest()
  response.writeHead(status, { 'x-error-code': code, ...headers })
  response.end(JSON.stringify({ status: false, message: 'No', data: null }))
}

/** Waits are noted instead of slept; what limits a time runs out when the test says so. */
class TestClock {
  now = Date.UTC(2030, 0, 1)
  readonly waits: number[] = []
  readonly #limits = new Map<() => void, number>()
  #onLimit: (delayMs: number) => void = () => undefined
  /** What is done when the client begins to wait for its next try. */
  onWait: () => void = () => undefined

  nowMs = (): number => this.now

  after = (delayMs: number, run: () => void): (() => void) => {
    if (delayMs === TIMEOUT_MS || delayMs === SILENCE_MS) {
      this.#limits.set(run, delayMs)
      this.#onLimit(delayMs)
      return () => this.#limits.delete(run)
    }
    this.waits.push(delayMs)
    const immediate = setImmediate(run)
    this.onWait()
    return () => clearImmediate(immediate)
  }

  /** Resolves once a limit of this length begins to run. */
  limited(toMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onLimit = (delayMs) => delayMs === toMs && resolve()
    })
  }

  limits(): number[] {
    return [...this.#limits.values()]
  }

  runOut(delayMs: number): void {
    for (const [run, itsDelayMs] of this.#limits) if (itsDelayMs === delayMs) run()
  }
}

function connect(options: Partial<DispatchOptions> = {}): { client: Dispatch; clock: TestClock } {
  const clock = new TestClock()
  const all = { url, apiKey: 'sk_test', timeoutMs: TIMEOUT_MS, retries: 0, ...options }
  return { client: new Dispatch(all, { clock, random: () => 0.5 }), clock }
}

const job = (jobId: string, id: string): string => `event: job\nid: ${id}\ndata: {"jobId":"${jobId}"}\n\n`
type Events = AsyncGenerator<LiveEvent, void, undefined>
async function next(events: Events): Promise<LiveEvent> {
  const { value, done } = await events.next()
  if (done) throw new Error('the events have ended')
  return value
}

test('a stream that ends is opened again from the last id; open is told once, unknown events are passed over', async () => {
  const { client, clock } = connect()
  const events = client.events({ projectId: 'p 1' })
  const first = next(events)
  const { request, response } = await openStream('retry: 2000\nid: e.1\n\n')
  expect(await first).toEqual({ type: 'open' })
  expect(request.url).toBe('/api/v1/events?projectId=p+1')
  expect(request.headers).toMatchObject({ 'x-api-key': 'sk_test', accept: 'text/event-stream' })
  expect(request.headers).not.toHaveProperty('last-event-id')
  response.write('event: new\nid: e.2\ndata: {}\n\nevent: job\ndata: no JSON\n\n: heartbeat\n\n' + job('a', 'e.3'))
  expect(await next(events)).toEqual({ type: 'job', jobId: 'a' })
  const second = next(events)
  response.end('event: job\nid: e.9\ndata: {"jobId":"cut')
  const again = await openStream()
  expect(again.request.headers['last-event-id']).toBe('e.3')
  again.response.write('event: refresh\nid: f.1\ndata: {"reason":"missed"}\n\n')
  expect(await second).toEqual({ type: 'refresh', reason: 'missed' })
  const third = next(events)
  again.response.destroy()
  expect((await openStream(job('b', 'f.2'))).request.headers['last-event-id']).toBe('f.1')
  expect(await third).toEqual({ type: 'job', jobId: 'b' })
  expect(clock.waits).toEqual([188, 375])
  await events.return()
})

test('a stream that broke before it gave an id begins anew, and says so', async () => {
  const { client } = connect()
  const events = client.events()
  const first = next(events)
  const { response } = await openStream()
  expect(await first).toEqual({ type: 'open' })
  const second = next(events)
  response.destroy()
  expect((await openStream('id: bad\u00fcid\n\n')).request.headers).not.toHaveProperty('last-event-id')
  expect(await second).toEqual({ type: 'open' })
  await events.return()
})

test('what passes is outwaited for as long as it takes: waits double to 8 s, heed Retry-After, and begin anew', async () => {
  const { client, clock } = connect()
  const events = client.events()
  const first = next(events)
  await refuse(503, 'BUSY')
  await refuse(500, 'INTERNAL')
  await refuse(429, 'RATE_LIMITED', { 'retry-after': '15' })
  for (let time = 0; time < 4; time++) (await nextRequest()).response.destroy()
  await refuse(502, 'UNKNOWN')
  const { response } = await openStream()
  expect(await first).toEqual({ type: 'open' })
  expect(clock.waits).toEqual([188, 375, 15_125, 1500, 3000, 6000, 6000, 6000])
  clock.now += 15_000
  const second = next(events)
  response.end()
  await openStream()
  await second
  expect(clock.waits.at(-1)).toBe(188)
  await events.return()
})

test.each([
  [401, 'API_KEY_INVALID', {}],
  [403, 'FORBIDDEN', {}],
  [404, 'NOT_FOUND', {}],
  [400, 'VALIDATION', {}],
  [429, 'RATE_LIMITED', { 'retry-after': '61' }],
])('%i %s ends it with the typed error, at first and later', async (status, code, headers) => {
  const { client, clock } = connect()
  const first = client.events().next()
  await Promise.all([refuse(status, code, headers), expect(first).rejects.toMatchObject({ status, code })])
  expect(clock.waits).toEqual([])
  const events = client.events()
  const open = next(events)
  const { response } = await openStream('id: e.1\n\n')
  await open
  const later = events.next()
  response.end()
  await Promise.all([refuse(status, code, headers), expect(later).rejects.toBeInstanceOf(DispatchApiError)])
  expect(await events.next()).toEqual({ done: true, value: undefined })
})

test('something else than a stream of events is told, also when it never ends its event', async () => {
  const { client } = connect()
  for (const body of ['<html>', '{"status":true,"message":"ok","data":null}']) {
    const first = expect(client.events().next()).rejects.toThrow(/Something else than Dispatch answered \(HTTP 200\)/)
    ;(await nextRequest()).response.end(body)
    await first
  }
  const events = client.events()
  const open = next(events)
  const { response } = await openStream()
  await open
  const endless = expect(events.next()).rejects.toThrow(/Something else than Dispatch answered \(an event of more/)
  response.write('x'.repeat(1_100_000))
  await endless
})

test('a silent stream is given up after 40 s and an absent answer after timeoutMs; a busy reader is not silence', async () => {
  const { client, clock } = connect()
  const events = client.events()
  const first = next(events)
  await nextRequest()
  expect(clock.limits()).toEqual([TIMEOUT_MS])
  clock.runOut(TIMEOUT_MS)
  const { response } = await openStream(job('a', 'e.1'))
  await first
  expect(await next(events)).toMatchObject({ jobId: 'a' })
  expect(clock.limits()).toEqual([])
  const isListening = clock.limited(SILENCE_MS)
  const second = next(events)
  await isListening
  expect(clock.limits()).toEqual([SILENCE_MS])
  const closed = once(response, 'close')
  clock.runOut(SILENCE_MS)
  await closed
  expect((await openStream(job('b', 'e.2'))).request.headers['last-event-id']).toBe('e.1')
  expect(await second).toMatchObject({ jobId: 'b' })
  expect(clock.waits).toEqual([188, 375])
  await events.return()
})

test('an abort ends the events without an error: before, while opening, reading and waiting', async () => {
  const { client, clock } = connect()
  const end = { done: true, value: undefined }
  expect(await client.events({ signal: AbortSignal.abort() }).next()).toEqual(end)
  expect(asked).toEqual([])

  const opening = new AbortController()
  const unopened = client.events({ signal: opening.signal }).next()
  await nextRequest()
  opening.abort()
  expect(await unopened).toEqual(end)

  const reading = new AbortController()
  const events = client.events({ signal: reading.signal })
  const open = next(events)
  const { response } = await openStream()
  await open
  const read = events.next()
  const closed = once(response, 'close')
  reading.abort()
  expect(await read).toEqual(end)
  await closed

  const waiting = new AbortController()
  clock.onWait = () => waiting.abort()
  const waited = client.events({ signal: waiting.signal }).next()
  await refuse(503, 'BUSY')
  expect(await waited).toEqual(end)
  expect(asked).toEqual([])
})

test('whoever leaves the loop closes the connection', async () => {
  const { client, clock } = connect()
  const left = (async () => {
    for await (const event of client.events()) if (event.type === 'job') return event.jobId
    return 'none'
  })()
  const { response } = await openStream(job('a', 'e.1') + job('b', 'e.2'))
  const closed = once(response, 'close')
  expect(await left).toBe('a')
  await closed
  expect([clock.limits(), clock.waits]).toEqual([[], []])
})

test('nothing is read ahead of a slow reader, and nothing is lost for it', async () => {
  let pulled = 0
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        pulled += 1
        controller.enqueue(new TextEncoder().encode(job(String(pulled), `e.${pulled}`)))
      },
    },
    { highWaterMark: 0 },
  )
  const fetch = (): Promise<Response> =>
    Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }))
  const events = connect({ fetch }).client.events()
  expect([await next(events), pulled]).toEqual([{ type: 'open' }, 0])
  for (const jobId of ['1', '2', '3']) expect([await next(events), pulled]).toEqual([{ type: 'job', jobId }, +jobId])
  await events.return()
})
