import { beforeEach, describe, expect, it } from 'vitest'
import { Batcher } from '../batcher.js'
import { systemClock } from '../clock.js'
import { Events } from '../events.js'
import { DatabaseAwayError, type AttemptRecord, type RecordResult } from '../store/store.js'
import { record } from '../store/conformance/subject.js'
import { Recorder } from './recorder.js'

const claimed = {
  id: '00000000-0000-7000-8000-000000000001',
  projectId: 'project',
  title: 'title',
  webhookUrl: 'http://host/',
  endpoint: 'http://host:80',
  payload: '{}',
  dueAtMs: 1,
  attempt: 1,
  retryCount: 0,
}

describe('Recorder', () => {
  let stored: AttemptRecord[]
  let unexpected: string[]
  /** What the store does with a batch; throws to refuse it. */
  let check: (records: readonly AttemptRecord[]) => void
  let recorder: Recorder

  beforeEach(() => {
    stored = []
    unexpected = []
    check = () => undefined
    const events = new Events()
    events.on('unexpected', ({ where }) => unexpected.push(where))
    const run = (records: readonly AttemptRecord[]): Promise<RecordResult[]> =>
      Promise.resolve().then(() => {
        check(records)
        stored.push(...records)
        return records.map(() => 'recorded' as const)
      })
    const bounds = { maxItems: 100, maxBytes: 1e6, maxWaiting: 100, maxWaitingBytes: 1e6 }
    const batcher = new Batcher({ name: 'records', run, sizeOf: () => 1, ...bounds, clock: systemClock })
    recorder = new Recorder({ batcher, events, maxPending: 3 })
  })

  it('stores a record without its text when the text is what cannot be stored, and no other record suffers', async () => {
    check = (records) => {
      if (records.some(({ responseBody }) => responseBody === 'poison')) throw new Error('cannot store this')
    }
    const bodies = ['fine', 'poison', 'also fine']
    const results = await Promise.all(
      bodies.map((responseBody) => recorder.record(record(claimed, 'claim', { responseBody }))),
    )
    expect(results).toEqual(['recorded', 'recorded', 'recorded'])
    expect(stored.map(({ responseBody }) => responseBody).sort()).toEqual(['also fine', 'fine', null].sort())
    const [bare] = stored.filter(({ responseBody }) => responseBody === null)
    expect(bare).toMatchObject({ status: 'SUCCESS', responseTruncated: true, next: { status: 'SUCCESS' } })
    expect(bare!.error).toBeNull()
    expect(unexpected).toHaveLength(1)
  })

  it('gives up on a record that cannot be stored at all, and says so', async () => {
    check = () => {
      throw new Error('no')
    }
    expect(await recorder.record(record(claimed, 'claim'))).toBe('lost')
    expect(unexpected).toHaveLength(2)
  })

  it('is full while results wait, and counts them down', async () => {
    const waiting = [1, 2, 3].map(() => recorder.record(record(claimed, 'claim')))
    expect(recorder.isFull).toBe(true)
    await Promise.all(waiting)
    expect(recorder.isFull).toBe(false)
    expect(recorder.pending).toBe(0)
  })

  it('says nothing unexpected when a stop gives up on an absent database', async () => {
    check = () => {
      throw new DatabaseAwayError('away')
    }
    expect(await recorder.record(record(claimed, 'claim'))).toBe('lost')
    expect(unexpected).toEqual([])
  })
})
