/**
 * Rate limits in memory: so many per window and key, all at once if need be, then as the window gives them back (GCRA:
 * one number per key, the time at which its allowance is whole again). Our own rather than @fastify/rate-limit, because
 * one request meets several limits at different moments (address before authentication, key after it, account at
 * sign-in), some are given back, and time comes from the injected clock. Limits shared by replicas are another
 * implementation of `RateLimiter`.
 */
import type { Clock } from '../clock.js'
import { LruMap } from '../lru-map.js'

export interface RateLimiter {
  /** Takes one if there is one. Answers 0, or the milliseconds until there will be. */
  take(key: string): number | Promise<number>
  /** Milliseconds until there is one to take; 0 = now. */
  waitMs(key: string): number | Promise<number>
  /** Returns one that was taken. */
  giveBack(key: string): void | Promise<void>
}

/** An entry is some 100 bytes. A stranger with more addresses than this is not to be stopped by counting them. */
const MAX_KEYS = 100_000

/** `limit` per `windowMs` and key; a limit of 0 lets everything pass. */
export function createRateLimiter(limit: number, windowMs: number, clock: Clock): RateLimiter {
  if (limit === 0) return { take: () => 0, waitMs: () => 0, giveBack: () => undefined }
  const costMs = windowMs / limit
  const wholeAtMs = new LruMap<string, number>(MAX_KEYS)

  /** When the key's allowance would be whole again if nothing more were taken; never in the past. */
  function debtEnd(key: string): number {
    return Math.max(wholeAtMs.get(key) ?? 0, clock.monotonicMs())
  }

  function waitMs(key: string): number {
    return Math.max(0, debtEnd(key) + costMs - windowMs - clock.monotonicMs())
  }

  return {
    waitMs,
    take(key) {
      const wait = waitMs(key)
      // A remainder below a thousandth of a millisecond is rounding.
      if (wait > 0.001) return wait
      wholeAtMs.set(key, debtEnd(key) + costMs)
      return 0
    },
    giveBack(key) {
      wholeAtMs.set(key, debtEnd(key) - costMs)
    },
  }
}
