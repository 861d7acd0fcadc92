import { expect, test } from 'vitest'
import { attempt, demoJob, NOW_MS, unscheduled } from './testing/demo-jobs.js'
import { isWorthReading } from './watch.js'

const logs = [attempt(1, 'FAILED')]

test.each([
  ['not scheduled', unscheduled(), 0, false],
  ['not due yet', demoJob({ dueInMs: 500 }), 0, false],
  ['just due: its delivery is about to arrive', demoJob({ dueInMs: 0 }), 499, false],
  ['overdue, and nothing arrived', demoJob({ dueInMs: 0 }), 500, true],
  ['arrived, and not answered by us', demoJob({ arrived: [1], answered: false }), 60_000, false],
  ['answered just now', demoJob({ arrived: [1] }), 99, false],
  ['answered a moment ago', demoJob({ arrived: [1] }), 100, true],
  ['waiting for its retry', demoJob({ status: 'FAILED', logs, arrived: [1], nextAttemptInMs: 900 }), 900, false],
  ['overdue with its retry', demoJob({ status: 'FAILED', logs, arrived: [1], nextAttemptInMs: 900 }), 1_400, true],
  ['firing somewhere else', demoJob({ status: 'FIRING' }), 0, true],
  ['over', demoJob({ status: 'SUCCESS', logs: [attempt(1, 'SUCCESS')], arrived: [1] }), 60_000, false],
])('a job that is %s', (_what, job, afterMs, worth) => {
  expect(isWorthReading(job, NOW_MS + afterMs)).toBe(worth)
})

test('a job is not asked for again at once', () => {
  const job = demoJob({ dueInMs: -1_000 })
  expect(isWorthReading(job, NOW_MS + 249, NOW_MS)).toBe(false)
  expect(isWorthReading(job, NOW_MS + 250, NOW_MS)).toBe(true)
})
