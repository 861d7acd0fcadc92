/** The API and the engine do not wait for each other's connections. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../clock.js'
import { databases } from '../testing/databases.js'
import { seedProject } from './conformance/seeds.js'
import { ALL_DUE, claimRequest, createJobs, record, releaseRequest } from './conformance/subject.js'
import type { DatabaseConfig, ServerConfig } from './database-config.js'
import { openDriver } from './driver.js'
import { migrate } from './migrate.js'
import { openStore } from './open.js'
import type { Database, Dialect } from './sql/database.js'
import { QueryTooSlowError, type Store } from './store.js'

const POOL_SIZE = 4
/** Ten times what the pool has: without connections of its own the engine would come after them. */
const READS = 40

const servers = databases.filter(({ name }) => name !== 'SQLite')

describe.each(servers)('a store on $name', ({ name, create }) => {
  async function open(): Promise<{ store: Store; database: Database }> {
    const { config, drop } = await create()
    onTestFinished(drop)
    await migrate(config)
    const store = await openStore(sized(config), { clock: systemClock })
    onTestFinished(() => store.close())
    const { database } = openDriver(config, { clock: systemClock, deadlineMs: 30_000 })
    onTestFinished(() => database.close())
    return { store, database }
  }

  it('runs the verbs of the engine while reads of the API have all their connections and wait for more', async () => {
    const { store, database } = await open()
    const project = await seedProject(store)
    const jobs = await createJobs(store, project, [{}, {}])
    const request = claimRequest(jobs)
    let answered = 0
    const reads = await whileLocked(database, 'users', async () => {
      const reading = Array.from({ length: READS }, async () => {
        await store.findUserByEmail('nobody@example.com')
        answered += 1
      })
      const { replicaIds } = await store.heartbeat({ replicaId: 'replica-a', staleAfterMs: 60_000 })
      expect(replicaIds).toEqual(['replica-a'])
      expect((await store.readDue(ALL_DUE)).jobs).toHaveLength(2)
      const [first, second] = (await store.claim(request)).jobs
      expect(await store.recordAttempts([record(first!, request.claimId)])).toEqual(['recorded'])
      expect(await store.handBack([{ id: second!.id, claimId: request.claimId }])).toBe(1)
      expect(await store.releaseExpired(releaseRequest())).toEqual([])
      expect(answered).toBe(0)
      return reading
    })
    await Promise.all(reads)
    expect(answered).toBe(READS)
  })

  it('opens no more connections than it may, the engine included', async () => {
    const { store, database } = await open()
    const calls = Array.from({ length: READS }, (_, i) => [
      store.findUserByEmail('nobody@example.com'),
      store.heartbeat({ replicaId: `replica-${i}`, staleAfterMs: 60_000 }),
    ])
    await Promise.all(calls.flat())
    // The one that counts them is not the store's.
    expect(await countConnections(database)).toBe(POOL_SIZE + 1)
  })

  // The others have no table lock whose wait can be ended as a time limit ends it.
  if (name === 'PostgreSQL')
    it('tells the API of a read that was ended as too slow; the engine only asks again', async () => {
      const { store, database } = await open()
      const { userId } = await seedProject(store)
      const page = { scope: { kind: 'user', userId }, page: 1, limit: 20 } as const
      await whileLocked(database, 'jobs', async () => {
        const listing = expect(store.listJobs(page)).rejects.toThrow(QueryTooSlowError)
        await cancelWaiting(database)
        await listing
      })
      const { due } = await whileLocked(database, 'jobs', async () => {
        const reading = store.readDue(ALL_DUE)
        await cancelWaiting(database)
        return { due: reading }
      })
      expect((await due).jobs).toEqual([])
    })
})

/** Waits for a statement that waits for a lock, and cancels it, as a time limit does. */
async function cancelWaiting(database: Database): Promise<void> {
  const waiting = `from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  const cancel = async (): Promise<number> => {
    const rows = await database.read((connection) => connection.query(`select pg_cancel_backend(pid) ${waiting}`))
    return rows.length
  }
  await expect.poll(cancel).toBeGreaterThan(0)
}

function sized(config: DatabaseConfig): ServerConfig {
  return { ...(config as ServerConfig), poolSize: POOL_SIZE }
}

type Table = 'users' | 'jobs'

const LOCK: Partial<Record<Dialect['kind'], (table: Table) => readonly [lock: string, unlock: string]>> = {
  mysql: (table) => [`lock tables ${table} write`, 'unlock tables'],
  // Held for as long as it takes: a server's own limit is five seconds.
  postgres: (table) => [
    `begin; set local idle_in_transaction_session_timeout = 0; lock table ${table} in access exclusive mode`,
    'commit',
  ],
}

/** Nobody can read the table until `run` is over. */
function whileLocked<T>(database: Database, table: Table, run: () => Promise<T>): Promise<T> {
  const [lock, unlock] = LOCK[database.dialect.kind]!(table)
  return database.read(async (connection) => {
    await connection.execute(lock)
    try {
      return await run()
    } finally {
      await connection.execute(unlock)
    }
  })
}

const COUNT: Partial<Record<Dialect['kind'], string>> = {
  mysql: 'select count(*) as total from information_schema.processlist where db = database()',
  postgres: 'select count(*) as total from pg_stat_activity where datname = current_database()',
}

async function countConnections(database: Database): Promise<number> {
  const [row] = await database.read((connection) => connection.query<{ total: number }>(COUNT[database.dialect.kind]!))
  return row!.total
}
