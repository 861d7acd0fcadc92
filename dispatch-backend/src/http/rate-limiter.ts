/**
 * Rate limits in memory: so many per window and key, all at once if need be, then as the window gives them back (GCRA:
 * one number per key, the time at which its allowance is whole again). Our own rather than @fastify/rate-limit, because
 * one request meets several limits at different moments (address before authentication, key after it, account at
 * sign-in), some are given back, and time comes from the injected clock. Limits shared by replicas are another
 * implementation of `RateLimiter` (`shared-rate-limiter.ts`).
 */
import type { Clock } from '../clock.js'
import { LruMap } from '../lru-map.js'

export interface RateLimiter {
  /** Takes one if there is one; `waitMs` of the answer is 0 then. */
  take(key: string): Allowance | Promise<Allowance>
  /** Returns one that was taken. */
  giveBack(key: string): void | Promise<void>
}

export interface RateLimitRule {
  /** Tells the rules apart where they share a place. */
  readonly name: string
  /** 0 = no limit. */
  readonly limit: number
  readonly windowMs: number
}

export type CreateRateLimiter = (rule: RateLimitRule) => RateLimiter

/** What a key has left under a rule. */
export interface Allowance {
  /** 0 = no limit. */
  readonly limit: number
  /** How many may be taken at once now. */
  readonly remaining: number
  /** Milliseconds until it is whole again. */
  readonly wholeInMs: number
  /** Milliseconds until there will be one to take; 0 = there is, or was. */
  readonly waitMs: number
}

export const UNLIMITED: RateLimiter = {
  take: () => NO_LIMIT,
  giveBack: () => undefined,
}
const NO_LIMIT: Allowance = { limit: 0, remaining: 0, wholeInMs: 0, waitMs: 0 }

/** An entry is some 100 bytes. A stranger with more addresses than this is not to be stopped by counting them. */
const MAX_KEYS = 100_000

/** Counts in this process alone. */
export function createRateLimiter(rule: RateLimitRule, clock: Clock): RateLimiter {
  if (rule.limit === 0) return UNLIMITED
  const costMs = rule.windowMs / rule.limit
  const wholeAtMs = new LruMap<string, number>(MAX_KEYS)

  /** How long until the key's allowance is whole again. */
  function debtMs(key: string): number {
    return Math.max(0, (wholeAtMs.get(key) ?? 0) - clock.monotonicMs())
  }

  function owe(key: string, debt: number): void {
    wholeAtMs.set(key, clock.monotonicMs() + debt)
  }

  return {
    take(key) {
      const debt = debtMs(key)
      const allowance = allowanceOf(rule, debt)
      if (allowance.waitMs > 0) return allowance
      owe(key, debt + costMs)
      return Object.assign(allowanceOf(rule, debt + costMs), { waitMs: 0 })
    },
    giveBack: (key) => owe(key, debtMs(key) - costMs),
  }
}

/** A remainder below a thousandth of a millisecond is rounding. */
const ROUNDING_MS = 0.001

/** What is left when it takes `debtMs` until the allowance is whole. */
export function allowanceOf({ limit, windowMs }: RateLimitRule, debtMs: number): Allowance {
  const costMs = windowMs / limit
  const waitMs = debtMs + costMs - windowMs
  const remaining = Math.floor((windowMs - debtMs + ROUNDING_MS) / costMs)
  return { limit, remaining: Math.max(0, remaining), wholeInMs: debtMs, waitMs: waitMs > ROUNDING_MS ? waitMs : 0 }
}
