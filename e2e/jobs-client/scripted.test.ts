/** The client against a server whose every answer the test chooses: retries, waits, timeouts, errors. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  Dispatch,
  DispatchApiError,
  DispatchConnectionError,
  DispatchTimeoutError,
  type DispatchOptions,
  type NewJob,
} from '../../dispatch-client/src/index.js'
import {
  startReceiver,
  type ReceivedRequest,
  type Receiver,
  type Reply,
} from '../../dispatch-backend/src/testing/receiver.js'

const KEY = 'sk_test'
const JOB = { title: 't', webhookUrl: 'https://example.com/', fireAt: '2031-06-13T09:30:00Z' } satisfies NewJob
const ID = '3f6c2b8e-7a41-4c9d-9b21-d5a0c3e8f612'

let server: Receiver
beforeEach(async () => {
  server = await startReceiver()
})
afterEach(() => server.close())

/** Waits are noted instead of slept; timeouts are real. */
function connect(options: Partial<DispatchOptions> = {}): { client: Dispatch; waits: number[] } {
  const waits: number[] = []
  const timeoutMs = options.timeoutMs ?? 10_000
  const clock = {
    nowMs: () => Date.UTC(2030, 0, 1),
    after(delayMs: number, run: () => void) {
      if (delayMs !== timeoutMs) waits.push(delayMs)
      const timer = setTimeout(run, delayMs === timeoutMs ? delayMs : 0)
      return () => clearTimeout(timer)
    },
  }
  const client = new Dispatch({ url: server.url, apiKey: KEY, ...options, timeoutMs }, { clock, random: () => 0.5 })
  return { client, waits }
}

const good = (data: unknown): Reply => ({ body: JSON.stringify({ status: true, message: 'ok', data }) })
function bad(status: number, code: string, headers: Record<string, string> = {}): Reply {
  const body = JSON.stringify({ status: false, message: 'No', data: null })
  return { status, body, headers: { 'x-error-code': code, 'x-request-id': 'req-1', ...headers } }
}

function answer(...replies: readonly Reply[]): void {
  server.respond((_request, index) => replies[Math.min(index, replies.length - 1)]!)
}

const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'no failure',
    (error: unknown) => error,
  )
const sent = ({ rawBody, headers }: ReceivedRequest): string =>
  `${String(headers['idempotency-key'])} ${rawBody.toString()}`

test('a call carries the key; each one an Idempotency-Key of its own', async () => {
  answer(good({ id: ID }))
  const { client } = connect()
  expect(await client.schedule(JOB)).toEqual({ id: ID })
  await client.schedule(JOB)
  await client.schedule(JOB, { idempotencyKey: 'order-1' })
  const keys = server.requests.map(({ headers }) => headers['idempotency-key'])
  expect(new Set(keys).size).toBe(3)
  expect(keys[2]).toBe('order-1')
  const headers = { 'x-api-key': KEY, 'content-type': 'application/json' }
  expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/api/v1/jobs', headers })
})

test.each<[string, Reply]>([
  ['busy', bad(503, 'BUSY')],
  ['too many', bad(429, 'RATE_LIMITED')],
  ['a proxy without a server', { status: 502, body: '<html>' }],
  ['reset', { reset: true }],
  ['no answer', { hang: true }],
])('tried again after: %s; with the same bytes and the same Idempotency-Key', async (_what, reply) => {
  answer(reply, good({ id: ID }))
  const { client, waits } = connect('hang' in reply ? { timeoutMs: 3_000 } : {})
  expect(await client.schedule({ ...JOB, fireAt: { inMs: 5_000 } })).toEqual({ id: ID })
  const [first, second, ...others] = server.requests.map(sent)
  expect(second).toBe(first)
  expect(first).toContain('"fireAt":"2030-01-01T00:00:05.000Z"')
  expect(others).toEqual([])
  expect(waits).toEqual([188])
})

test.each([
  [400, 'VALIDATION'],
  [401, 'API_KEY_INVALID'],
  [409, 'IDEMPOTENCY_CONFLICT'],
  [413, 'BODY_TOO_LARGE'],
  [500, 'INTERNAL'],
])('%i %s is final, and says what to do', async (status, code) => {
  answer(bad(status, code))
  const error = await failure(connect().client.schedule(JOB))
  expect(error).toBeInstanceOf(DispatchApiError)
  expect(error).toMatchObject({ name: 'DispatchApiError', status, code, requestId: 'req-1' })
  expect(String(error)).toContain(`No (${status} ${code})`)
  expect(server.requests).toHaveLength(1)
})

