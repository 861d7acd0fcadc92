import { expect, test } from 'vitest'
import { latenessOf } from './lateness.js'
import { summarise, summaryLines } from './summary.js'
import { attempt, demoJob, NOW_MS, unscheduled } from './testing/demo-jobs.js'

const HERE = { sharesClock: true }
const delivered = (latenessMs = 1) =>
  demoJob({ status: 'SUCCESS', logs: [attempt(1, 'SUCCESS', latenessMs)], arrived: [1] })
const failedThrice = () =>
  demoJob({
    planned: { answers: [500], title: 'Always fails' },
    status: 'DEAD',
    logs: [attempt(1, 'FAILED', 2), attempt(2, 'FAILED', 3), attempt(3, 'FAILED', 4)],
    arrived: [1, 2, 3],
  })
const cancelled = () => demoJob({ planned: { cancelAfterMs: 10 }, isCancelled: true })

test('percentiles are exact, by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(latenessOf(hundred)).toEqual({ count: 100, p50: 50, p99: 99, max: 100 })
  expect(latenessOf([7])).toEqual({ count: 1, p50: 7, p99: 7, max: 7 })
  expect(latenessOf([])).toBeUndefined()
})

test('what came as planned is counted, and surprises nobody', () => {
  const summary = summarise([delivered(1), delivered(9), failedThrice(), cancelled()], HERE)
  expect(summary).toEqual({
    ...{ scheduled: 4, delivered: 2, early: 0, twice: 0, failedAttempts: 3, retries: 2, dead: 1, cancelled: 1 },
    ...{ calledOff: 0, lateness: { count: 5, p50: 3, p99: 9, max: 9 }, surprises: [] },
  })
  expect(summaryLines(summary)).toEqual([
    '  delivered  2 of 4 jobs',
    '  lateness   p50 3 ms, p99 9 ms, max 9 ms',
    '  early      none',
    '  failed     3 attempts, 2 retried; 1 job DEAD',
    '  cancelled  1, never sent',
  ])
})

test('a retry that is due after the demo is called off, as planned', () => {
  const logs = [attempt(1, 'FAILED')]
  const planned = { answers: [503, 200] }
  const summary = summarise([demoJob({ planned, status: 'FAILED', logs, arrived: [1], isCancelled: true })], HERE)
  expect(summary).toMatchObject({ calledOff: 1, cancelled: 0, surprises: [] })
  expect(summaryLines(summary).at(-1)).toBe('  cancelled  0, never sent; 1 between two attempts')
})

test('what is early shows by the record, and by the arrival where the clock is the same', () => {
  expect(summarise([delivered(-0.2)], HERE)).toMatchObject({ early: 1 })
  const arrivedBefore = demoJob({ status: 'SUCCESS', logs: [attempt(1, 'SUCCESS')], arrived: [1], dueInMs: 1 })
  expect(arrivedBefore.arrivals[0]?.atMs).toBe(NOW_MS)
  expect(summarise([arrivedBefore], HERE)).toMatchObject({
    early: 1,
    surprises: ['1 fired early, which must never be.'],
  })
  expect(summarise([arrivedBefore], { sharesClock: false })).toMatchObject({ early: 0, surprises: [] })
})

test.each([
  ['not scheduled', unscheduled(), '"Welcome mail" was not scheduled.'],
  ['still open', demoJob({ dueInMs: 500 }), '"Welcome mail" is still SCHEDULED, expected SUCCESS.'],
  [
    'dead instead of delivered',
    demoJob({ status: 'DEAD', logs: [attempt(1, 'FAILED')], arrived: [] }),
    '"Welcome mail" ended DEAD, expected SUCCESS: the endpoint answered 500',
  ],
  [
    'delivered though cancelled',
    demoJob({ planned: { cancelAfterMs: 1 }, isCancelled: true, arrived: [1] }),
    '"Welcome mail" was sent all the same.',
  ],
  [
    'delivered instead of cancelled',
    demoJob({ planned: { cancelAfterMs: 1 }, status: 'SUCCESS', logs: [attempt(1, 'SUCCESS')], arrived: [1] }),
    '"Welcome mail" ended SUCCESS, expected CANCELLED.',
  ],
  [
    'sent twice',
    demoJob({ status: 'SUCCESS', logs: [attempt(1, 'SUCCESS')], arrived: [1, 1] }),
    '1 came twice: the server was interrupted and sent them again.',
  ],
])('a job that is %s is a surprise', (_what, job, sentence) => {
  expect(summarise([job], HERE).surprises).toEqual([sentence])
})

test('of many surprises a few are told', () => {
  const lines = summaryLines(summarise(Array.from({ length: 9 }, unscheduled), HERE))
  expect(lines.slice(-2)).toEqual(['  "Welcome mail" was not scheduled.', '  … and 4 more'])
})
