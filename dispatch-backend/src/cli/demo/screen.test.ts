import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { burstRow, plainRow, renderScreen, rowOf, type ScreenState } from './screen.js'
import { attempt, demoJob, NOW_MS, unscheduled, type Given } from './testing/demo-jobs.js'

const plain = (_step: string, text: string): string => text
const coloured = (step: string, text: string): string => `\u001b[${step.length}m${text}\u001b[0m`

const row = (given?: Given): string => plainRow(rowOf(demoJob(given), NOW_MS), plain).replace(/^Welcome mail +/, '')

const DEAD: Given = {
  status: 'DEAD',
  logs: [attempt(1, 'FAILED'), attempt(2, 'FAILED'), attempt(3, 'FAILED')],
  arrived: [1, 2, 3],
}

test.each<[string, Given, string]>([
  ['scheduled', { dueInMs: 1_240 }, 'SCHEDULED  due in 1.2 s'],
  ['overdue', { dueInMs: -5_000 }, 'SCHEDULED  due in 0.0 s'],
  ['under way', { arrived: [1] }, 'SCHEDULED → FIRING  attempt 1'],
  [
    'delivered',
    { status: 'SUCCESS', logs: [attempt(1, 'SUCCESS', 0.44)], arrived: [1] },
    'SCHEDULED → FIRING → SUCCESS  0.4 ms late',
  ],
  [
    'waiting for a retry',
    { status: 'FAILED', logs: [attempt(1, 'FAILED')], arrived: [1], nextAttemptInMs: 300 },
    'SCHEDULED → FIRING → FAILED  retry in 0.3 s',
  ],
  [
    'tried again',
    { status: 'FAILED', logs: [attempt(1, 'FAILED')], arrived: [1, 2], nextAttemptInMs: -10 },
    'SCHEDULED → FIRING → FAILED → FIRING  attempt 2',
  ],
  ['dead', DEAD, 'SCHEDULED → FIRING → FAILED → FIRING → FAILED → FIRING → DEAD  after 3 attempts'],
  [
    'interrupted',
    { status: 'SUCCESS', logs: [attempt(1, 'INTERRUPTED'), attempt(2, 'SUCCESS', 12)], arrived: [1, 2] },
    'SCHEDULED → FIRING → INTERRUPTED → FIRING → SUCCESS  12 ms late',
  ],
  ['cancelled', { isCancelled: true }, 'SCHEDULED → CANCELLED  never sent'],
  [
    'called off',
    { status: 'FAILED', logs: [attempt(1, 'FAILED')], arrived: [1], isCancelled: true },
    'SCHEDULED → FIRING → FAILED → CANCELLED  retry called off',
  ],
])('a job that is %s', (_what, given, words) => {
  expect(row(given)).toBe(words)
})

test('a job that is not scheduled yet has no state', () => {
  expect(plainRow(rowOf(unscheduled(), NOW_MS), plain).trimEnd()).toBe('Welcome mail')
})

test('the burst is counted by state, in the order of the states', () => {
  const done = demoJob({ status: 'SUCCESS', logs: [attempt(1, 'SUCCESS', 7)], arrived: [1] })
  const burst = [done, demoJob({ dueInMs: 50 }), demoJob({ arrived: [1] }), done, unscheduled()]
  const { steps, fact } = burstRow(burst, NOW_MS)
  expect(steps.map(({ text }) => text)).toEqual(['SCHEDULED 1', 'FIRING 1', 'SUCCESS 2'])
  expect(fact).toBe('p99 7 ms late')
  expect(burstRow([demoJob({ dueInMs: 3_000 })], NOW_MS).fact).toBe('due in 3.0 s')
})

const STATE: ScreenState = {
  heading: 'Dispatch demo on a throw-away server, http://localhost:41234, SQLite at /tmp/dispatch-demo-x/dispatch.db',
  named: [demoJob(DEAD), demoJob({ arrived: [1] }), demoJob({ isCancelled: true }), unscheduled()],
  burst: [demoJob({ dueInMs: 3_000 })],
  nowMs: NOW_MS,
}

test.each(Array.from({ length: 140 }, (_, index) => index + 1))('no line is wider than %i columns', (width) => {
  const lines = renderScreen(STATE, { width, paint: plain })
  expect(lines).toHaveLength(7)
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(width)
})

test('a wide terminal shows all states, a usual one the last that fit, a narrow one the present', () => {
  const deadAt = (width: number): string => renderScreen(STATE, { width, paint: plain })[2]?.trimEnd() ?? ''
  expect(deadAt(120)).toMatch(
    /^ {2}Welcome mail +SCHEDULED → FIRING → FAILED → FIRING → FAILED → FIRING → DEAD +after 3 attempts$/,
  )
  expect(deadAt(80)).toMatch(/^ {2}Welcome mail +… → FIRING → FAILED → FIRING → DEAD +after 3 attempts$/)
  expect(deadAt(60)).toMatch(/^ {2}Welcome mail +DEAD +after 3 attempts$/)
  expect(deadAt(16)).toBe('  Welcome mail …')
})

test('colour changes nothing but the colour, and a line that is cut has none', () => {
  for (const width of [20, 40, 60, 80, 120]) {
    const [bare, painted] = [plain, coloured].map((paint) => renderScreen(STATE, { width, paint }))
    expect(painted?.map(stripVTControlCharacters)).toEqual(bare)
    for (const line of painted ?? []) expect(line.split('\u001b[').length % 2).toBe(1)
  }
})
