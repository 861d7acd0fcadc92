import { describe, expect, it, test } from 'vitest'
import { systemClock, type Clock } from './clock.js'
import { Events } from './events.js'
import { createRetention, MANY_FINISHED } from './retention.js'
import type { DeleteFinished, FinishedQuery, RetentionStore } from './store/retention-store.js'
import { DatabaseAwayError } from './store/store.js'

const DAY_MS = 86_400_000
const NOW_MS = 1_000 * DAY_MS

interface Run {
  readonly heard: string[]
  readonly pauses: number[]
  readonly taken: unknown[]
}

/** One run of the loop, until it rests for an hour or more. */
async function runOnce(
  store: Partial<RetentionStore>,
  days: { successDays?: number; failedDays?: number } = {},
): Promise<Run> {
  const run: Run = { heard: [], pauses: [], taken: [] }
  const events = new Events()
  events.on('purged', ({ count }) => run.heard.push(`purged ${count}`))
  events.on('manyFinished', ({ moreThan }) => run.heard.push(`more than ${moreThan}`))
  events.on('unexpected', ({ where, error }) => run.heard.push(`${where}: ${String(error)}`))
  let rest = (): void => undefined
  const rests = new Promise<void>((resolve) => (rest = resolve))
  const clock: Clock = {
    ...systemClock,
    wallMs: () => NOW_MS,
    sleep(delayMs, signal) {
      run.pauses.push(delayMs)
      if (delayMs < 1_000_000) return Promise.resolve()
      rest()
      return systemClock.sleep(delayMs, signal)
    },
  }
  const never = (): never => {
    throw new Error('not to be called')
  }
  const takeLease: RetentionStore['takeLease'] = (lease) => {
    run.taken.push(lease)
    return Promise.resolve(true)
  }
  const whole = { findFinished: never, deleteFinished: never, countFinished: never, takeLease, ...store }
  const { successDays = null, failedDays = null } = days
  const retention = createRetention({ store: whole, clock, events, replicaId: 'me', successDays, failedDays })
  await retention.start()
  await rests
  await retention.stop()
  return run
}

describe('with nothing configured', () => {
  const counting = (count: number): Partial<RetentionStore> => ({
    countFinished: ({ limit }) => Promise.resolve(Math.min(count, limit)),
  })

  it('says once a day that finished jobs pile up, above a million', async () => {
    const many = await runOnce(counting(MANY_FINISHED * 3))
    expect(many.heard).toEqual(['more than 1000000'])
    expect(many.pauses).toHaveLength(1)
    expect(Math.abs(many.pauses[0]! - DAY_MS)).toBeLessThanOrEqual(DAY_MS / 10)
    expect(many.taken).toEqual([{ name: 'finished-jobs-warning', holder: 'me', forMs: expect.any(Number) }])
    expect((await runOnce(counting(MANY_FINISHED))).heard).toEqual([])
  })

  it('leaves it to the replica that has said so today, without counting', async () => {
    expect((await runOnce({ takeLease: () => Promise.resolve(false) })).heard).toEqual([])
  })
})

describe('with days to keep', () => {
  /** Three pages of ids; each transaction deletes what `deleted` says. */
  function walk(deleted: number[]): {
    store: Partial<RetentionStore>
    queries: FinishedQuery[]
    deletes: DeleteFinished[]
  } {
    const queries: FinishedQuery[] = []
    const deletes: DeleteFinished[] = []
    const pages = [
      { ids: Array.from({ length: 70 }, (_, index) => `a${index}`), next: 'a' },
      { ids: [], next: 'b' },
      { ids: ['c'], next: null },
    ]
    const store: Partial<RetentionStore> = {
      findFinished: (query) => Promise.resolve(pages[queries.push(query) - 1]!),
      deleteFinished: (request) => {
        const rows = deleted[deletes.push(request) - 1] ?? 0
        return Promise.resolve({ rows, isDone: rows < 100 })
      },
    }
    return { store, queries, deletes }
  }

  it('walks from the oldest to the last page, a chunk at a time, and rests for an hour', async () => {
    // The first chunk needs three transactions: two are full.
    const { store, queries, deletes } = walk([100, 100, 7, 40, 3, 2])
    const run = await runOnce(store, { successDays: 7, failedDays: 30 })
    expect(queries.map(({ after }) => after)).toEqual(['', 'a', 'b'])
    expect(queries[0]).toMatchObject({ successBeforeMs: NOW_MS - 7 * DAY_MS, failedBeforeMs: NOW_MS - 30 * DAY_MS })
    expect(deletes.map(({ ids }) => [ids[0], ids.length])).toEqual([
      ['a0', 25],
      ['a0', 25],
      ['a0', 25],
      ['a25', 25],
      ['a50', 20],
      ['c', 1],
    ])
    expect(
      deletes.every(({ limit, successBeforeMs }) => limit === 100 && successBeforeMs === NOW_MS - 7 * DAY_MS),
    ).toBe(true)
    expect(run.heard).toEqual(['purged 250', 'purged 2'])
    // A pause after each transaction and each page.
    expect(run.pauses.slice(0, -1)).toEqual(Array(9).fill(20))
    expect(Math.abs(run.pauses.at(-1)! - 3_600_000)).toBeLessThanOrEqual(360_000)
    expect(run.taken).toHaveLength(3)
  })

  it('keeps for ever what has no days', async () => {
    const { store, queries } = walk([])
    await runOnce(store, { failedDays: 3 })
    expect(queries[0]).toMatchObject({ successBeforeMs: null, failedBeforeMs: NOW_MS - 3 * DAY_MS })
  })

  it('stops where another replica has taken over', async () => {
    const { store, queries } = walk([])
    const answers = [true, false]
    await runOnce({ ...store, takeLease: () => Promise.resolve(answers.shift()!) }, { successDays: 1 })
    expect(queries).toHaveLength(1)
  })
})

test('an absent database is left to the engine to announce; other failures are announced here', async () => {
  const failing = (error: Error): Partial<RetentionStore> => ({ takeLease: () => Promise.reject(error) })
  expect((await runOnce(failing(new DatabaseAwayError('gone')), { successDays: 1 })).heard).toEqual([])
  expect((await runOnce(failing(new Error('bug')))).heard).toEqual(['deleting finished jobs: Error: bug'])
})
