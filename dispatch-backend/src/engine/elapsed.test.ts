import { describe, expect, it } from 'vitest'
import { systemClock } from '../clock.js'
import { elapsedMs, momentOf } from './elapsed.js'
import { SimProcess, World } from './simulation/world.js'

const PAUSE_MS = 90_000

describe('the time elapsed', () => {
  it.each([
    { name: 'nothing happens', suspended: false, stepMs: 0 },
    { name: 'the machine is suspended', suspended: true, stepMs: 0 },
    { name: 'the wall clock is set back', suspended: false, stepMs: -PAUSE_MS },
    { name: 'both at once', suspended: true, stepMs: -PAUSE_MS },
    { name: 'the wall clock is set back by far more', suspended: true, stepMs: -10 * PAUSE_MS },
  ])('is never less than what has passed: $name', ({ suspended, stepMs }) => {
    const world = new World(1)
    const process = new SimProcess(world, { wallOffsetMs: 0 })
    const moment = momentOf(process.clock)
    process.pause(PAUSE_MS, suspended)
    process.stepWallClock(stepMs)
    world.nowMs += PAUSE_MS
    expect(elapsedMs(moment, process.clock)).toBe(PAUSE_MS)
  })

  it('is told by clocks of the system that go on', async () => {
    const moment = momentOf(systemClock)
    // Timers may go off within the millisecond before.
    await systemClock.sleep(52)
    // Steps of the uptime, the coarsest of them, are a second long on some systems.
    expect(elapsedMs(moment, systemClock)).toBeGreaterThanOrEqual(50)
    expect(systemClock.uptimeMs()).toBeGreaterThanOrEqual(moment.uptimeMs)
    expect(systemClock.uptimeMs() - moment.uptimeMs).toBeLessThan(60_000)
  })
})
