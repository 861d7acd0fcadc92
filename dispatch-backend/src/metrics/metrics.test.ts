import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatInstant, systemClock } from '../clock.js'
import { loadConfig } from '../config.js'
import { Events } from '../events.js'
import { createLog } from '../log.js'
import { startServer, type Server } from '../server.js'
import { DatabaseAwayError } from '../store/store.js'
import { startReceiver, type Receiver } from '../testing/receiver.js'
import { createMetrics } from './metrics.js'

const TOKEN = 'a token of enough length'

let folder: string
let receiver: Receiver
let server: Server | undefined
let events: Events
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dispatch-metrics-'))
  receiver = await startReceiver()
  events = new Events()
})
afterEach(async () => {
  await server?.stop(1_000)
  server = undefined
  await receiver.close()
  await rm(folder, { recursive: true, force: true })
})

async function start(env: Record<string, string>): Promise<Server> {
  const standard = {
    PORT: '0',
    DATABASE_URL: `sqlite://${join(folder, 'dispatch.db')}`,
    ALLOW_PRIVATE_WEBHOOKS: 'true',
  }
  const config = await loadConfig({ env: { ...standard, ...env }, root: folder, files: [] })
  const log = createLog({ level: 'CRITICAL', clock: systemClock, write: () => undefined, pretty: false })
  server = await startServer(config, { clock: systemClock, events, log, version: '1.2.3' })
  return server
}

