import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeSketches, quantileMs, sketchOf } from './lateness-sketch.js'

const lateness = fc.array(fc.integer({ min: 0, max: 86_400_000 }), { minLength: 1, maxLength: 200 })

/** By nearest rank. */
function trueQuantile(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(1, Math.ceil(quantile * sorted.length)) - 1]!
}

describe('lateness sketch', () => {
  it('is true to 5 %, and to a millisecond, at every percentile', () => {
    fc.assert(
      fc.property(lateness, fc.constantFrom(0, 0.5, 0.9, 0.99, 1), (values, quantile) => {
        const expected = trueQuantile(values, quantile)
        const found = quantileMs(sketchOf(values), quantile)!
        expect(Math.abs(found - expected)).toBeLessThanOrEqual(Math.max(0.5, expected * 0.05 + 0.5))
      }),
    )
  })

  it('is the same merged as counted at once', () => {
    fc.assert(
      fc.property(lateness, lateness, (a, b) => {
        expect(mergeSketches([sketchOf(a), sketchOf(b)])).toEqual(sketchOf([...a, ...b]))
      }),
    )
  })

  it('of nothing has no percentiles', () => {
    expect(quantileMs(sketchOf([]), 0.5)).toBeNull()
    expect(mergeSketches([])).toEqual({ counts: {}, maxMs: null })
  })

  it('tells zero apart, and never answers more than the greatest value', () => {
    expect(quantileMs(sketchOf([0, 0, 0, 7]), 0.5)).toBe(0)
    expect(quantileMs(sketchOf([1]), 0.99)).toBe(1)
    expect(quantileMs(sketchOf([0, 100_003]), 1)).toBeLessThanOrEqual(100_003)
  })
})
