import { DispatchApiError, DispatchConnectionError, DispatchTimeoutError } from './errors.js'

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 8_000
/** A server that asks for more is left alone: the caller learns of it instead of waiting in the dark. */
const LONGEST_RETRY_AFTER_MS = 60_000

/** Too many requests; busy, stopping, or its database is away; and a proxy in front of a server that restarts. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504])

/**
 * How long to wait before retry number `retry` (from 0), or undefined when trying again is of no use. The wait doubles, is
 * drawn from its upper half so that many clients do not come back together, and is never shorter than `Retry-After`.
 *
 * @param random answers a number from 0 up to 1
 */
export function waitBeforeRetryMs(error: unknown, retry: number, random: () => number): number | undefined {
  return isPassing(error) ? waitMs(error, retry, random) : undefined
}

/**
 * The same for a stream that ended, by itself when `error` is undefined. It is to last for days: what goes wrong inside the
 * server passes, too.
 */
export function waitBeforeReconnectMs(error: unknown, failures: number, random: () => number): number | undefined {
  const isOurs = error instanceof DispatchApiError && error.status >= 500
  return error === undefined || isOurs || isPassing(error) ? waitMs(error, failures, random) : undefined
}

function waitMs(error: unknown, retry: number, random: () => number): number | undefined {
  const longestMs = Math.min(FIRST_WAIT_MS * 2 ** retry, LONGEST_WAIT_MS)
  const drawnMs = Math.round(longestMs * (0.5 + random() / 2))
  const askedMs = error instanceof DispatchApiError ? (error.retryAfterMs ?? 0) : 0
  if (askedMs > LONGEST_RETRY_AFTER_MS) return undefined
  return askedMs === 0 ? drawnMs : askedMs + Math.round(FIRST_WAIT_MS * random())
}

function isPassing(error: unknown): boolean {
  // The same question would keep the server's database busy for as long again.
  if (error instanceof DispatchApiError && error.code === 'QUERY_TOO_SLOW') return false
  if (error instanceof DispatchApiError) return PASSING_STATUSES.has(error.status)
  return error instanceof DispatchConnectionError || error instanceof DispatchTimeoutError
}

/** Whether the server may have done what was asked although this came back. 429 is judged before anything is done. */
export function leavesDoubt(error: unknown): boolean {
  return !(error instanceof DispatchApiError && error.status === 429)
}

/** Milliseconds from a `Retry-After` header: seconds, or an HTTP date. Null when there is none or it says nothing. */
export function parseRetryAfter(header: string | null, nowMs: number): number | null {
  if (header === null) return null
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000
  const atMs = Date.parse(header)
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs)
}
