import { expect, test } from 'vitest'
import { systemClock } from './clock.js'
import { Events } from './events.js'
import { createMaintenance } from './maintenance.js'
import { DatabaseAwayError } from './store/store.js'

/** Runs the loop until it has found nothing more to purge; answers what it announced. */
async function runUntilIdle(expired: (number | Error)[], deleted: number[]): Promise<unknown[]> {
  const announced: unknown[] = []
  const events = new Events()
  events.on('purged', (event) => announced.push(event))
  events.on('unexpected', ({ error }) => announced.push(error))
  await new Promise<void>((resolve) => {
    const clock = { ...systemClock, sleep: () => new Promise<void>(() => resolve()) }
    const purgeExpired = (): Promise<number> => {
      const next = expired.shift() ?? 0
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next)
    }
    const store = { purgeExpired, purgeDeleted: () => Promise.resolve(deleted.shift() ?? 0) }
    void createMaintenance({ store, clock, events }).start()
  })
  return announced
}

test('full batches are followed by the next at once, and by a pause only when nothing is left', async () => {
  expect(await runUntilIdle([500, 3], [7, 0, 1])).toEqual([{ count: 507 }, { count: 3 }])
  expect(await runUntilIdle([0, 0], [2, 0])).toEqual([{ count: 2 }])
})

test('an absent database is left to the engine to announce; other failures are announced here', async () => {
  expect(await runUntilIdle([new DatabaseAwayError('gone')], [])).toEqual([])
  const bug = new Error('bug')
  expect(await runUntilIdle([bug], [])).toEqual([bug])
})
