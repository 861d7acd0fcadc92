import { describe, expect, it } from 'vitest'
import { SimProcess, World } from './simulation/world.js'
import { Slots, type Slot } from './slots.js'

function setup(options: { total: number; perEndpoint: number }) {
  const world = new World(1)
  const { clock } = new SimProcess(world, { wallOffsetMs: 0 })
  const slots = new Slots({ ...options, clock })
  const takeAll = (key: string): Slot[] => {
    const taken: Slot[] = []
    for (let slot = slots.tryTake(key); slot; slot = slots.tryTake(key)) taken.push(slot)
    return taken
  }
  return { world, slots, takeAll }
}

describe('Slots', () => {
  it('bounds an endpoint and the process', () => {
    const { slots, takeAll } = setup({ total: 10, perEndpoint: 4 })
    expect(takeAll('a')).toHaveLength(4)
    expect(takeAll('b')).toHaveLength(4)
    expect(takeAll('c')).toHaveLength(2)
    expect(slots.free).toBe(0)
    expect(slots.tryTake('d')).toBeUndefined()
  })

  it('gives a slot back once, however often it is released', () => {
    const { slots, takeAll } = setup({ total: 4, perEndpoint: 4 })
    const [first] = takeAll('a')
    first!.release()
    first!.release()
    expect(slots.free).toBe(1)
  })

  it('squeezes an endpoint that hangs as soon as the process is half full, and leaves it one slot', () => {
    const { world, slots, takeAll } = setup({ total: 100, perEndpoint: 60 })
    const hanging = takeAll('hangs')
    expect(hanging).toHaveLength(60)
    world.nowMs += 20_000
    for (const slot of hanging.splice(0, 58)) slot.release()
    // Average and age say some twenty seconds a slot: 60 / 20 = 3 slots, while others keep theirs.
    takeAll('healthy')
    expect(slots.inFlight).toBe(62)
    const more = takeAll('hangs')
    expect(more.length).toBeLessThanOrEqual(1)
    hanging.push(...more)

    world.nowMs += 600_000
    for (const slot of hanging) slot.release()
    expect(slots.tryTake('hangs')).toBeDefined()
    expect(slots.tryTake('hangs')).toBeUndefined()
  })

  it('lets a slow endpoint keep its slots on a quiet process', () => {
    const { world, takeAll } = setup({ total: 1_000, perEndpoint: 8 })
    for (let round = 0; round < 20; round += 1) {
      const taken = takeAll('slow')
      expect(taken).toHaveLength(8)
      world.nowMs += 25_000
      for (const slot of taken) slot.release()
    }
  })

  it('forgets idle endpoints, and none in flight', () => {
    const { slots } = setup({ total: 10, perEndpoint: 1 })
    expect(slots.tryTake('held')).toBeDefined()
    for (let n = 0; n < 25_000; n += 1) slots.tryTake(`endpoint ${n}`)?.release()
    expect(slots.tryTake('held')).toBeUndefined()
    expect(slots.inFlight).toBe(1)
  })
})
