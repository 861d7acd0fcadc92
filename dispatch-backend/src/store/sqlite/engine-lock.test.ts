import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startLockHolder } from '../../testing/lock-holder.js'
import { lockEngine } from './engine-lock.js'

describe('the lock of the engine', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dispatch-lock-'))
    file = join(folder, 'data', 'dispatch.db')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is given to one at a time', () => {
    const lock = lockEngine(file)
    expect(() => lockEngine(file)).toThrow(`Another Dispatch is running on ${file}.`)
    lock.release()
    lock.release()
    lockEngine(file).release()
    expect(statSync(`${file}.lock`).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700)
  })

  it('is freed by the death of its holder, and not before', async () => {
    const holder = startLockHolder(file)
    await once(holder, 'message')
    expect(() => lockEngine(file)).toThrow('Another Dispatch is running')
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    lockEngine(file).release()
  })

  it('stays when the same process tries to take it again', async () => {
    const lock = lockEngine(file)
    expect(() => lockEngine(file)).toThrow('Another Dispatch is running')
    const other = startLockHolder(file)
    const words = text(other.stderr!)
    expect(await Promise.race([once(other, 'exit'), once(other, 'message')])).toEqual([1, null])
    expect(await words).toContain('EngineLockedError')
    lock.release()
  })

  it('says what is wrong with its folder', () => {
    lockEngine(file).release()
    const beneathAFile = join(`${file}.lock`, 'dispatch.db')
    expect(() => lockEngine(beneathAFile)).toThrow('must be writable by the user Dispatch runs as')
  })
})
