import fc from 'fast-check'
import { expect, test } from 'vitest'
import { afterFailure } from './retry-policy.js'

const DEFAULT = { maxAttempts: 3, delaysMs: [30_000, 60_000, 300_000] }

test('the documented clock: 30 s, 1 min, dead at the third failure', () => {
  expect([0, 1, 2].map((retryCount) => afterFailure({ retryCount, failedAtMs: 1_000 }, DEFAULT))).toEqual([
    { dead: false, retryAtMs: 31_000 },
    { dead: false, retryAtMs: 61_000 },
    { dead: true },
  ])
})

test('the last delay repeats', () => {
  const policy = { ...DEFAULT, maxAttempts: 10 }
  expect(afterFailure({ retryCount: 2, failedAtMs: 0 }, policy)).toEqual({ dead: false, retryAtMs: 300_000 })
  expect(afterFailure({ retryCount: 8, failedAtMs: 0 }, policy)).toEqual({ dead: false, retryAtMs: 300_000 })
  expect(afterFailure({ retryCount: 9, failedAtMs: 0 }, policy)).toEqual({ dead: true })
})

const policies = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 30 }),
  delaysMs: fc.array(fc.nat({ max: 86_400_000 }), { maxLength: 8 }),
})

test('a job that only fails is attempted exactly maxAttempts times, never before its pause is over', () => {
  fc.assert(
    fc.property(policies, fc.nat({ max: 2 ** 41 }), (policy, startMs) => {
      let attempts = 1
      let nowMs = startMs
      for (let retryCount = 0; ; retryCount += 1, attempts += 1) {
        const next = afterFailure({ retryCount, failedAtMs: nowMs }, policy)
        if (next.dead) break
        const pauses = policy.delaysMs
        expect(next.retryAtMs - nowMs).toBe(pauses.length === 0 ? 0 : pauses[Math.min(retryCount, pauses.length - 1)])
        nowMs = next.retryAtMs
      }
      expect(attempts).toBe(policy.maxAttempts)
    }),
  )
})

test('a job with more failures than the policy allows (it was lowered meanwhile) is dead', () => {
  fc.assert(
    fc.property(policies, fc.nat({ max: 50 }), (policy, beyond) => {
      const failure = { retryCount: policy.maxAttempts - 1 + beyond, failedAtMs: 0 }
      expect(afterFailure(failure, policy)).toEqual({ dead: true })
    }),
  )
})
