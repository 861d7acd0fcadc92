import { afterEach, expect, test } from 'vitest'
import { systemClock } from './clock.js'
import { Events } from './events.js'
import { createLog, logEvents, type Log, type LogLevel } from './log.js'

let lines: string[] = []

afterEach(() => {
  lines = []
})

function log(level: LogLevel = 'DEBUG', pretty = false): Log {
  return createLog({ level, pretty, clock: { ...systemClock, wallMs: () => 1_000 }, write: (line) => lines.push(line) })
}

function entries(): Record<string, unknown>[] {
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('each level writes itself and what is graver', () => {
  const wanted = { CRITICAL: 1, ERROR: 2, WARNING: 3, INFO: 4, DEBUG: 5 }
  for (const [level, count] of Object.entries(wanted)) {
    lines = []
    const target = log(level as LogLevel)
    target.critical('a')
    target.error('b')
    target.warning('c')
    target.info('d')
    target.debug('e')
    expect(entries().map((entry) => entry['level'])).toEqual(Object.keys(wanted).slice(0, count))
  }
})

test('a line is one JSON object with time, level and words', () => {
  log().warning({ jobId: 'x' }, 'late')
  expect(entries()).toEqual([{ level: 'WARNING', time: '1970-01-01T00:00:01.000Z', jobId: 'x', msg: 'late' }])
})

test('at a terminal it is words, with the stack of an error and its cause', () => {
  const error = new Error('outer', { cause: new Error('inner') })
  log('DEBUG', true).error({ where: 'sweep', error }, 'unexpected')
  expect(lines[0]).toMatch(/^00:00:01\.000 ERROR unexpected where="sweep"\n {2}Error: outer\n/)
  expect(lines[0]).toMatch(/caused by\n {2}Error: inner/)
})

test.each([
  ['an API key', `sk_${'4f8a2c9b'.repeat(8)}`, '4f8a2c9b'],
  ['a signing secret', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'MfKQ9r8G'],
  ['a session token', 'eyJhbGciOiJIUzI1NiJ9.eyJzaWQiOiJhIn0.c2lnbmF0dXJl', 'c2lnbmF0dXJl'],
  ['credentials in a URL', 'connect mysql://dispatch:pass:w0rd@db/jobs failed', 'w0rd'],
])('%s never comes through, wherever it stands', (_what, text, telltale) => {
  for (const pretty of [false, true]) {
    log('DEBUG', pretty).error({ note: text, deep: { note: [text] }, error: new Error(text) }, text)
  }
  expect(lines).toHaveLength(2)
  expect(lines.join('')).not.toContain(telltale)
})

test('values under the names of secrets, payloads and bodies are cut', () => {
  const tell = 'telltale'
  log().info({ password: tell, job: { payload: { a: tell }, body: tell }, key: tell, authorization: tell }, 'x')
  expect(lines.join('')).not.toContain(tell)
})

test('of a database error only name, code, words and stack are kept', () => {
  const error = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'telltale', sql: 'telltale' })
  log().error({ error }, 'x')
  expect(entries()[0]?.['error']).toMatchObject({ name: 'Error', message: 'duplicate key', code: '23505' })
  expect(lines.join('')).not.toContain('telltale')
})

test('what engine and API announce is logged at the level of what has to be done about it', () => {
  const events = new Events()
  logEvents(events, log())
  const attempt = { jobId: 'j', attempt: 1, latenessMs: 1, durationMs: 2, responseCode: 500, error: 'HTTP 500' }
  events.emit('delivered', { ...attempt, outcome: 'delivered' })
  events.emit('delivered', { ...attempt, outcome: 'retry' })
  events.emit('delivered', { ...attempt, outcome: 'dead' })
  events.emit('delivered', { ...attempt, outcome: 'interrupted' })
  events.emit('armed', { count: 1 })
  events.emit('claimed', { asked: 2, got: 1, durationMs: 1 })
  events.emit('recorded', { count: 2, fenced: 0, durationMs: 1 })
  events.emit('recorded', { count: 2, fenced: 1, durationMs: 1 })
  events.emit('handedBack', { count: 1 })
  events.emit('released', { count: 1, dead: 0 })
  events.emit('purged', { count: 1 })
  events.emit('databaseAway', { during: 'claim', error: new Error('refused') })
  events.emit('databaseBack', { awayMs: 5 })
  events.emit('clockOffset', { offsetMs: 250 })
  events.emit('clockOffset', { offsetMs: -251 })
  events.emit('membership', { index: 0, count: 2 })
  const request = { requestId: 'r', method: 'POST', route: '/api/v1/jobs', durationMs: 1 }
  events.emit('answered', { ...request, status: 201 })
  events.emit('answered', { ...request, status: 404 })
  events.emit('answered', { ...request, status: 503 })
  events.emit('answered', { ...request, status: 500 })
  events.emit('answered', { ...request, route: '/api/v1/echo/:token', status: 599 })
  events.emit('answered', { ...request, route: '/healthz', status: 200 })
  events.emit('unexpected', { where: 'loop', error: new Error('bug') })
  expect(entries().map((entry) => entry['level'])).toEqual(
    ['DEBUG', 'INFO', 'WARNING', 'WARNING', 'DEBUG', 'DEBUG', 'DEBUG', 'WARNING', 'INFO', 'WARNING', 'DEBUG'].concat([
      'ERROR',
      'WARNING',
      'DEBUG',
      'WARNING',
      'INFO',
      'INFO',
      'INFO',
      'WARNING',
      'ERROR',
      'INFO',
      'DEBUG',
      'ERROR',
    ]),
  )
  expect(entries()[2]).toMatchObject(attempt)
  expect(entries()[16]).toMatchObject({ requestId: 'r', method: 'POST', route: '/api/v1/jobs', status: 201 })
})

test('at a terminal nothing that others sent moves the cursor or forges a line', () => {
  const hostile = 'a\u001b[2J\u009b1mb\r\nERROR forged\u2028\u202ec'
  log('DEBUG', true).warning({ title: hostile, error: new Error(hostile) }, hostile)
  const [text = ''] = lines
  // Line breaks between lines are ours: the stack of an error is split at its own, and indented.
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u202e]/u)
  expect(text).toContain(String.raw`a\u001b[2J\u009b1mb\u000d\u000aERROR forged\u2028\u202ec`)
  expect(text).not.toMatch(/^ERROR/m)
})
