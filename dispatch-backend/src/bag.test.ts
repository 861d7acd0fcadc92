import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bag } from './bag.js'
import { bytesGrownOld } from './testing/old-generation.js'

test('holds what was added and not taken out, however often that is done', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant('add' as const), fc.nat(50))), (steps) => {
      const bag = new Bag<number>()
      const model = new Set<number>()
      const leave: (() => void)[] = []
      for (const step of steps) {
        if (step === 'add') {
          const thing = leave.length
          model.add(thing)
          leave.push(bag.add(thing))
        } else if (step < leave.length) {
          model.delete(step)
          leave[step]!()
        }
      }
      expect(bag.size).toBe(model.size)
      expect(new Set(bag)).toEqual(model)
    }),
  )
})

test('the same thing may be in it twice', () => {
  const bag = new Bag<string>()
  const leave = bag.add('a')
  bag.add('a')
  leave()
  expect([...bag]).toEqual(['a'])
})

test('going through it leaves out what is taken out meanwhile, and what comes meanwhile', () => {
  const bag = new Bag<string>()
  const leave = ['a', 'b', 'c'].map((thing) => bag.add(thing))
  const seen: string[] = []
  for (const thing of bag) {
    seen.push(thing)
    leave[1]!()
    bag.add('late')
  }
  expect(seen).toEqual(['a', 'c'])
})

/** 200,000 things of 4 KB pass through, a hundred at a time. */
function bytesOf(add: (thing: object) => () => void): Promise<number> {
  const leave: (() => void)[] = []
  return bytesGrownOld(200_000, (index) => {
    leave[index % 100]?.()
    leave[index % 100] = add(Array(500).fill(index))
  })
}

test('what has left does not reach the old generation', async () => {
  const bag = new Bag<object>()
  // Of 800 MB. Of a set it is half.
  expect(await bytesOf((thing) => bag.add(thing))).toBeLessThan(20_000_000)
})
