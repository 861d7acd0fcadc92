/**
 * The log: JSON lines, or words when a person watches. It listens to `Events`; the engine does not know it. What it writes
 * never holds secrets, keys, payloads or bodies: events do not carry them, errors are reduced to their words, and what still
 * looks like a secret is blotted out of each line.
 */
import { pino, type Logger } from 'pino'
import { formatInstant, type Clock } from './clock.js'
import { ECHO_PATH } from './delivery/own-echo.js'
import type { DispatchEvents, Events } from './events.js'

export type LogLevel = 'CRITICAL' | 'ERROR' | 'WARNING' | 'INFO' | 'DEBUG'
export type Log = Logger<'critical' | 'error' | 'warning' | 'info' | 'debug', true>

export interface LogOptions {
  readonly level: LogLevel
  readonly clock: Clock
  /** Takes whole lines, with their line break. */
  readonly write: (line: string) => void
  /** For a person at a terminal. */
  readonly pretty: boolean
}

const LEVELS = { critical: 60, error: 50, warning: 40, info: 30, debug: 20 } as const

/** Over this, each replica's clock is worth a look (design: 250 ms). */
const CLOCK_OFFSET_WARNING_MS = 250

export function createLog({ level, clock, write, pretty }: LogOptions): Log {
  const options = {
    level: level.toLowerCase(),
    customLevels: LEVELS,
    useOnlyCustomLevels: true,
    base: null,
    timestamp: () => `,"time":"${formatInstant(clock.wallMs())}"`,
    formatters: { level: (label: string) => ({ level: label.toUpperCase() }) },
    serializers: { error: describeError },
    redact: { paths: SECRET_PATHS, censor: '***' },
  } as const
  return pino<keyof typeof LEVELS, true>(options, {
    write: (line: string) => write(blot(pretty ? prettyLine(line) : line)),
  })
}

/** Names under which a secret or a customer's data would come, should one ever be handed to the log. */
const SECRET_NAMES = [
  'password',
  'secret',
  'token',
  'key',
  'apiKey',
  'authorization',
  'payload',
  'body',
  'responseBody',
]
const SECRET_PATHS = SECRET_NAMES.flatMap((name) => [name, `*.${name}`])

/** API keys, signing secrets, session tokens, credentials within a URL. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/\bsk_[0-9a-f]{16,}/gi, 'sk_***'],
  [/\bwhsec_[A-Za-z0-9+/=_-]{8,}/g, 'whsec_***'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '(token)'],
  [/(:\/\/[^\s:@/"]*):[^\s@"]+@/g, '$1:***@'],
]

function blot(line: string): string {
  return SECRET_TEXTS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line)
}

/**
 * Name, code, words and stack of an error and its causes. Everything else is left out: database drivers hang statements and
 * row values on theirs.
 */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : `a ${typeof error} was thrown`
  const code = 'code' in error && ['string', 'number'].includes(typeof error.code) ? { code: error.code } : {}
  const cause = error.cause !== undefined && depth < 3 ? { cause: describeError(error.cause, depth + 1) } : {}
  return { name: error.name, message: error.message, ...code, stack: error.stack, ...cause }
}

/** `09:30:00.004 WARNING message name=value`. */
function prettyLine(line: string): string {
  const { time, level, msg, error, ...rest } = JSON.parse(line) as Record<string, unknown>
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const head = [String(time).slice(11, 23), level, msg, ...fields].join(' ')
  return `${[head, ...stackLines(error)].map(escapeControls).join('\n  ')}\n`
}

/** What others sent must not move the cursor, clear the screen or forge a line. */
function escapeControls(line: string): string {
  return line.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

function stackLines(error: unknown): string[] {
  if (typeof error === 'string') return [error]
  if (typeof error !== 'object' || error === null) return []
  const own = 'stack' in error ? String(error.stack).split('\n') : []
  return 'cause' in error ? [...own, 'caused by', ...stackLines(error.cause)] : own
}

/** Writes what engine and API announce: what needs a person as a warning or error, the rest as info or debug. */
export function logEvents(events: Events, log: Log): void {
  logDeliveries(events, log)
  logDatabase(events, log)
  logMail(events, log)
  events.on('answered', (event) => log[answerLevel(event)](event, 'answered'))
  events.on('membership', (event) => log.info(event, 'replicas changed'))
  events.on('clockOffset', (event) => {
    const far = Math.abs(event.offsetMs) > CLOCK_OFFSET_WARNING_MS
    log[far ? 'warning' : 'debug'](event, "this machine's clock differs from the database's")
  })
  events.on('unexpected', (event) => log.error(event, 'unexpected failure; the work goes on'))
}

/** Asked every few seconds by supervisors and collectors: not worth a line while all is well. */
const PROBES: readonly string[] = ['/healthz', '/readyz', '/api/v1/healthcheck', '/metrics']

/** It answers what it was told to; a bug in it is an unexpected failure besides. */
const ECHO_ROUTE = `${ECHO_PATH}:token`

/** A caller's mistakes are the caller's; ours are a bug (500), or pass (503). */
function answerLevel({ route, status }: DispatchEvents['answered']): 'debug' | 'info' | 'warning' | 'error' {
  if (status >= 500 && route !== ECHO_ROUTE) return status === 503 ? 'warning' : 'error'
  return status < 400 && PROBES.includes(route) ? 'debug' : 'info'
}

function logDeliveries(events: Events, log: Log): void {
  const levels = { delivered: 'debug', retry: 'info', dead: 'warning', interrupted: 'warning' } as const
  const words = {
    delivered: 'delivered',
    retry: 'attempt failed, will be retried',
    dead: 'job is dead: its last attempt failed',
    interrupted: 'attempt interrupted, will be sent again',
  } as const
  events.on('delivered', ({ outcome, ...event }) => log[levels[outcome]](event, words[outcome]))
  events.on('created', (event) => log.debug(event, 'created'))
  events.on('armed', (event) => log.debug(event, 'armed'))
  events.on('claimed', (event) => log.debug(event, 'claimed'))
  events.on('recorded', (event) => {
    const { fenced } = event
    log[fenced > 0 ? 'warning' : 'debug'](event, fenced > 0 ? 'recorded; some claims were no longer ours' : 'recorded')
  })
  events.on('handedBack', (event) => log.info(event, 'unsent claims handed back'))
  events.on('released', (event) => log.warning(event, 'claims of a dead process released'))
  events.on('purged', (event) => log.debug(event, 'purged'))
  events.on('manyFinished', (event) => {
    const advice = 'RETENTION_SUCCESS_DAYS and RETENTION_FAILED_DAYS have old ones deleted'
    log.warning(event, `finished jobs are kept for ever, and there are many; ${advice}`)
  })
}

function logMail(events: Events, log: Log): void {
  events.on('mailed', (event) => log.info(event, 'mail sent'))
  events.on('mailFailed', ({ willRetry, ...event }) => {
    if (willRetry) log.warning(event, 'mail could not be sent; it will be tried again')
    else log.error(event, 'mail could not be sent and was given up')
  })
}

function logDatabase(events: Events, log: Log): void {
  events.on('databaseAway', ({ during, error }) => log.error({ during, error }, 'the database does not answer'))
  events.on('databaseBack', (event) => log.warning(event, 'the database answers again'))
  events.on('redisAway', (event) => log.warning(event, 'Redis does not answer: each process limits rates by itself'))
  events.on('redisBack', (event) => log.warning(event, 'Redis answers again: rate limits are shared'))
}
