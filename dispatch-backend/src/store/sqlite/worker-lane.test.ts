import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock, type Clock } from '../../clock.js'
import { DatabaseAwayError } from '../store.js'
import { PRIORITIES, type Priority } from './routes.js'
import { WorkerLane } from './worker-lane.js'

describe('a worker thread of SQLite', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dispatch-lane-'))
    file = join(folder, 'dispatch.db')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const start = (clock: Clock, onCrash: (error: Error) => void): WorkerLane =>
    new WorkerLane({ clock, onCrash, setup: { file, readOnly: false, description: '' } })
  const ping = (lane: WorkerLane, priority: Priority): Promise<unknown> =>
    lane.run(priority, { verb: 'ping', args: [] })

  it('serves claims before records before creates before the rest', async () => {
    const lane = start(systemClock, (error) => expect.fail(error.message))
    const order: Priority[] = []
    const note = (priority: Priority) => ping(lane, priority).then(() => order.push(priority))
    await Promise.all([note('other'), ...[...PRIORITIES].reverse().map(note)])
    // The first found the thread idle.
    expect(order).toEqual(['other', ...PRIORITIES])
    await lane.close()
  })

  it('answers an argument that cannot be sent with an error, and goes on', async () => {
    const lane = start(systemClock, (error) => expect.fail(error.message))
    const sending = lane.run('other', { verb: 'ping', args: [() => undefined] })
    await expect(sending).rejects.toThrow(/could not be cloned/)
    await ping(lane, 'other')
    await lane.close()
  })

  it('keeps the code of an error', async () => {
    const lane = start(systemClock, (error) => expect.fail(error.message))
    const noTable = lane.run('other', { verb: 'hasInstanceOwner', args: [] })
    await expect(noTable).rejects.toMatchObject({ name: 'SqliteError', code: 'SQLITE_ERROR' })
    await lane.close()
    await expect(ping(lane, 'other')).rejects.toThrow('has been closed')
  })

  it('is started again after it crashed; what waited is told that the database is away', async () => {
    mkdirSync(file)
    let restart: (() => void) | undefined
    const clock: Clock = {
      ...systemClock,
      setTimer: (_delayMs, run) => {
        restart = run
        return { cancel: () => undefined }
      },
    }
    const crashes: Error[] = []
    const lane = start(clock, (error) => crashes.push(error))
    const waiting = await Promise.allSettled([ping(lane, 'other'), ping(lane, 'claim')])
    for (const { status, reason } of waiting as PromiseRejectedResult[]) {
      expect(status).toBe('rejected')
      expect(reason).toBeInstanceOf(DatabaseAwayError)
    }
    expect(crashes.map(({ message }) => message)).toEqual([expect.stringContaining(`${file} cannot be opened`)])
    await expect(ping(lane, 'other')).rejects.toThrow(DatabaseAwayError)
    rmdirSync(file)
    restart!()
    await ping(lane, 'other')
    await lane.close()
  })
})
