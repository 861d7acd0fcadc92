import { performance } from 'node:perf_hooks'

const ROUNDS = 15
const TRIES = 8
/** Below this ratio there is nothing to be seen over a network. */
const ALIKE = 1.3

/**
 * How many times as long the slower of two actions takes, by the medians of many runs in turns. A busy machine can only
 * make them look less alike: so it is measured again, and the smallest ratio counts.
 */
export async function compareMedians(one: () => Promise<unknown>, other: () => Promise<unknown>): Promise<number> {
  let best = Infinity
  for (let attempt = 0; attempt < TRIES && best > ALIKE; attempt += 1) {
    const times: [number[], number[]] = [[], []]
    for (let round = 0; round < ROUNDS; round += 1) {
      times[0].push(await timed(one))
      times[1].push(await timed(other))
    }
    const [a, b] = [median(times[0]), median(times[1])]
    best = Math.min(best, Math.max(a, b) / Math.min(a, b))
  }
  return best
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await run()
  return performance.now() - startedAt
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}
