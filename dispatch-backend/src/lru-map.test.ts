import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LruMap } from './lru-map.js'

it('holds the keys used last, and no more than it may', () => {
  const operations = fc.array(fc.tuple(fc.constantFrom('get', 'set', 'delete'), fc.nat(9)), { maxLength: 100 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), operations, (capacity, all) => {
      const map = new LruMap<number, string>(capacity)
      let recent: number[] = []
      for (const [operation, key] of all) {
        const isHeld = recent.includes(key)
        if (operation === 'get') expect(map.get(key)).toBe(isHeld ? `value ${key}` : undefined)
        else if (operation === 'set') map.set(key, `value ${key}`)
        else map.delete(key)
        const others = recent.filter((other) => other !== key)
        const isUsed = operation === 'set' || (operation === 'get' && isHeld)
        recent = isUsed ? [key, ...others].slice(0, capacity) : others
        expect(map.size).toBe(recent.length)
      }
    }),
  )
})