function send(path: string, body: object, headers: Record<string, string>): Promise<Response> {
  return fetch(`${server?.url ?? ''}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

async function post(path: string, body: object, headers: Record<string, string>): Promise<{ [name: string]: string }> {
  const answer = await send(path, body, headers)
  expect(answer.status).toBe(201)
  return ((await answer.json()) as { data: { [name: string]: string } }).data
}

/** Soon; later where a machine that stalls has it refused because its time has passed. */
async function schedule(title: string, key: Record<string, string>): Promise<void> {
  for (let leadMs = 300; ; leadMs *= 2) {
    const dueAtMs = systemClock.wallMs() + leadMs
    const body = { title, webhookUrl: `${receiver.url}/${title}`, fireAt: formatInstant(dueAtMs) }
    const answer = await send('/jobs', body, key)
    if (answer.status === 201) return
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('in the future')])
    expect(systemClock.wallMs(), 'refused although there was time').toBeGreaterThanOrEqual(dueAtMs)
  }
}

/** Registers, makes a project and a key. */
async function signUp(): Promise<{ 'x-api-key': string }> {
  const credentials = { email: 'ada@example.com', password: 'correct horse battery' }
  const { token } = await post('/auth/register', credentials, {})
  const bearer = { authorization: `Bearer ${String(token)}` }
  const project = await post('/projects', { name: 'production' }, bearer)
  const key = await post(`/projects/${String(project['id'])}/api-keys`, { label: 'CI' }, bearer)
  return { 'x-api-key': String(key['key']) }
}

function recorded(count: number): Promise<void> {
  let seen = 0
  return new Promise((resolve) =>
    events.on('delivered', () => {
      seen += 1
      if (seen === count) resolve()
    }),
  )
}

async function scrape(url: string, headers: Record<string, string> = {}): Promise<Map<string, number>> {
  const answer = await fetch(url, { headers })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

test('tell of real deliveries on a port of their own', async () => {
  const { metricsUrl = '' } = await start({ METRICS_PORT: '0', MAX_ATTEMPTS: '1' })
  const key = await signUp()
  receiver.respond((request) => ({ status: request.path === '/good' ? 200 : 500 }))
  const bothEnded = recorded(2)
  await schedule('good', key)
  await schedule('bad', key)
  await post('/jobs', { title: 'later', webhookUrl: `${receiver.url}/`, fireAt: '2999-01-01T00:00:00Z' }, key)
  await bothEnded
  const numbers = await scrape(metricsUrl)
  const expected = {
    'dispatch_attempts_total{outcome="delivered"}': 1,
    'dispatch_attempts_total{outcome="dead"}': 1,
    dispatch_attempt_lateness_seconds_count: 2,
    'dispatch_attempt_duration_seconds_count{outcome="delivered"}': 1,
    dispatch_create_batch_jobs_sum: 3,
    dispatch_claim_batch_jobs_sum: 2,
    dispatch_record_batch_attempts_sum: 2,
    dispatch_armed_jobs: 0,
    dispatch_attempts_in_flight: 0,
    dispatch_records_pending: 0,
    dispatch_backlog_jobs: 0,
    dispatch_backlog_oldest_seconds: 0,
    dispatch_database_away: 0,
    dispatch_replicas: 1,
    dispatch_unexpected_failures_total: 0,
    'dispatch_http_request_duration_seconds_count{method="POST",route="/api/v1/jobs",status="2xx"}': 3,
    'dispatch_build_info{version="1.2.3"}': 1,
  }
  expect(Object.fromEntries(Object.keys(expected).map((name) => [name, numbers.get(name)]))).toEqual(expected)
  // Neither early nor measured in another unit.
  const latenessSum = numbers.get('dispatch_attempt_lateness_seconds_sum') ?? NaN
  expect(latenessSum).toBeGreaterThanOrEqual(0)
  expect(latenessSum).toBeLessThan(20)
  expect(numbers.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000)
  expect(numbers.has('nodejs_eventloop_lag_p99_seconds')).toBe(true)
  expect([...numbers.keys()].join('\n')).not.toContain('127.0.0.1')
  expect((await fetch(`${server?.url ?? ''}/metrics`)).status).toBe(404)
  expect((await fetch(metricsUrl, { method: 'POST' })).status).toBe(405)
  expect((await fetch(metricsUrl.replace('/metrics', '/'))).status).toBe(404)
})

test('are on the port of the API for who has the token, and for nobody without one', async () => {
  const { metricsUrl = '', url } = await start({ METRICS_TOKEN: TOKEN })
  expect(metricsUrl).toBe(`${url}/metrics`)
  for (const authorization of [undefined, 'Bearer wrong', TOKEN, `Basic ${TOKEN}`, `Bearer ${TOKEN} x`]) {
    const answer = await fetch(metricsUrl, { headers: authorization === undefined ? {} : { authorization } })
    expect([answer.status, answer.headers.get('x-error-code')]).toEqual([401, 'METRICS_TOKEN_INVALID'])
  }
  const numbers = await scrape(metricsUrl, { authorization: `Bearer ${TOKEN}` })
  expect(numbers.get('dispatch_http_request_duration_seconds_count{method="GET",route="/metrics",status="4xx"}')).toBe(
    5,
  )
})

test('ask for the token on a port of their own too', async () => {
  const { metricsUrl = '' } = await start({ METRICS_PORT: '0', METRICS_TOKEN: TOKEN })
  const refused = await fetch(metricsUrl)
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
  expect((await scrape(metricsUrl, { authorization: `Bearer ${TOKEN}` })).get('dispatch_replicas')).toBe(1)
})

test('are off unless asked for', async () => {
  const { metricsUrl, url } = await start({})
  expect([metricsUrl, (await fetch(`${url}/metrics`)).status]).toEqual([undefined, 404])
})

test('say which setting to change when their port is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  await expect(start({ METRICS_PORT: String(port) })).rejects.toThrow(
    /is in use already.*Set METRICS_PORT to a free one/,
  )
  other.close()
  await once(other, 'close')
})

test('of the engine and the backlog are as they are now; an unknown backlog is absent, not zero', async () => {
  const engine = { armed: 3, inFlight: 2, recordsPending: 1, clockOffsetMs: 250, databaseAway: true }
  let read: () => Promise<{ dueAtMs: number }[]> = () => Promise.reject(new DatabaseAwayError('refused'))
  let aheadMs = 0
  const clock = {
    ...systemClock,
    wallMs: () => 1_000_000 + aheadMs,
    monotonicMs: () => aheadMs,
    // Whoever waits for the database waits in vain, without a test that takes as long.
    sleep: () => new Promise<void>((resolve) => setImmediate(resolve)),
  }
  const job = { id: '', projectId: '', endpoint: '', payloadBytes: 0 }
  const readDue = async () => ({ jobs: (await read()).map(({ dueAtMs }) => ({ ...job, dueAtMs })), next: undefined })
  const store = { readDue }
  const metrics = createMetrics({ events, clock, store, engineState: () => engine, version: '1' })
  const absent = await metrics.read()
  expect(absent).toMatch(/^dispatch_armed_jobs 3$/m)
  expect(absent).toMatch(/^dispatch_attempts_in_flight 2$/m)
  expect(absent).toMatch(/^dispatch_records_pending 1$/m)
  expect(absent).toMatch(/^dispatch_clock_offset_seconds 0\.25$/m)
  expect(absent).toMatch(/^dispatch_database_away 1$/m)
  expect(absent).not.toMatch(/^dispatch_backlog/m)

  read = () => Promise.resolve([{ dueAtMs: 990_000 }, { dueAtMs: 995_000 }])
  const late = await metrics.read()
  expect(late).toMatch(/^dispatch_backlog_jobs 2$/m)
  expect(late).toMatch(/^dispatch_backlog_oldest_seconds 10\.25$/m)

  read = () => new Promise(() => undefined)
  expect(await metrics.read()).toMatch(/^dispatch_backlog_jobs 2$/m)
  aheadMs = 10_000
  expect(await metrics.read()).not.toMatch(/^dispatch_backlog/m)
})

test('count what is announced', async () => {
  const engine = { armed: 0, inFlight: 0, recordsPending: 0, clockOffsetMs: 0, databaseAway: false }
  const store = { readDue: () => Promise.resolve({ jobs: [], next: undefined }) }
  const metrics = createMetrics({ events, clock: systemClock, store, engineState: () => engine, version: '1' })
  events.emit('claimed', { asked: 5, got: 3, durationMs: 4 })
  events.emit('recorded', { count: 2, fenced: 1, durationMs: 4 })
  events.emit('handedBack', { count: 2 })
  events.emit('released', { count: 3, dead: 1 })
  events.emit('purged', { count: 7 })
  events.emit('databaseAway', { during: 'claim', error: new Error('refused') })
  events.emit('membership', { index: 1, count: 4 })
  events.emit('mailed', { kind: 'registration', tries: 1 })
  events.emit('mailFailed', { kind: 'registration', tries: 1, error: 'refused', willRetry: true })
  events.emit('mailFailed', { kind: 'registration', tries: 9, error: 'refused', willRetry: false })
  events.emit('redisAway', { error: new Error('refused') })
  events.emit('unexpected', { where: 'here', error: new Error('bug') })
  events.emit('answered', { requestId: 'r', method: 'PROPFIND', route: 'unknown', status: 404, durationMs: 1 })
  const text = await metrics.read()
  for (const line of [
    'dispatch_claims_missed_total 2',
    'dispatch_claim_duration_seconds_bucket{le="0.005"} 1',
    'dispatch_claim_duration_seconds_bucket{le="0.002"} 0',
    'dispatch_records_fenced_total 1',
    'dispatch_claims_handed_back_total 2',
    'dispatch_claims_released_total{result="due"} 2',
    'dispatch_claims_released_total{result="dead"} 1',
    'dispatch_rows_purged_total 7',
    'dispatch_database_outages_total 1',
    'dispatch_replicas 4',
    'dispatch_mails_total{result="sent"} 1',
    'dispatch_mails_total{result="failed"} 1',
    'dispatch_mails_total{result="lost"} 1',
    'dispatch_redis_away 1',
    'dispatch_unexpected_failures_total 1',
    'dispatch_http_request_duration_seconds_count{method="other",route="unknown",status="4xx"} 1',
  ]) {
    expect(text.split('\n')).toContain(line)
  }
})
