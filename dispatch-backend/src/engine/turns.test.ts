import { expect, it } from 'vitest'
import { Turns } from './turns.js'

it('serves the lines in turn and each in its order', () => {
  const turns = new Turns<string>()
  for (const thing of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) turns.add(thing[0]!, thing)
  const served: string[] = []
  turns.serve(
    () => served.length < 4,
    (thing) => served.push(thing) > 0,
  )
  expect(served).toEqual(['a1', 'b1', 'c1', 'a2'])
  turns.serve(
    () => true,
    (thing) => served.push(thing) > 0,
  )
  expect(served).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
  expect(turns.size).toBe(0)
  expect(turns.has('a')).toBe(false)
})

it('passes over a line that cannot be served and keeps its head', () => {
  const turns = new Turns<string>()
  for (const thing of ['a1', 'b1', 'b2']) turns.add(thing[0]!, thing)
  const served: string[] = []
  turns.serve(
    () => true,
    (thing) => {
      if (thing.startsWith('a')) return false
      served.push(thing)
      return true
    },
  )
  expect(served).toEqual(['b1', 'b2'])
  expect(turns.has('a')).toBe(true)
  expect(turns.size).toBe(1)
})
