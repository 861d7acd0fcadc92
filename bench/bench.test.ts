import { beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../scripts/compile.mjs'
import { ROOT } from '../scripts/ensure.mjs'
import { withLock } from '../scripts/lock.mjs'
import { runBenchmark } from './benchmark.js'
import { judge } from './deliveries.js'
import { HttpMessages, type HttpMessage } from './http-messages.js'
import { readOptions } from './options.js'
import { isFaultless, renderReport } from './report.js'
import { median, percentile } from './samples.js'

describe('exact statistics', () => {
  it('takes the nearest rank, of samples in any order', () => {
    const samples = Array.from({ length: 200 }, (_, index) => 200 - index)
    expect([50, 99, 99.5, 100].map((percent) => percentile(samples, percent))).toEqual([100, 198, 199, 200])
    expect(percentile([7], 1)).toBe(7)
    // Where 0.99 * 100 in binary fractions is more than 99.
    expect(
      percentile(
        Array.from({ length: 100 }, (_, index) => index + 1),
        99,
      ),
    ).toBe(99)
  })

  it('takes the middle, or the mean of two', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([9, 1, 5, 6])).toBe(5.5)
  })

  it('makes up nothing where there is nothing', () => {
    expect(() => percentile([], 50)).toThrow('at least one sample')
    expect(() => percentile([1], 0)).toThrow('above 0')
    expect(() => median([])).toThrow('at least one sample')
  })
})

describe('what arrived', () => {
  const expected = ['a', 'b', 'c'].map((id) => ({ id, dueMs: 1_000 }))

  it('counts what is lost, twice, early and unknown', () => {
    const arrivals = { ids: ['a', 'b', 'a', 'x'], times: [1_004, 999, 1_100, 1_200] }
    expect(judge(expected, arrivals)).toEqual({
      ...{ expected: 3, lost: 1, lostIds: ['c'], duplicates: 1, early: 1, unknown: 1 },
      ...{ latenessMs: [4, -1], lastArrivalMs: 1_200 },
    })
  })
})

describe('messages on a connection', () => {
  it('come out whole wherever the stream is cut', () => {
    const wire = Buffer.from(
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nüxHTTP/1.1 201 C\r\ncontent-length: 0\r\n\r\n',
    )
    for (let size = 1; size <= wire.length; size += 1) {
      const seen: [string, string][] = []
      const messages = new HttpMessages(({ head, body }: HttpMessage) => seen.push([head.slice(9, 12), String(body)]))
      for (let at = 0; at < wire.length; at += size) messages.feed(wire.subarray(at, at + size))
      expect(seen).toEqual([
        ['200', 'üx'],
        ['201', ''],
      ])
    }
  })
})

describe('options', () => {
  it('says what it did not understand', () => {
    expect(() => readOptions(['--databases', 'oracle'])).toThrow(
      'expected some of sqlite, mariadb, postgres; got "oracle"',
    )
    expect(() => readOptions(['--rounds', '0'])).toThrow('expected a number from 1 to 99; got "0"')
    expect(readOptions(['--databases', 'SQLite, postgres'])?.databases).toEqual(['sqlite', 'postgres'])
  })
})

describe('the benchmark itself', () => {
  beforeAll(() => withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT)))

  it('measures a real server without a fault', async () => {
    const sizes = { warmUpJobs: 5, jobs: 60, steadyRates: [40], steadySeconds: 1, burstJobs: 30 }
    const options = { databases: ['sqlite'], rounds: 1, sizes, profileFolder: undefined } as const
    const results = await runBenchmark(options, () => undefined)
    const round = results.rounds[0]?.databases.sqlite
    const none = { lost: 0, lostJobs: [], duplicates: 0, early: 0, unknown: 0, refused: 0 }
    expect(round?.drained.faults).toEqual({ expected: 60, ...none })
    expect(round?.steady.map(({ rate, faults }) => [rate, faults])).toEqual([[40, { expected: 40, ...none }]])
    expect(round?.burst.faults).toEqual({ expected: 30, ...none })
    expect(
      round?.accepted.map(({ connections, perSecond, ofBare }) => [connections, perSecond > 0, ofBare > 0]),
    ).toEqual([64, 256].map((connections) => [connections, true, true]))
    expect(isFaultless(results)).toBe(true)
    expect(renderReport(results)).toContain('0 + 0 + 0 + 0 of 130')
  })
})
