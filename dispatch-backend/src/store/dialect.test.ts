/** Each piece of SQL that differs between the databases, executed on them. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../clock.js'
import { databases } from '../testing/databases.js'
import { openDriver, type Driver } from './driver.js'
import type { Connection } from './sql/database.js'

const ID_A = '01900000-0000-7000-8000-00000000000a'
const ID_B = '01900000-0000-7000-8000-00000000000b'
const ID_C = '01900000-0000-7000-8000-00000000000c'

const ANALYZE = { SQLite: 'analyze', MariaDB: 'analyze table things', PostgreSQL: 'analyze things' } as const
const BY_KEY = {
  SQLite: /SEARCH t USING INDEX sqlite_autoindex_things_1 \(id=\?\)/,
  MariaDB: /"table":"t","type":"eq_ref","possible_keys":"PRIMARY","key":"PRIMARY"/,
  PostgreSQL: /Index Scan using things_pkey/,
} as const

interface Thing {
  id: string
  code: string | null
  title: string | null
  amount: number | null
  count: number | null
}

describe.each(databases)('dialect on $name', ({ name, create }) => {
  let driver: Driver
  let drop: () => Promise<void>

  beforeAll(async () => {
    const made = await create()
    drop = made.drop
    driver = openDriver(made.config, { clock: systemClock, deadlineMs: 30_000 })
    const { types } = driver
    await write((connection) =>
      connection.execute(
        `create table things (id ${types.id} not null primary key, code ${types.code(40)}, title ${types.text(191)},
          amount ${types.integer}, count ${types.smallInteger}, body ${types.longText}, constraint things_code unique (code)
        ) ${types.tableOptions}`,
      ),
    )
  })

  afterAll(async () => {
    await driver.database.close()
    await drop()
  })

  beforeEach(() => write((connection) => connection.execute('delete from things')))

  const write = <T>(body: (connection: Connection) => Promise<T>): Promise<T> => driver.database.write(body)
  const things = (): Promise<Thing[]> =>
    driver.database.read((connection) =>
      connection.query<Thing>('select id, code, title, amount, count from things order by id'),
    )
  const insert = (...rows: readonly (readonly [string, string | null, string | null, number | null])[]) => {
    const sql = driver.database.dialect.insertIfAbsent('things', ['id', 'code', 'title', 'amount'], rows.length)
    return write((connection) => connection.execute(sql, rows.flat()))
  }

  it('inserts what is absent and leaves the rest alone', async () => {
    await insert([ID_A, 'a', 'first', 1])
    await insert([ID_A, 'x', 'again by key', 2], [ID_B, 'a', 'again by unique index', 3], [ID_C, 'c', 'new', 4])
    expect(await things()).toEqual([
      { id: ID_A, code: 'a', title: 'first', amount: 1, count: null },
      { id: ID_C, code: 'c', title: 'new', amount: 4, count: null },
    ])
  })

  it('lets errors other than collisions through when inserting', async () => {
    const tooMuch = 'x'.repeat(192)
    const columns = ['id', 'title', 'count']
    const sql = driver.database.dialect.insertIfAbsent('things', columns, 1)
    const values = driver.database.dialect.kind === 'sqlite' ? [ID_A, 'x', 'not a number'] : [ID_A, tooMuch, 70_000]
    await expect(write((connection) => connection.execute(sql, values))).rejects.toThrow()
    expect(await things()).toEqual([])
  })

  it('overwrites by key', async () => {
    const sql = driver.database.dialect.upsert('things', ['id', 'code', 'amount'], ['id'], ['amount'])
    await write((connection) => connection.execute(sql, [ID_A, 'a', 1]))
    await write((connection) => connection.execute(sql, [ID_A, 'ignored', 2]))
    expect(await things()).toMatchObject([{ id: ID_A, code: 'a', amount: 2 }])
  })

  it('updates many rows, each by its own values, where the condition holds', async () => {
    await insert([ID_A, 'a', null, 1], [ID_B, 'b', null, 10], [ID_C, 'c', null, 100])
    const sql = driver.database.dialect.updateFromJson({
      table: 'things',
      columns: [
        { name: 'id', type: 'text' },
        { name: 'code', type: 'text' },
        { name: 'amount', type: 'integer' },
      ],
      set: 'code = v.code, count = t.amount + 1, amount = v.amount',
      where: 't.amount < 50 or v.code is null',
    })
    const rows = [
      [ID_A, null, 8_640_000_000_000_000],
      [ID_B, 'bb', null],
      [ID_C, 'not taken', 0],
    ]
    const matched = await write((connection) => connection.execute(sql, [JSON.stringify(rows)]))
    expect(matched).toBe(2)
    const after = await things()
    expect(after).toMatchObject([
      { id: ID_A, code: null, amount: 8_640_000_000_000_000 },
      { id: ID_B, code: 'bb', amount: null },
      { id: ID_C, code: 'c', amount: 100, count: null },
    ])
  })

  it('finds the rows to update by their key, however many others there are', async () => {
    const id = (n: number): string => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`
    await insert(...Array.from({ length: 3_000 }, (_, n) => [id(n), `code ${n}`, null, n] as const))
    await write((connection) => connection.execute(ANALYZE[name]))
    const sql = driver.database.dialect.updateFromJson({
      table: 'things',
      columns: [
        { name: 'id', type: 'text' },
        { name: 'amount', type: 'integer' },
      ],
      set: 'amount = v.amount',
      where: 't.amount > 0',
    })
    const explain = name === 'SQLite' ? 'explain query plan' : 'explain'
    const plan = await write(async (connection) => {
      // It guesses a hundred rows of JSON, for which it would rather read a table as small as this from end to end.
      if (name === 'PostgreSQL') await connection.execute('set local enable_seqscan = off')
      return connection.query(`${explain} ${sql}`, [JSON.stringify([[id(7), 1]])])
    })
    expect(JSON.stringify(plan)).toMatch(BY_KEY[name])
  })

  it('selects from JSON rows', async () => {
    await insert([ID_A, 'a', 'ä', 1], [ID_B, 'b', null, 2])
    const rows = driver.database.dialect.rowsFromJson([
      { name: 'wanted', type: 'text' },
      { name: 'least', type: 'integer' },
    ])
    const sql = `select t.id, v.least from ${rows} as v join things as t on t.id = v.wanted and t.amount >= v.least where t.amount < ?`
    const parameters = [JSON.stringify([[ID_A, 1], [ID_B, 3], [ID_C, null]]), 50] // prettier-ignore
    const found = await driver.database.read((connection) => connection.query(sql, parameters))
    expect(found).toEqual([{ id: ID_A, least: 1 }])
  })

  it('counts the rows that matched, changed or not', async () => {
    await insert([ID_A, 'a', null, 1], [ID_B, 'b', null, 2])
    const update = (amount: number): Promise<number> =>
      write((connection) => connection.execute('update things set amount = ? where amount = ?', [amount, amount]))
    expect([await update(1), await update(7)]).toEqual([1, 0])
  })

  it('tells codes and texts apart by every letter', async () => {
    await insert([ID_A, 'Straße'.slice(0, 4), 'Straße', 1], [ID_B, 'stra', 'strasse', 2])
    const find = (title: string): Promise<unknown[]> =>
      driver.database.read((connection) => connection.query('select id from things where title = ?', [title]))
    expect(await find('Straße')).toEqual([{ id: ID_A }])
    expect(await find('STRASSE')).toEqual([])
    const sorted = await driver.database.read((connection) => connection.query('select code from things order by code'))
    expect(sorted).toEqual([{ code: 'Stra' }, { code: 'stra' }])
  })

  it('keeps texts of a mebibyte and of four-byte letters, and large integers as numbers', async () => {
    const body = '🐙"\\\'?$1\n'.repeat(100_000)
    const sql = 'insert into things (id, amount, title, body) values (?, ?, ?, ?)'
    await write((connection) => connection.execute(sql, [ID_A, Number.MAX_SAFE_INTEGER, '🐙', body]))
    const [row] = await driver.database.read((connection) =>
      connection.query<{ amount: number; title: string; body: string }>(
        'select amount, title, body from things limit ?',
        [1],
      ),
    )
    expect(row).toEqual({ amount: Number.MAX_SAFE_INTEGER, title: '🐙', body })
  })

  it('answers sums and counts as numbers', async () => {
    await insert([ID_A, 'a', null, 2 ** 40], [ID_B, 'b', null, 1])
    const sums = await driver.database.read((connection) =>
      connection.query('select count(*) as many, sum(amount) as total from things'),
    )
    expect(sums).toEqual([{ many: 2, total: 2 ** 40 + 1 }])
  })

  it("knows the database's clock in whole milliseconds", async () => {
    const before = systemClock.wallMs()
    const [row] = await driver.database.read((connection) =>
      connection.query<{ now: number }>(`select ${driver.database.dialect.nowMs} as now`),
    )
    expect(row!.now).toBeGreaterThanOrEqual(before - 1)
    expect(row!.now).toBeLessThanOrEqual(systemClock.wallMs() + 1)
    expect(Number.isInteger(row!.now)).toBe(true)
  })

  it('rolls back what a failed body wrote, and passes its error on', async () => {
    const failure = new Error('no')
    const writing = write(async (connection) => {
      await connection.execute('insert into things (id) values (?)', [ID_A])
      throw failure
    })
    await expect(writing).rejects.toBe(failure)
    expect(await things()).toEqual([])
  })

  it('runs transactions at the same time without mixing them', async () => {
    await insert([ID_A, 'a', null, 0])
    const increment = (): Promise<unknown> =>
      write(async (connection) => {
        const lock = `select amount from things where id = ?${driver.database.dialect.forUpdate}`
        const [row] = await connection.query<{ amount: number }>(lock, [ID_A])
        await connection.execute('update things set amount = ? where id = ?', [row!.amount + 1, ID_A])
      })
    await Promise.all(Array.from({ length: 25 }, increment))
    expect(await things()).toMatchObject([{ amount: 25 }])
  })
})
