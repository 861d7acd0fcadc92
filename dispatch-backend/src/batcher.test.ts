import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Batcher, type BatcherOptions } from './batcher.js'
import type { Clock, Timer } from './clock.js'
import { DatabaseAwayError } from './store/store.js'

/** A clock whose time moves only when told to. */
function manualClock(): Clock & { advance(ms: number): void; readonly timers: number } {
  let nowMs = 0
  const timers = new Map<Timer, { atMs: number; run: () => void }>()
  return {
    wallMs: () => nowMs,
    monotonicMs: () => nowMs,
    uptimeMs: () => nowMs,
    setTimer(delayMs, run) {
      const timer: Timer = { cancel: () => timers.delete(timer) }
      timers.set(timer, { atMs: nowMs + delayMs, run })
      return timer
    },
    sleep: () => Promise.reject(new Error('not used')),
    advance(ms) {
      nowMs += ms
      for (const [timer, { atMs, run }] of [...timers]) {
        if (atMs > nowMs || !timers.delete(timer)) continue
        run()
      }
    },
    get timers() {
      return timers.size
    },
  }
}

/** Runs all promise callbacks that are ready. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Run {
  readonly items: readonly number[]
  readonly finish: () => void
  readonly fail: (error: Error) => void
}

/** A batcher whose commits end when the test says so; each result is ten times its item. */
function heldBatcher(options: Partial<BatcherOptions<number, number>> = {}) {
  const runs: Run[] = []
  const clock = manualClock()
  const batcher = new Batcher<number, number>({
    name: 'numbers',
    run: (items) =>
      new Promise((resolve, reject) => {
        runs.push({ items, finish: () => resolve(items.map((item) => item * 10)), fail: reject })
      }),
    sizeOf: () => 1,
    maxItems: 100,
    maxBytes: 1000,
    maxWaiting: 100,
    maxWaitingBytes: 1000,
    clock,
    ...options,
  })
  return { batcher, runs, clock }
}