test('what took the database too long is not asked again', async () => {
  answer(bad(503, 'QUERY_TOO_SLOW'))
  expect(await failure(connect().client.listPage())).toMatchObject({ status: 503, code: 'QUERY_TOO_SLOW' })
  expect(server.requests).toHaveLength(1)
})

test('waits double from a quarter of a second, and end after the retries that were asked for', async () => {
  answer(bad(503, 'BUSY'))
  const { client, waits } = connect({ retries: 7 })
  expect(await failure(client.get(ID))).toMatchObject({ code: 'BUSY' })
  expect(waits).toEqual([188, 375, 750, 1500, 3000, 6000, 6000])
  expect(await failure(connect({ retries: 0 }).client.get(ID))).toMatchObject({ code: 'BUSY' })
  expect(server.requests).toHaveLength(9)
})

test.each([
  ['7', [7_125]],
  [new Date(Date.UTC(2030, 0, 1, 0, 0, 9)).toUTCString(), [9_125]],
  ['60', [60_125]],
  ['61', []],
  ['soon', [188]],
])('Retry-After: %s is honoured up to a minute', async (header, expected) => {
  answer(bad(429, 'RATE_LIMITED', { 'retry-after': header }), good({ id: ID }))
  const { client, waits } = connect()
  const result = await failure(client.get(ID))
  expect(waits).toEqual(expected)
  if (expected.length === 0) expect(result).toMatchObject({ status: 429, retryAfterMs: 61_000 })
})

test('nobody there, no answer in time, and something else there are told apart, in words', async () => {
  answer({ hang: true })
  const slow = await failure(connect({ timeoutMs: 50, retries: 0 }).client.get(ID))
  expect(slow).toBeInstanceOf(DispatchTimeoutError)
  expect(String(slow)).toMatch(/did not answer within 50 ms/)
  server.respond({ body: 'hello' })
  const other = await failure(connect().client.get(ID))
  expect(other).toMatchObject({ code: 'UNKNOWN', status: 200 })
  expect(String(other)).toMatch(/Something else than Dispatch answered \(HTTP 200\); check url/)
  await server.close()
  const { client, waits } = connect()
  const nobody = await failure(client.get(ID))
  expect(nobody).toBeInstanceOf(DispatchConnectionError)
  expect(String(nobody)).toMatch(/Cannot reach Dispatch at http:\S+ \(.*ECONNREFUSED.*\); check that it runs/)
  expect(waits).toHaveLength(3)
  server = await startReceiver()
})

test('a body that stalls counts against the timeout', async () => {
  server.respond({ headers: { 'content-length': '100' }, body: '{' })
  expect(await failure(connect({ timeoutMs: 100, retries: 0 }).client.get(ID))).toBeInstanceOf(DispatchTimeoutError)
})

test('a redirect is not followed: it would hand over the key', async () => {
  answer({ status: 308, headers: { location: `${server.url}/elsewhere` } })
  expect(String(await failure(connect().client.get(ID)))).toContain(`redirects to ${server.url}/elsewhere; set url`)
  expect(server.requests).toHaveLength(1)
})

test('a cancel whose answer was lost is not reported as too late; any other is', async () => {
  const tooLate = bad(400, 'JOB_NOT_CANCELLABLE')
  answer({ reset: true }, tooLate, good({ id: ID, status: 'CANCELLED' }))
  const { client } = connect()
  await client.cancel(ID)
  expect(server.requests.map(({ method }) => method)).toEqual(['DELETE', 'DELETE', 'GET'])
  server.respond((_request, index) => [{ reset: true }, tooLate, good({ id: ID, status: 'SUCCESS' })][index - 3]!)
  expect(await failure(client.cancel(ID))).toMatchObject({ code: 'JOB_NOT_CANCELLABLE' })
  // 429 is judged before anything is done: no doubt, nothing to look up.
  server.respond((_request, index) => [bad(429, 'RATE_LIMITED'), tooLate][index - 6]!)
  expect(await failure(client.cancel(ID, { retrying: true }))).toMatchObject({ code: 'JOB_NOT_CANCELLABLE' })
  expect(server.requests).toHaveLength(8)
  expect(server.requests[7]?.path).toBe(`/api/v1/jobs/${ID}?retrying=true`)
})

