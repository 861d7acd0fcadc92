import Sqlite from 'better-sqlite3'
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock, type Clock } from '../../clock.js'
import { migrate } from '../migrate.js'
import { openStore } from '../open.js'

describe('the store on a SQLite file', () => {
  let folder: string
  let file: string
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'dispatch-store-'))
    file = join(folder, 'dispatch.db')
    await migrate({ kind: 'sqlite', file })
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('reads what was just written, and leaves only the file and nothing running', async () => {
    const store = await openStore({ kind: 'sqlite', file }, { clock: systemClock })
    const nowMs = systemClock.wallMs()
    const owner = '01900000-0000-7000-8000-000000000001'
    for (let i = 0; i < 20; i += 1) {
      const email = `user${i}@example.com`
      const id = `01900000-0000-7000-8000-0000000000${i + 10}`
      const user = { id, email, name: null, passwordHash: 'x', isEmailVerified: true, createdAtMs: nowMs }
      const organization = { id: id.replace('019', '018'), name: email, slug: `user${i}` }
      expect(await store.createUser({ user, organization, asInstanceOwner: i === 0 })).toBe('created')
      expect(await store.findUserByEmail(email)).toMatchObject({ id, isInstanceOwner: i === 0 })
    }
    expect(await store.findUserByEmail(owner)).toBeNull()
    await store.close()
    expect(readdirSync(folder)).toEqual(['dispatch.db'])
  })

  it('moves its log into the file a moment after a write', async () => {
    const timers: (() => void)[] = []
    const clock: Clock = {
      ...systemClock,
      setTimer: (_delayMs, run) => {
        timers.push(run)
        return { cancel: () => undefined }
      },
    }
    const store = await openStore({ kind: 'sqlite', file }, { clock })
    await store.settingOrInsert('colour', 'red')
    await store.settingOrInsert('shape', 'round')
    expect(timers).toHaveLength(1)
    timers[0]!()
    // Verbs of the lowest priority wait behind the checkpoints of their lanes.
    await store.listJobs({ scope: { kind: 'user', userId: '' }, page: 1, limit: 1 })
    await store.settingOrInsert('colour', 'blue')
    const copy = join(folder, 'copy.db')
    copyFileSync(file, copy)
    const handle = new Sqlite(copy)
    expect(handle.prepare('select name, value from settings order by name').all()).toEqual([
      { name: 'colour', value: 'red' },
      { name: 'shape', value: 'round' },
    ])
    handle.close()
    await store.close()
  })
})
