import { describe, expect, it } from 'vitest'
import { EngineClock } from './engine-clock.js'
import { SimProcess, World } from './simulation/world.js'

function setup(wallOffsetMs: number, sharesHostClock = false) {
  const world = new World(1)
  const process = new SimProcess(world, { wallOffsetMs })
  const engineClock = new EngineClock(process.clock, { sharesHostClock })
  /** A heartbeat whose request takes `thereMs` and whose answer takes `backMs`. */
  const beat = (thereMs: number, backMs: number): void => {
    const askedMs = process.clock.monotonicMs()
    world.nowMs += thereMs
    const databaseNowMs = Math.floor(world.nowMs)
    world.nowMs += backMs
    engineClock.noteDatabaseTime(databaseNowMs, askedMs, process.clock.monotonicMs())
  }
  return { world, process, engineClock, beat }
}

describe('EngineClock', () => {
  it('takes the time of the database, whatever the host says', () => {
    const { world, engineClock, beat } = setup(-90_000)
    beat(2, 2)
    expect(Math.abs(engineClock.nowMs() - world.nowMs)).toBeLessThanOrEqual(3)
    expect(engineClock.offsetMs).toBeGreaterThan(89_000)
  })

  it('is not moved by a step of the wall clock', () => {
    const { world, process, engineClock, beat } = setup(0)
    beat(2, 2)
    process.stepWallClock(3_600_000)
    world.nowMs += 500
    expect(Math.abs(engineClock.nowMs() - world.nowMs)).toBeLessThanOrEqual(3)
    beat(2, 2)
    expect(engineClock.offsetMs).toBeLessThan(-3_590_000)
  })

  it('calls an offset none that is within what the round trip leaves open', () => {
    const { process, engineClock, beat } = setup(0)
    beat(9, 1)
    expect(engineClock.offsetMs).toBe(0)
    expect(engineClock.nowMs()).toBe(process.clock.wallMs())
  })

  it('prefers being late to being early while the measurement is poor', () => {
    const { world, engineClock, beat } = setup(1_500)
    beat(2_000, 0)
    expect(engineClock.isSettled).toBe(false)
    expect(engineClock.nowMs()).toBeLessThanOrEqual(world.nowMs)
    beat(1, 1)
    expect(engineClock.isSettled).toBe(true)
    expect(Math.abs(engineClock.nowMs() - world.nowMs)).toBeLessThanOrEqual(3)
  })

  it('does not let one slow answer spoil what is known', () => {
    const { world, engineClock, beat } = setup(-5_000)
    beat(1, 1)
    const before = engineClock.offsetMs
    beat(4_000, 0)
    expect(engineClock.offsetMs).toBe(before)
    expect(Math.abs(engineClock.nowMs() - world.nowMs)).toBeLessThanOrEqual(3)
  })

  it('is the wall clock on a database that shares it', () => {
    const { process, engineClock } = setup(0, true)
    process.stepWallClock(-7_000)
    expect(engineClock.nowMs()).toBe(process.clock.wallMs())
    expect(engineClock.isSettled).toBe(true)
  })
})
