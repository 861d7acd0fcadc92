import { expect, it } from 'vitest'
import { SharedAnswers } from './shared-answers.js'

function answers() {
  let nowMs = 0
  let reads = 0
  const shared = new SharedAnswers<number>({ monotonicMs: () => nowMs })
  return {
    get: (key = 'a', read = () => Promise.resolve((reads += 1))) => shared.get(key, read),
    pass: (ms: number) => void (nowMs += ms),
  }
}

it('reads once for all who ask within a second, and anew after it', async () => {
  const { get, pass } = answers()
  expect(await Promise.all([get(), get(), get('b')])).toEqual([1, 1, 2])
  pass(999)
  expect(await get()).toBe(1)
  pass(1)
  expect(await get()).toBe(3)
})

it('keeps no failure', async () => {
  const { get } = answers()
  await expect(get('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
  expect(await get()).toBe(1)
})

it('keeps two hundred answers, the newest', async () => {
  const { get } = answers()
  for (let number = 0; number < 300; number += 1) await get(`key ${number}`)
  expect(await get('key 299')).toBe(300)
  expect(await get('key 100')).toBe(101)
  expect(await get('key 99')).toBe(301)
})
