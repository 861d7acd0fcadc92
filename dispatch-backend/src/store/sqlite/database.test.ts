import Sqlite from 'better-sqlite3'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../clock.js'
import { DatabaseAwayError } from '../store.js'
import type { WriteOptions } from '../sql/database.js'
import { SqliteDatabase } from './database.js'

describe('a SQLite database', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dispatch-sqlite-'))
    file = join(folder, 'data', 'dispatch.db')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const open = (readOnly = false): SqliteDatabase => new SqliteDatabase({ file, clock: systemClock, readOnly })

  it('is for nobody else to read, and survives a power cut once it has answered', async () => {
    const database = open()
    await database.write((connection) => connection.execute('create table t (a integer)'))
    const modes = readdirSync(join(folder, 'data')).map((name) => statSync(join(folder, 'data', name)).mode & 0o777)
    expect(modes).toEqual([0o600, 0o600, 0o600])
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700)
    const pragma = (name: string): Promise<unknown[]> =>
      database.read((connection) => connection.query(`pragma ${name}`))
    expect(await pragma('journal_mode')).toEqual([{ journal_mode: 'wal' }])
    expect(await pragma('synchronous')).toEqual([{ synchronous: 2 }])
    expect(await pragma('foreign_keys')).toEqual([{ foreign_keys: 1 }])
    await database.close()
  })

  it('syncs every commit but those that a power cut may undo', async () => {
    const database = open()
    const modeWithin = (options?: WriteOptions): Promise<unknown[]> =>
      database.write((connection) => connection.query('pragma synchronous'), options)
    const [NORMAL, FULL] = [1, 2]
    expect(await modeWithin()).toEqual([{ synchronous: FULL }])
    expect(await modeWithin({ survivesPowerCut: false })).toEqual([{ synchronous: NORMAL }])
    expect(await modeWithin({ survivesPowerCut: true })).toEqual([{ synchronous: FULL }])
    const failing = database.write(() => Promise.reject(new Error('no')), { survivesPowerCut: false })
    await expect(failing).rejects.toThrow('no')
    expect(await modeWithin()).toEqual([{ synchronous: FULL }])
    await database.close()
  })

  it('says what to do about a file that is not a database', () => {
    open()
    writeFileSync(file, 'Dear diary, '.repeat(1000))
    expect(open).toThrow(`${file} is damaged or not a SQLite database. Restore it from a backup`)
  })

  it('says what to do about a folder it may not use', () => {
    writeFileSync(join(folder, 'data'), '')
    expect(open).toThrow(`${file} cannot be opened for writing.`)
  })

  it('counts a full disk as away, says so, and goes on when there is room', async () => {
    const database = open()
    await database.write((connection) => connection.execute('create table t (a text)'))
    const fill = (): Promise<number> =>
      database.write((connection) => connection.execute('insert into t (a) values (?)', ['x'.repeat(100_000)]))
    const limit = (pages: number) => database.read((connection) => connection.query(`pragma max_page_count = ${pages}`))
    await limit(10)
    await expect(fill()).rejects.toThrow(DatabaseAwayError)
    await expect(fill()).rejects.toThrow(`The disk that holds ${file} is full.`)
    await limit(1_000)
    expect(await fill()).toBe(1)
    await database.close()
  })

  it('refuses to write when it is opened for reading', async () => {
    const [writer, reader] = [open(), open(true)]
    await writer.write((connection) => connection.execute('create table t (a integer)'))
    expect(await reader.read((connection) => connection.query('select * from t'))).toEqual([])
    await expect(reader.read((connection) => connection.execute('insert into t values (1)'))).rejects.toThrow(
      /readonly/,
    )
    await Promise.all([reader.close(), writer.close()])
  })

  it('moves the log into the file', async () => {
    const database = open()
    await database.write((connection) => connection.execute('create table t (a integer)'))
    const before = statSync(file).size
    database.checkpoint()
    expect(statSync(file).size).toBeGreaterThan(before)
    await database.close()
  })

  it('tries again while another process holds it for long', async () => {
    const database = open()
    const other = new Sqlite(file)
    other.exec('begin immediate')
    await database.read((connection) => connection.query('pragma busy_timeout = 0'))
    const writing = database.write((connection) => connection.execute('create table t (a integer)'))
    await systemClock.sleep(0)
    other.exec('commit')
    other.close()
    await writing
    await database.close()
  })
})
