import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startRereading } from './rereading'

const reads: number[] = []
let startedAtMs: number

beforeEach(() => {
  vi.useFakeTimers()
  startedAtMs = performance.now()
  reads.length = 0
})
afterEach(() => vi.useRealTimers())

const start = (settlesAfterMs: number) =>
  startRereading({ read: () => reads.push(performance.now() - startedAtMs), leastBetweenMs: 1000, settlesAfterMs })

test('reads at the first change at once, and once for many that follow', () => {
  const { note } = start(0)
  note()
  vi.advanceTimersByTime(100)
  for (let change = 0; change < 50; change += 1) note()
  vi.advanceTimersByTime(60_000)
  expect(reads).toEqual([0, 1000])
})

test('reads once more when the answer may have been older than the last change', () => {
  const { note } = start(1500)
  note()
  vi.advanceTimersByTime(900)
  note()
  vi.advanceTimersByTime(60_000)
  expect(reads).toEqual([0, 1500, 2500])
})

test('reads no more once it is stopped', () => {
  const { note, stop } = start(1500)
  note()
  vi.advanceTimersByTime(1)
  note()
  stop()
  vi.advanceTimersByTime(60_000)
  expect(reads).toEqual([0])
})