test('an abort ends the call at once with its reason, before, during and between tries', async () => {
  const { client } = connect()
  const reason = new Error('enough')
  expect(await failure(client.get(ID, { signal: AbortSignal.abort(reason) }))).toBe(reason)
  expect(server.requests).toHaveLength(0)
  const during = new AbortController()
  server.respond(() => {
    during.abort(reason)
    return { hang: true }
  })
  expect(await failure(client.schedule(JOB, { signal: during.signal }))).toBe(reason)
  expect(server.requests).toHaveLength(1)
})

test('list goes through the pages, and shows no job twice when new ones move them', async () => {
  const job = (number: number): { id: string } => ({ id: String(number).padStart(4, '0') })
  const pages = [[9, 8, 7], [8, 7, 6], [5, 4, 3], [2]].map((page) => good({ jobs: page.map(job), pagination: {} }))
  answer(...pages)
  const seen: string[] = []
  for await (const { id } of connect().client.list({ status: 'DEAD', pageSize: 3 })) seen.push(id)
  expect(seen).toEqual([9, 8, 7, 6, 5, 4, 3, 2].map((number) => job(number).id))
  expect(server.requests.map(({ path }) => path)).toEqual(
    [1, 2, 3, 4].map((page) => `/api/v1/jobs?status=DEAD&page=${page}&limit=3`),
  )
})

test('payloadText is spliced in as it is; a value as JSON.stringify writes it', async () => {
  answer(good({ id: ID }))
  const { client } = connect()
  const payloadText = '{ "big": 12345678901234567890, "one": 1.0 }'
  await client.schedule({ ...JOB, payloadText })
  await client.schedule({ ...JOB, payload: { at: new Date(0) } })
  await client.schedule(JOB)
  const bodies = server.requests.map(({ rawBody }) => rawBody.toString())
  expect(bodies[0]).toBe(JSON.stringify(JOB).slice(0, -1) + `,"payload":${payloadText}}`)
  expect(JSON.parse(bodies[1]!)).toEqual({ ...JOB, payload: { at: '1970-01-01T00:00:00.000Z' } })
  expect(JSON.parse(bodies[2]!)).toEqual(JOB)
})

test.each<[RegExp, (client: Dispatch) => Promise<unknown>]>([
  [/^payloadText: /, (client) => client.schedule({ ...JOB, payloadText: '{}},"title":"x"' })],
  [/^payloadText: /, (client) => client.schedule({ ...JOB, payloadText: '{},"title":"x"' })],
  [/^payloadText: /, (client) => client.schedule({ ...JOB, payloadText: '[1]' })],
  [/^payload: .*payloadText/, (client) => client.schedule({ ...JOB, payload: { big: 1n } })],
  [
    /expected one of them/,
    (client) => client.schedule({ ...JOB, payload: {}, payloadText: '{}' } as unknown as NewJob),
  ],
  [/^fireAt: /, (client) => client.schedule({ ...JOB, fireAt: new Date('never') })],
  [/^fireAt: /, (client) => client.schedule({ ...JOB, fireAt: { inMs: NaN } })],
  [/^id: /, (client) => client.get('')],
  [/^id: /, (client) => client.cancel('..')],
  [/^id: /, (client) => client.get('a/../b')],
  [/./, (client) => client.schedule(JOB, { idempotencyKey: 'line\nbreak' })],
])('what cannot be sent is a TypeError, before anything is: %s', async (message, call) => {
  const error = await failure(call(connect().client))
  expect(error).toBeInstanceOf(TypeError)
  expect((error as Error).message).toMatch(message)
  expect(server.requests).toHaveLength(0)
})

test.each([
  [{ url: 'localhost:4000' }, /^url: .*got localhost:4000/],
  [{ url: undefined }, /^url: /],
  [{ apiKey: undefined }, /^apiKey: .*got nothing/],
  [{ apiKey: 'sk_1\n' }, /^apiKey: /],
  [{ timeoutMs: 0 }, /^timeoutMs: /],
  [{ retries: 1.5 }, /^retries: /],
])('an option that cannot be is told at once: %o', (options, message) => {
  const all = { url: 'http://localhost:4000', apiKey: KEY, ...options } as DispatchOptions
  expect(() => new Dispatch(all)).toThrow(message)
})

test.each(['/', '/api/v1', '/api/v1/', '/prefix/'])('url may end in %s', async (end) => {
  answer(good({ id: ID }))
  await connect({ url: `${server.url}${end}` }).client.get(ID)
  expect(server.requests[0]?.path).toBe(`${end === '/prefix/' ? '/prefix' : ''}/api/v1/jobs/${ID}`)
})
