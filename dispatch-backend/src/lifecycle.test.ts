import { describe, expect, it } from 'vitest'
import { SimProcess, World } from './engine/simulation/world.js'
import { Loop } from './lifecycle.js'

function setup(run: (pass: number) => Promise<boolean | void>) {
  const world = new World(1)
  const { clock } = new SimProcess(world, { wallOffsetMs: 0 })
  const startedMs = world.nowMs
  const passes: number[] = []
  const errors: unknown[] = []
  const loop = new Loop({
    clock,
    everyMs: 1_000,
    random: () => 0.5,
    run: () => {
      passes.push(Math.round((world.nowMs - startedMs) / 100) * 100)
      return run(passes.length)
    },
    onError: (error) => errors.push(error),
  })
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  /** Until so long after the beginning; promises that wait for no time settle before and after. */
  const runFor = async (ms: number): Promise<void> => {
    await settle()
    await world.run(startedMs + ms, () => false)
    await settle()
  }
  return { loop, passes, errors, runFor }
}

describe('Loop', () => {
  it('runs at once and then every so often, and goes on after an error', async () => {
    const { loop, passes, errors, runFor } = setup((pass) =>
      pass === 2 ? Promise.reject(new Error('no')) : Promise.resolve(),
    )
    await loop.start()
    await loop.start()
    await runFor(3_500)
    expect(passes).toEqual([0, 1_000, 2_000, 3_000])
    expect(errors).toHaveLength(1)
    await loop.stop()
  })

  it('runs again at once after a full batch', async () => {
    const { loop, passes, runFor } = setup((pass) => Promise.resolve(pass < 4))
    await loop.start()
    await runFor(500)
    expect(passes).toEqual([0, 0, 0, 0])
    await loop.stop()
  })

  it('can be told to run soon, in a pause and in a pass', async () => {
    let finish: () => void = () => undefined
    const { loop, passes, runFor } = setup((pass) =>
      pass === 2 ? new Promise((done) => (finish = done)) : Promise.resolve(),
    )
    await loop.start()
    await runFor(300)
    loop.runSoon()
    await runFor(400)
    expect(passes).toHaveLength(2)
    loop.runSoon()
    finish()
    await runFor(500)
    expect(passes).toHaveLength(3)
    await loop.stop()
  })

  it('stops when the pass under way is done, twice, and before it was started', async () => {
    let finish: () => void = () => undefined
    const { loop, passes, runFor } = setup(() => new Promise((done) => (finish = done)))
    await loop.stop()
    await loop.start()
    let stopped = false
    const stopping = Promise.all([loop.stop(), loop.stop()]).then(() => (stopped = true))
    await runFor(5_000)
    expect(stopped).toBe(false)
    finish()
    await stopping
    expect(passes).toHaveLength(1)
  })
})
