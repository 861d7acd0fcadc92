import { expect, test } from 'vitest'
import { newIdAt } from './id.js'

const timeOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
const LATE_MS = 4_102_444_800_000

test('an id holds its instant, ascends within it, and never goes back', () => {
  const id = newIdAt(LATE_MS)
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(timeOf(id)).toBe(LATE_MS)
  const ids = [id, ...Array.from({ length: 5_000 }, () => newIdAt(LATE_MS)), newIdAt(LATE_MS + 1), newIdAt(LATE_MS - 9)]
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.slice(-2).map(timeOf)).toEqual([LATE_MS + 1, LATE_MS + 1])
})
