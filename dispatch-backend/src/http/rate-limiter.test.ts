import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../clock.js'
import { createRateLimiter } from './rate-limiter.js'

const WINDOW_MS = 60_000

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
  it('lets the whole limit through at once, then one per share of the window', () => {
    const clock = clockAt()
    const limiter = createRateLimiter(3, WINDOW_MS, clock)
    expect([1, 2, 3].map(() => limiter.take('a'))).toEqual([0, 0, 0])
    expect(limiter.take('a')).toBeCloseTo(20_000)
    expect(limiter.take('b')).toBe(0)
    clock.nowMs += 20_000
    expect(limiter.waitMs('a')).toBeCloseTo(0)
    expect(limiter.take('a')).toBe(0)
    expect(limiter.take('a')).toBeCloseTo(20_000)
  })

  it('takes back', () => {
    const limiter = createRateLimiter(1, WINDOW_MS, clockAt())
    expect(limiter.take('a')).toBe(0)
    void limiter.giveBack('a')
    expect(limiter.take('a')).toBe(0)
    expect(limiter.take('a')).toBeGreaterThan(0)
  })

  it('is off at 0', () => {
    const limiter = createRateLimiter(0, WINDOW_MS, clockAt())
    for (let index = 0; index < 1000; index += 1) expect(limiter.take('a')).toBe(0)
  })

  it('never lets through more than twice the limit in any window, nor less than the limit in a quiet one', () => {
    const steps = fc.array(fc.nat(5_000), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), steps, (limit, pauses) => {
        const clock = clockAt()
        const limiter = createRateLimiter(limit, WINDOW_MS, clock)
        const passed: number[] = []
        for (const pause of pauses) {
          clock.nowMs += pause
          if (limiter.take('a') === 0) passed.push(clock.nowMs)
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
