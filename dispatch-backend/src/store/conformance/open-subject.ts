import { afterAll, beforeAll } from 'vitest'
import { systemClock } from '../../clock.js'
import type { TestDatabase } from '../../testing/databases.js'
import { openDriver } from '../driver.js'
import { migrate } from '../migrate.js'
import { openStore } from '../open.js'
import type { Database } from '../sql/database.js'
import { seedProject } from './seeds.js'
import type { StoreSubject } from './subject.js'

/** Beside the stores, a connection of the suite's own. */
export interface SqlSubject extends StoreSubject {
  readonly database: Database
}

const DEADLINE_MS = 30_000

/** Children before their parents. */
const TABLES = [
  'echo_requests',
  'echoes',
  'stats_buckets',
  'stats_late',
  'registrations',
  'proofs',
  'code_tries',
  'outbox',
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
 * One migrated database for all cases of a `describe`, with two stores on it, opened as a replica opens its own; the function answered empties it for the next
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
  const store = await openStore(config, { clock: systemClock })
  const other = await openStore(config, { clock: systemClock })
  const { database } = openDriver(config, { clock: systemClock, deadlineMs: DEADLINE_MS })
  return {
    store,
    other,
    database,
    singleEngine: store.capabilities.singleEngine,
    seedProject: () => seedProject(store),
    close: async () => {
      await Promise.all([store.close(), other.close(), database.close()])
      await drop()
    },
  }
}
