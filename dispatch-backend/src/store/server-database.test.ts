/** What a real server, and the network before it, can do to a transaction. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../clock.js'
import { databases } from '../testing/databases.js'
import { TcpProxy } from '../testing/tcp-proxy.js'
import type { ServerConfig } from './database-config.js'
import { openDriver, type DriverOptions } from './driver.js'
import type { Connection, Database } from './sql/database.js'
import { DatabaseAwayError, QueryTooSlowError } from './store.js'

const servers = databases.filter(({ name }) => name !== 'SQLite')

describe.each(servers)('a transaction on $name', ({ name, create }) => {
  let config: ServerConfig
  let drop: () => Promise<void>
  let proxy: TcpProxy
  let database: Database
  /** Not through the proxy. */
  let direct: Database

  beforeEach(async () => {
    const made = await create()
    config = made.config as ServerConfig
    drop = made.drop
    proxy = await TcpProxy.start(config)
    direct = openDriver(config, { clock: systemClock, deadlineMs: 30_000 }).database
    database = open({ deadlineMs: 30_000 })
    await direct.write(async (connection) => {
      await connection.execute('create table entries (id integer not null primary key, n integer not null)')
    })
    await direct.write((connection) =>
      connection.execute('insert into entries (id, n) values (?, ?), (?, ?)', [1, 0, 2, 0]),
    )
  })
  afterEach(async () => {
    await database.close()
    await direct.close()
    await proxy.close()
    await drop()
  })

  function open(options: Omit<DriverOptions, 'clock'>): Database {
    const throughProxy = { ...config, host: '127.0.0.1', port: proxy.port }
    return openDriver(throughProxy, { clock: systemClock, ...options }).database
  }
  /** Replayable, as all verbs are: it sets, it does not add. */
  const set = (id: number, n: number) => (connection: Connection) =>
    connection.execute('update entries set n = ? where id = ?', [n, id])
  const valueOf = (id: number): Promise<number> =>
    direct.read(async (connection) => {
      const rows = await connection.query<{ n: number }>('select n from entries where id = ?', [id])
      return rows[0]!.n
    })

  it.each(['cut-request', 'cut-answer'] as const)(
    'is run again after the network did "%s" to its COMMIT',
    async (fault) => {
      // Not the "read committed" before it.
      proxy.arm(fault, /commit(?!ted)/i)
      let runs = 0
      const matched = await database.write((connection) => {
        runs += 1
        return set(1, 7)(connection)
      })
      expect({ matched, runs, n: await valueOf(1), armed: proxy.armed }).toEqual({
        matched: 1,
        runs: 2,
        n: 7,
        armed: 0,
      })
    },
  )

  it('is run again when the connection goes in its middle', async () => {
    proxy.arm('cut-answer', /update entries/)
    await database.write(set(1, 8))
    expect(await valueOf(1)).toBe(8)
  })

  it('is given up as away when three connections in a row go', async () => {
    for (let i = 0; i < 3; i += 1) proxy.arm('cut-request', /update entries/)
    await expect(database.write(set(1, 9))).rejects.toThrow(DatabaseAwayError)
    expect(await valueOf(1)).toBe(0)
    await database.write(set(1, 10))
    expect(await valueOf(1)).toBe(10)
  })

  it('does not notice that idle connections died', async () => {
    await Promise.all([1, 2].map((id) => database.write(set(id, 11))))
    await proxy.cutAll()
    await database.write(set(1, 12))
    expect(await valueOf(1)).toBe(12)
  })

  it('is given up as away, with words, when nobody listens', async () => {
    await proxy.close()
    const writing = database.write(set(1, 13))
    await expect(writing).rejects.toThrow(DatabaseAwayError)
    await expect(writing).rejects.toThrow(/does not answer: .*ECONNREFUSED/)
    proxy = await TcpProxy.start(config)
  })

  it('is given up when no answer comes before its deadline', async () => {
    const hasty = open({ deadlineMs: 1_500 })
    // On a machine that stalls, one that nothing befalls may take as long.
    const untilDone = (n: number): Promise<void> =>
      expect.poll(() => hasty.write(set(2, n)).catch((error: unknown) => error)).toBe(1)
    await untilDone(1)
    proxy.arm('swallow-answer', /start transaction|begin /)
    await expect(hasty.write(set(1, 14))).rejects.toThrow('did not answer within 1.5 s')
    await untilDone(15)
    expect(await valueOf(2)).toBe(15)
    await hasty.close()
  })

  const [limit, wait] =
    name === 'PostgreSQL'
      ? ['set statement_timeout = 100', 'select pg_sleep(600)']
      : ['set session max_statement_time = 0.1', 'select sleep(600)']
  /** The server ends the second statement. */
  const outlast = async (connection: Connection): Promise<void> => {
    await connection.query(limit)
    await connection.query(wait)
  }

  it('is run again when the server ended a statement that took too long, for the engine and for all who write', async () => {
    const forApi = open({ deadlineMs: 30_000, endsSlowReads: true })
    const runs = { read: 0, write: 0, apiWrite: 0 }
    const endedOnce = (kind: keyof typeof runs) => async (connection: Connection) => {
      runs[kind] += 1
      if (runs[kind] === 1) await outlast(connection)
      await set(1, 20)(connection)
    }
    await database.read(endedOnce('read'))
    await database.write(endedOnce('write'))
    await forApi.write(endedOnce('apiWrite'))
    expect(runs).toEqual({ read: 2, write: 2, apiWrite: 2 })
    const always = database.read(outlast)
    await expect(always).rejects.toThrow(DatabaseAwayError)
    await expect(always).rejects.not.toBeInstanceOf(QueryTooSlowError)
    await forApi.close()
  })

  it('is told as too slow, at once, when a read of the API takes too long', async () => {
    const forApi = open({ deadlineMs: 30_000, endsSlowReads: true })
    let runs = 0
    const reading = forApi.read((connection) => {
      runs += 1
      return outlast(connection)
    })
    await expect(reading).rejects.toThrow(QueryTooSlowError)
    await expect(reading).rejects.toThrow(/took too long for a read, ended after [1-9]\d* s$/)
    expect(runs).toBe(1)
    expect(await forApi.read((connection) => connection.query('select 1 as one'))).toEqual([{ one: 1 }])
    await forApi.close()
  })

  it('is told as too slow when its deadline comes between answers, and as away when there were none', async () => {
    const forApi = open({ deadlineMs: 2_000, endsSlowReads: true })
    const first = (connection: Connection) => connection.query('select 1 as first_of_two')
    const half = async (connection: Connection): Promise<void> => {
      await first(connection)
      proxy.arm('swallow-answer', /second_of_two/)
      await connection.query('select 2 as second_of_two')
    }
    // On a machine that stalls, the first answer may take as long.
    const failure = (): Promise<unknown> => forApi.read(half).catch((error: unknown) => error)
    await expect.poll(failure).toBeInstanceOf(QueryTooSlowError)
    proxy.arm('swallow-answer', /first_of_two/)
    await expect(forApi.read(first)).rejects.toThrow('did not answer within 2 s')
    await forApi.close()
  })

  it('is told as too slow also when it waited for a connection first', async () => {
    const one = openDriver({ ...config, poolSize: 1 }, { clock: systemClock, deadlineMs: 3_000, endsSlowReads: true })
    // The server gives up two seconds after that, when three since the call are over.
    const holdPlace = (): Promise<void> => one.database.read(() => systemClock.sleep(1_500))
    const second = async (): Promise<unknown> => {
      const holding = holdPlace()
      const slow = one.database.read((connection) => connection.query(wait)).catch((error: unknown) => error)
      await holding
      return slow
    }
    await expect.poll(second).toBeInstanceOf(QueryTooSlowError)
    await one.database.close()
  })

  it('has a limit for statements a second below the deadline, on MariaDB only of the API', async () => {
    const limitOf = async (options: Omit<DriverOptions, 'clock'>): Promise<unknown> => {
      const limited = open(options)
      const setting =
        name === 'PostgreSQL' ? `current_setting('statement_timeout')` : '@@session.max_statement_time + 0'
      const [row] = await limited.read((connection) =>
        connection.query<{ value: unknown }>(`select ${setting} as value`),
      )
      await limited.close()
      return row!.value
    }
    const isPostgres = name === 'PostgreSQL'
    expect(await limitOf({ deadlineMs: 30_000, endsSlowReads: true })).toEqual(isPostgres ? '29s' : 29)
    expect(await limitOf({ deadlineMs: 30_000 })).toEqual(isPostgres ? '29s' : 0)
  })

  it('is run again when it lost a deadlock', async () => {
    const bothHoldOne = barrier(2)
    let runs = 0
    const lockThenOther = (own: number, other: number): Promise<unknown> =>
      database.write(async (connection) => {
        runs += 1
        await set(own, own)(connection)
        // The second run of the loser must not wait for the winner to come again.
        if (runs <= 2) await bothHoldOne()
        await set(other, own)(connection)
      })
    await Promise.all([lockThenOther(1, 2), lockThenOther(2, 1)])
    expect(runs).toBe(3)
    expect(await valueOf(1)).toBe(await valueOf(2))
  })

  it('is run again when an operator killed its session', async () => {
    let runs = 0
    await database.write(async (connection) => {
      runs += 1
      await set(1, 16)(connection)
      if (runs === 1) await killOthers()
      await set(2, 16)(connection)
    })
    expect([runs, await valueOf(1), await valueOf(2)]).toEqual([2, 16, 16])
  })

  async function killOthers(): Promise<void> {
    await direct.read(async (connection) => {
      if (name === 'PostgreSQL') {
        const own = 'pid <> pg_backend_pid() and datname = current_database()'
        await connection.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${own}`)
        return
      }
      const others = await connection.query<{ id: number }>(
        'select id from information_schema.processlist where db = database() and id <> connection_id()',
      )
      for (const { id } of others) await connection.execute(`kill ${id}`)
    })
  }

  it("passes on what is nobody else's fault, once, and leaves the connection usable", async () => {
    let runs = 0
    const duplicate = database.write((connection) => {
      runs += 1
      return connection.execute('insert into entries (id, n) values (?, ?)', [1, 1])
    })
    await expect(duplicate).rejects.toThrow(/duplicate/i)
    expect(runs).toBe(1)
    await database.write(set(1, 17))
    expect(await valueOf(1)).toBe(17)
  })

  it('names a wrong password as such', async () => {
    const wrong = openDriver(
      { ...config, user: 'nobody', password: 'secret-word' },
      { clock: systemClock, deadlineMs: 5_000 },
    )
    const reading = wrong.database.read((connection) => connection.query('select 1'))
    await expect(reading).rejects.toThrow(/nobody/)
    await expect(reading).rejects.not.toThrow(/secret-word/)
    await expect(reading).rejects.not.toBeInstanceOf(DatabaseAwayError)
    await wrong.database.close()
  })
})

/** Resolves for all callers once `count` have called. */
function barrier(count: number): () => Promise<void> {
  let arrived = 0
  let open: () => void
  const opened = new Promise<void>((resolve) => (open = resolve))
  return () => {
    arrived += 1
    if (arrived === count) open()
    return opened
  }
}
