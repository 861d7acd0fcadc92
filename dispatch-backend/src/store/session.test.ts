/** How the connections of a server are set up. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../clock.js'
import { databases } from '../testing/databases.js'
import { openDriver, type Driver } from './driver.js'

const on = (wanted: string) => databases.filter(({ name }) => name === wanted)

let driver: Driver
let drop: () => Promise<void>

async function open(create: (typeof databases)[number]['create']): Promise<void> {
  const made = await create()
  drop = made.drop
  driver = openDriver(made.config, { clock: systemClock, deadlineMs: 30_000 })
}

afterEach(async () => {
  await driver.database.close()
  await drop()
})

describe.each(on('MariaDB'))('a connection to $name', ({ create }) => {
  beforeEach(() => open(create))

  it('is strict, in UTC, at READ COMMITTED, and gives up waiting', async () => {
    const [row] = await driver.database.read((connection) =>
      connection.query<Record<string, unknown>>(
        `select @@session.tx_isolation as isolation, @@session.time_zone as zone, @@session.innodb_lock_wait_timeout as wait,
          @@session.idle_transaction_timeout as idle, @@session.sql_mode as mode, @@session.collation_connection as collation`,
      ),
    )
    expect(row).toMatchObject({
      isolation: 'READ-COMMITTED',
      zone: '+00:00',
      wait: 5,
      idle: 5,
      collation: 'utf8mb4_bin',
    })
    expect(row!['mode']).toContain('STRICT_TRANS_TABLES')
  })

  it('refuses a statement over max_allowed_packet before sending it, and stays usable', async () => {
    const read = <Row>(sql: string, values: string[] = []) =>
      driver.database.read((connection) => connection.query<Row>(sql, values))
    const [row] = await read<{ limit: number }>('select @@session.max_allowed_packet as `limit`')
    await expect(read('select length(?) as n', ['x'.repeat(row!.limit)])).rejects.toThrow(/max_allowed_packet of \d+/)
    expect(await read('select length(?) as n', ['x'.repeat(row!.limit - 1024)])).toEqual([{ n: row!.limit - 1024 }])
  })

  it('reads fresh where the server has no cluster, too', async () => {
    const reading = driver.database.read((connection) => connection.query('select 1 as one'), { fresh: true })
    expect(await reading).toEqual([{ one: 1 }])
  })
})

describe.each(on('PostgreSQL'))('a connection to $name', ({ create }) => {
  beforeEach(() => open(create))

  it('has its limits, its name and UTC', async () => {
    const settings = await driver.database.write((connection) =>
      connection.query<Record<string, unknown>>(
        `select current_setting('transaction_isolation') as isolation, current_setting('statement_timeout') as statement,
          current_setting('lock_timeout') as lock, current_setting('idle_in_transaction_session_timeout') as idle,
          current_setting('application_name') as name, current_setting('timezone') as zone, current_setting('jit') as jit`,
      ),
    )
    const limits = { statement: '29s', lock: '5s', idle: '5s' }
    expect(settings).toEqual([{ isolation: 'read committed', name: 'dispatch', zone: 'UTC', jit: 'off', ...limits }])
  })

  it('prepares a statement that comes again and again, once', async () => {
    const prepared = await driver.database.read(async (connection) => {
      for (let i = 0; i < 5; i += 1) await connection.query('select ? :: bigint as hot', [i])
      return connection.query(`select statement from pg_prepared_statements where statement like '%hot%'`)
    })
    expect(prepared).toEqual([{ statement: 'select $1 :: bigint as hot' }])
  })

  it('does not take a transaction for committed that the server rolled back', async () => {
    const writing = driver.database.write(async (connection) => {
      await connection.execute('select 1 / 0').catch(() => undefined)
    })
    await expect(writing).rejects.toThrow('The transaction was not committed (ROLLBACK)')
  })

  it('survives that a migration changes a table under a prepared statement', async () => {
    const { database } = driver
    await database.write((connection) => connection.execute('create table t (a bigint)'))
    const read = () => database.read((connection) => connection.query('select * from t where a is null or a > ?', [0]))
    for (let i = 0; i < 4; i += 1) await read()
    await database.write((connection) => connection.execute('alter table t add column b bigint'))
    await database.write((connection) => connection.execute('insert into t (a) values (?)', [1]))
    expect(await read()).toEqual([{ a: 1, b: null }])
  })
})
