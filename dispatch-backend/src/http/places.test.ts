import { expect, it } from 'vitest'
import { Places } from './places.js'

/** Enters as often as it is let. */
function fill(places: Places, owner: string): (() => void)[] {
  const leaves: (() => void)[] = []
  for (let leave = places.enter(owner); leave; leave = places.enter(owner)) leaves.push(leave)
  return leaves
}

it('lets one owner have so many and no more, and gives places back', () => {
  const places = new Places({ ofOne: 3, ofAll: 100 })
  const [leave, ...others] = fill(places, 'ada')
  expect(others).toHaveLength(2)
  leave!()
  expect(fill(places, 'ada')).toHaveLength(1)
})

it('keeps places free for those who have none when a few take all they can', () => {
  const places = new Places({ ofOne: 64, ofAll: 256 })
  const taken = Array.from({ length: 4 }, (_, n) => fill(places, `greedy ${n}`))
  expect(taken[0]).toHaveLength(64)
  const leave = places.enter('new')
  expect(leave).toBeDefined()
  leave!()
  for (const leaves of taken) for (const one of leaves) one()
  expect(fill(places, 'new')).toHaveLength(64)
})

it('has no more than there are, of however many owners', () => {
  const places = new Places({ ofOne: 4, ofAll: 10 })
  const entered = Array.from({ length: 50 }, (_, n) => places.enter(`owner ${n}`))
  expect(entered.filter(Boolean)).toHaveLength(10)
})
