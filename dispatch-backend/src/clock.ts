/**
 * The one module that may touch `Date` and timers (a lint rule holds it). Everything else is handed a `Clock`, so tests
 * and the simulation can own time. Instants are integer UTC epoch milliseconds; durations are milliseconds.
 */

import { uptime } from 'node:os'
import { onAbort } from './abort.js'

/** A timer that has been set; `cancel` is safe to call at any time and more than once. */
export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Wall-clock UTC epoch milliseconds. It may step in either direction. */
  wallMs(): number
  /** Milliseconds from an arbitrary start; never goes back, keeps counting while the wall clock steps. */
  monotonicMs(): number
  /**
   * Milliseconds since the machine started, those it was suspended for included: what `monotonicMs` may leave out. In steps
   * of 10 ms on Linux, of a second on macOS.
   */
  uptimeMs(): number
  /** Calls `run` once, at least `delayMs` from now (0 = the next turn of the event loop). Never keeps the process alive when `unref`. */
  setTimer(delayMs: number, run: () => void, options?: { unref?: boolean }): Timer
  /** Resolves after `delayMs`, or at once when `signal` aborts (it never rejects). */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>
}

/** Node's timers fire at once for delays over 2^31 - 1 ms; no caller of ours may rely on one that long. */
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * A reading costs some microseconds, so those of one millisecond share it. A suspension in between is missed, as is one
 * right after a reading.
 */
const UPTIME_SHARED_MS = 1
let uptimeRead = { atMs: -Infinity, uptimeMs: 0 }

function sharedUptimeMs(): number {
  const atMs = performance.now()
  if (atMs - uptimeRead.atMs >= UPTIME_SHARED_MS) uptimeRead = { atMs, uptimeMs: uptime() * 1000 }
  return uptimeRead.uptimeMs
}

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  uptimeMs: sharedUptimeMs,
  setTimer(delayMs, run, options) {
    if (delayMs <= 0 && !options?.unref) {
      const immediate = setImmediate(run)
      return { cancel: () => clearImmediate(immediate) }
    }
    const timeout = setTimeout(run, Math.min(delayMs, MAX_TIMER_MS))
    if (options?.unref) timeout.unref()
    return { cancel: () => clearTimeout(timeout) }
  },
  sleep(delayMs, signal) {
    return sleepOn(this, delayMs, signal)
  },
}

/** `Clock.sleep` in terms of `setTimer`, for any clock. */
export function sleepOn(clock: Pick<Clock, 'setTimer'>, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve()
      return
    }
    const timer = clock.setTimer(delayMs, finish)
    const leave = signal && onAbort(signal, finish)
    function finish(): void {
      timer.cancel()
      leave?.()
      resolve()
    }
  })
}

/** `2031-02-28T09:30:00.004Z`: how every instant is written on the wire. */
export function formatInstant(epochMs: number): string {
  return new Date(epochMs).toISOString()
}

/** UTC epoch milliseconds of a calendar date that the caller has already checked (V8 would roll 30 February over). */
export function utcEpochMs(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second, 0)
  return date.getTime()
}
