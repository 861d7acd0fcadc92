import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { onAbort } from './abort.js'

test('all who wait are called once when the signal aborts, but for those who left', () => {
  const abort = new AbortController()
  const called: string[] = []
  const wait = (name: string): (() => void) => onAbort(abort.signal, () => called.push(name))
  wait('a')
  const leave = wait('b')
  wait('c')
  leave()
  expect(called).toEqual([])
  abort.abort()
  abort.abort()
  expect(called).toEqual(['a', 'c'])
})

test('who is called may send another away', () => {
  const abort = new AbortController()
  const called: string[] = []
  onAbort(abort.signal, () => leaveSecond())
  const leaveSecond = onAbort(abort.signal, () => called.push('second'))
  abort.abort()
  expect(called).toEqual([])
})

test('who comes after it is called at once', () => {
  let calls = 0
  onAbort(AbortSignal.abort(), () => (calls += 1))()
  expect(calls).toBe(1)
})

test('the signal has one listener, however many wait, and none when all have left', () => {
  const abort = new AbortController()
  const count = (): number => getEventListeners(abort.signal, 'abort').length
  const leave = Array.from({ length: 100 }, () => onAbort(abort.signal, () => undefined))
  expect(count()).toBe(1)
  for (const leaveOne of leave) leaveOne()
  expect(count()).toBe(0)
  let called = 0
  onAbort(abort.signal, () => (called += 1))
  for (const leaveAgain of leave) leaveAgain()
  expect(count()).toBe(1)
  abort.abort()
  expect(called).toBe(1)
})
