import type { Database } from './database.js'
import { readDatabaseClock } from './database-clock.js'
import { readSetting } from './settings.js'

interface Lease {
  readonly holder: string
  readonly untilMs: number
}

/** See `RetentionStore.takeLease`. A lease is a setting that is only ever replaced as it was read: it needs no lock. */
export function takeLease(
  database: Database,
  { name, holder, forMs }: { name: string; holder: string; forMs: number },
): Promise<boolean> {
  const setting = `lease ${name}`
  return database.write(async (connection) => {
    const nowMs = await readDatabaseClock(connection, database.dialect)
    const value = JSON.stringify({ holder, untilMs: nowMs + forMs } satisfies Lease)
    const stored = await readSetting(connection, setting)
    if (stored === null) {
      await connection.execute(database.dialect.insertIfAbsent('settings', ['name', 'value'], 1), [setting, value])
      return (await readSetting(connection, setting)) === value
    }
    const lease = JSON.parse(stored) as Lease
    if (lease.untilMs > nowMs && lease.holder !== holder) return false
    const replace = 'update settings set value = ? where name = ? and value = ?'
    return (await connection.execute(replace, [value, setting, stored])) === 1
  })
}
