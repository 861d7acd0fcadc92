import { describe, expect, it } from 'vitest'
import { simulate } from './simulation.js'

const SEEDS = 1_000
const PER_TEST = 100

describe('the engine in a simulated world', () => {
  const shards = Array.from({ length: SEEDS / PER_TEST }, (_, shard) => shard * PER_TEST + 1)

  it.each(shards)('keeps its promises for a hundred seeds from %i', async (first) => {
    let sendings = 0
    for (let seed = first; seed < first + PER_TEST; seed += 1) {
      const result = await simulate(seed)
      sendings += result.sendings
      expect(result.broken, `seed ${seed}; replay: npm run simulate -- 1 ${seed}`).toEqual([])
    }
    expect(sendings).toBeGreaterThan(PER_TEST)
  })

  it('runs the same way for the same seed', async () => {
    expect(await simulate(4_711)).toEqual(await simulate(4_711))
  })
})
