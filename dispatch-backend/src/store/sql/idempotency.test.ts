/** An `Idempotency-Key` that goes between our insert, which met it, and our look at who holds it. */
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../clock.js'
import { databases } from '../../testing/databases.js'
import { seedProject } from '../conformance/seeds.js'
import { newJob } from '../conformance/subject.js'
import { openDriver } from '../driver.js'
import { migrate } from '../migrate.js'
import { openStore } from '../open.js'
import type { Connection, Database } from './database.js'
import { createJobs } from './create-jobs.js'

// On MySQL the insert locks the row that it met, and SQLite has one writer: there nobody can come in between.
it.each(databases.filter(({ name }) => name === 'PostgreSQL'))(
  'a key that is purged in the middle is reserved anew on $name',
  async ({ create }) => {
    const { config, drop } = await create()
    onTestFinished(drop)
    await migrate(config)
    const store = await openStore(config, { clock: systemClock })
    onTestFinished(() => store.close())
    const { database } = openDriver(config, { clock: systemClock, deadlineMs: 30_000 })
    onTestFinished(() => database.close())

    const project = await seedProject(store)
    const first = newJob(project)
    const idempotency = { key: 'k', bodyHash: 'hash', expiresAtMs: first.nowMs + 1_000 }
    await store.createJobs([{ ...first, idempotency }])
    let purged = 0
    const interrupted = afterInsert(database, async () => {
      if (purged === 0) purged += await store.purgeExpired({ nowMs: idempotency.expiresAtMs, limit: 10 })
    })
    const second = newJob(project, { idempotency })
    expect(await createJobs(interrupted, [second])).toEqual([{ outcome: 'created' }])
    expect(purged).toBe(1)
    const third = newJob(project, { idempotency })
    expect(await store.createJobs([third])).toMatchObject([{ outcome: 'replayed', job: { id: second.id } }])
  },
)

/** The database, with `run` after each insert of keys. */
function afterInsert(database: Database, run: () => Promise<void>): Database {
  const interrupt = (connection: Connection): Connection => ({
    query: (sql, values) => connection.query(sql, values),
    execute: async (sql, values) => {
      const count = await connection.execute(sql, values)
      if (sql.startsWith('insert into idempotency_keys')) await run()
      return count
    },
  })
  return {
    dialect: database.dialect,
    write: (body) => database.write((connection) => body(interrupt(connection))),
    read: (body, options) => database.read(body, options),
    close: () => database.close(),
  }
}
