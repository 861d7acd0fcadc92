import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../clock.js'
import { createRateLimiter, type RateLimiter, type RateLimitRule } from './rate-limiter.js'

const WINDOW_MS = 60_000

const rule = (limit: number): RateLimitRule => ({ name: 'test', limit, windowMs: WINDOW_MS })

/** How long one has to wait after trying to take one. */
async function waitOf(limiter: RateLimiter, key: string): Promise<number> {
  return (await limiter.take(key)).waitMs
}

function clockAt(): Clock & { nowMs: number } {
  return {
    ...systemClock,
    nowMs: 1000,
    monotonicMs() {
      return this.nowMs
    },
  }
}

describe('createRateLimiter', () => {
  it('lets the whole limit through at once, then one per share of the window', async () => {
    const clock = clockAt()
    const limiter = createRateLimiter(rule(3), clock)
    expect([await waitOf(limiter, 'a'), await waitOf(limiter, 'a'), await waitOf(limiter, 'a')]).toEqual([0, 0, 0])
    expect(await waitOf(limiter, 'a')).toBeCloseTo(20_000)
    expect(await waitOf(limiter, 'b')).toBe(0)
    clock.nowMs += 20_000
    expect(await waitOf(limiter, 'a')).toBe(0)
    expect(await waitOf(limiter, 'a')).toBeCloseTo(20_000)
  })

  it('tells what is left and when it will be whole', async () => {
    const clock = clockAt()
    const limiter = createRateLimiter(rule(3), clock)
    expect(await limiter.take('a')).toEqual({ limit: 3, remaining: 2, wholeInMs: 20_000, waitMs: 0 })
    await limiter.take('a')
    expect(await limiter.take('a')).toEqual({ limit: 3, remaining: 0, wholeInMs: 60_000, waitMs: 0 })
    clock.nowMs += 5_000
    expect(await limiter.take('a')).toEqual({ limit: 3, remaining: 0, wholeInMs: 55_000, waitMs: 15_000 })
  })

  it('takes back', async () => {
    const limiter = createRateLimiter(rule(1), clockAt())
    expect(await waitOf(limiter, 'a')).toBe(0)
    await limiter.giveBack('a')
    expect(await waitOf(limiter, 'a')).toBe(0)
    expect(await waitOf(limiter, 'a')).toBeGreaterThan(0)
  })

  it('is off at 0', async () => {
    const limiter = createRateLimiter(rule(0), clockAt())
    for (let index = 0; index < 1000; index += 1) expect(await limiter.take('a')).toMatchObject({ limit: 0, waitMs: 0 })
  })

  it('never lets through more than twice the limit in any window, nor less than the limit in a quiet one', async () => {
    const steps = fc.array(fc.nat(5_000), { minLength: 1, maxLength: 300 })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 50 }), steps, async (limit, pauses) => {
        const clock = clockAt()
        const limiter = createRateLimiter(rule(limit), clock)
        const passed: number[] = []
        let left = limit
        for (const pause of pauses) {
          clock.nowMs += pause
          const { waitMs, remaining } = await limiter.take('a')
          // What it said is left must be what is left, as long as no time passes.
          if (pause === 0) expect(waitMs === 0).toBe(left > 0)
          left = remaining
          if (waitMs === 0) passed.push(clock.nowMs)
        }
        expect(passed.length).toBeGreaterThanOrEqual(Math.min(limit, pauses.length))
        for (const from of passed) {
          const inWindow = passed.filter((at) => at >= from && at < from + WINDOW_MS)
          expect(inWindow.length).toBeLessThanOrEqual(2 * limit)
        }
      }),
    )
  })
})
