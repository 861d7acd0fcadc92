import { afterAll, beforeAll } from 'vitest'
import { systemClock } from '../../clock.js'
import type { TestDatabase } from '../../testing/databases.js'
import { openDriver } from '../driver.js'
import { migrate } from '../migrate.js'
import { SqlStore } from '../sql-store.js'
import type { Database } from '../sql/database.js'
import { seedProject } from './seeds.js'
import type { StoreSubject } from './subject.js'

export interface SqlSubject extends StoreSubject {
  readonly database: Database
}

const DEADLINE_MS = 30_000

/** Children before their parents. */
const TABLES = [
  'attempts',
  'jobs',
  'idempotency_keys',
  'replicas',
  'api_keys',
  'signing_secrets',
  'projects',
  'sessions',
  'memberships',
  'organizations',
  'users',
  'settings',
]

/**
 * One migrated database for all cases of a `describe`, with two stores on it; the function answered empties it for the next
 * case.
 */
export function shareSubject(testDatabase: TestDatabase): () => Promise<SqlSubject> {
  let subject: SqlSubject
  beforeAll(async () => {
    subject = await openSubject(testDatabase)
  })
  afterAll(() => subject.close())
  return async () => {
    await subject.database.write(async (connection) => {
      for (const table of TABLES) await connection.execute(`delete from ${table}`)
    })
    return { ...subject, close: () => Promise.resolve() }
  }
}

async function openSubject(testDatabase: TestDatabase): Promise<SqlSubject> {
  const { config, drop } = await testDatabase.create()
  await migrate(config)
  const singleEngine = config.kind === 'sqlite'
  const capabilities = { singleEngine, sharesHostClock: singleEngine, description: testDatabase.name }
  const open = (): Database => openDriver(config, { clock: systemClock, deadlineMs: DEADLINE_MS }).database
  const database = open()
  const store = new SqlStore({ database, capabilities, clock: systemClock })
  // A second handle on an SQLite file would wait for the first within the one thread that both run in.
  const other = singleEngine ? store : new SqlStore({ database: open(), capabilities, clock: systemClock })
  return {
    store,
    other,
    database,
    singleEngine,
    seedProject: () => seedProject(store),
    close: async () => {
      if (other !== store) await other.close()
      await store.close()
      await drop()
    },
  }
}