describe('Batcher', () => {
  it('starts a single item at once, without a timer', async () => {
    const { batcher, runs, clock } = heldBatcher()
    const result = batcher.add(1)
    await settle()
    expect(runs.map((run) => run.items)).toEqual([[1]])
    expect(clock.timers).toBe(0)
    runs[0]!.finish()
    expect(await result).toBe(10)
  })

  it('writes together what arrived while a commit was under way', async () => {
    const { batcher, runs } = heldBatcher()
    const first = batcher.add(1)
    await settle()
    const others = [batcher.add(2), batcher.add(3)]
    await settle()
    expect(runs).toHaveLength(1)
    runs[0]!.finish()
    await settle()
    expect(runs[1]!.items).toEqual([2, 3])
    runs[1]!.finish()
    expect(await Promise.all([first, ...others])).toEqual([10, 20, 30])
  })

  it('bounds a batch in items and in bytes; a giant travels alone', async () => {
    const { batcher, runs } = heldBatcher({ maxItems: 3, maxBytes: 10, sizeOf: (item) => item })
    const results = Promise.all([1, 1, 1, 1, 9, 50, 2].map((item) => batcher.add(item)))
    for (let index = 0; index < 4; index += 1) {
      await settle()
      runs[index]!.finish()
    }
    await results
    expect(runs.map((run) => run.items)).toEqual([[1, 1, 1], [1, 9], [50], [2]])
  })

  it('keeps as many batches under way as it may', async () => {
    const { batcher, runs } = heldBatcher({ concurrency: 2, maxItems: 1 })
    const results = Promise.all([1, 2, 3].map((item) => batcher.add(item)))
    await settle()
    expect(runs).toHaveLength(2)
    runs[1]!.finish()
    await settle()
    expect(runs.map((run) => run.items)).toEqual([[1], [2], [3]])
    runs[0]!.finish()
    runs[2]!.finish()
    expect(await results).toEqual([10, 20, 30])
  })

  it('answers BUSY with a hint when too many items or bytes wait, and takes more once there is room', async () => {
    const { batcher, runs } = heldBatcher({ maxWaiting: 2, maxWaitingBytes: 6, sizeOf: (item) => item })
    void batcher.add(1)
    await settle()
    void batcher.add(1)
    await expect(batcher.add(7)).rejects.toMatchObject({ code: 'BUSY', retryAfterSeconds: 1 })
    void batcher.add(1)
    await expect(batcher.add(1)).rejects.toMatchObject({ code: 'BUSY' })
    runs[0]!.finish()
    await settle()
    const late = batcher.add(1)
    runs[1]!.finish()
    await settle()
    runs[2]!.finish()
    expect(await late).toBe(10)
  })

  it('lingers for company, but no longer than it may and not when full', async () => {
    const { batcher, runs, clock } = heldBatcher({ lingerMs: 20, maxItems: 2 })
    const first = batcher.add(1)
    await settle()
    clock.advance(19)
    await settle()
    expect(runs).toHaveLength(0)
    clock.advance(1)
    await settle()
    expect(runs.map((run) => run.items)).toEqual([[1]])
    runs[0]!.finish()
    await first
    void batcher.add(2)
    void batcher.add(3)
    await settle()
    expect(runs[1]!.items).toEqual([2, 3])
    expect(clock.timers).toBe(0)
  })

  it('drains what lingers at once and resolves when all is answered', async () => {
    const { batcher, runs } = heldBatcher({ lingerMs: 1000 })
    let isDrained = false
    const result = batcher.add(1)
    const drained = batcher.drain().then(() => (isDrained = true))
    await settle()
    expect(runs).toHaveLength(1)
    expect(isDrained).toBe(false)
    expect(batcher.size).toBe(1)
    runs[0]!.finish()
    await drained
    expect(await result).toBe(10)
    expect(batcher.size).toBe(0)
    await batcher.drain()
  })

  it('tells everybody at once when the database is away', async () => {
    const { batcher, runs } = heldBatcher()
    const results = Promise.allSettled([batcher.add(1), batcher.add(2), batcher.add(3)])
    await settle()
    runs[0]!.fail(new DatabaseAwayError('gone'))
    for (const result of await results) expect(result).toMatchObject({ status: 'rejected' })
    expect(runs).toHaveLength(1)
  })

  it('treats a run that answers too few results as failed', async () => {
    const { batcher } = heldBatcher({ run: () => Promise.resolve([]) })
    await expect(batcher.add(1)).rejects.toThrow('0 results for 1 items')
  })

  it('gives everyone their own answer and each culprit its own error, whatever the batches look like', async () => {
    const items = fc.array(fc.record({ value: fc.nat(), bytes: fc.nat(40), bad: fc.boolean() }), { maxLength: 60 })
    const bounds = fc.record({
      maxItems: fc.integer({ min: 1, max: 20 }),
      maxBytes: fc.integer({ min: 1, max: 100 }),
      concurrency: fc.integer({ min: 1, max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(
        items,
        bounds,
        fc.array(fc.nat(60)),
        async (all, { maxItems, maxBytes, concurrency }, pauses) => {
          let underWay = 0
          const batcher = new Batcher<(typeof all)[number], number>({
            name: 'items',
            async run(batch) {
              underWay += 1
              expect(underWay).toBeLessThanOrEqual(concurrency)
              expect(batch.length).toBeLessThanOrEqual(maxItems)
              const bytes = batch.reduce((sum, item) => sum + item.bytes, 0)
              expect(batch.length === 1 || bytes <= maxBytes).toBe(true)
              await settle()
              underWay -= 1
              if (batch.some((item) => item.bad)) throw new Error(`bad ${batch.map((item) => item.value).join()}`)
              return batch.map((item) => item.value + 1)
            },
            sizeOf: (item) => item.bytes,
            maxItems,
            maxBytes,
            maxWaiting: 1000,
            maxWaitingBytes: 1_000_000,
            concurrency,
            clock: manualClock(),
          })
          const answers: Promise<number>[] = []
          for (const [index, item] of all.entries()) {
            const answer = batcher.add(item)
            answer.catch(() => undefined)
            answers.push(answer)
            if (pauses.includes(index)) await settle()
          }
          await batcher.drain()
          expect(batcher.size).toBe(0)
          for (const [index, answer] of (await Promise.allSettled(answers)).entries()) {
            const { value, bad } = all[index]!
            if (bad) expect(answer).toMatchObject({ status: 'rejected', reason: { message: `bad ${value}` } })
            else expect(answer).toEqual({ status: 'fulfilled', value: value + 1 })
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
