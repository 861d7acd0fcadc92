import { existsSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../clock.js'
import { databases } from '../testing/databases.js'
import type { DatabaseConfig } from './database-config.js'
import { migrate, migrationStatus } from './migrate.js'
import { openStore } from './open.js'
import { SchemaError } from './schema-check.js'

const EXPECTED = {
  SQLite: /^SQLite 3\.\d+\.\d+ at \/.*dispatch\.db$/,
  MariaDB: /^MariaDB 1\d\.\d+\.\d+ at 127\.0\.0\.1:\d+\/dispatch_/,
  PostgreSQL: /^PostgreSQL \d\d\.\d+ at 127\.0\.0\.1:\d+\/dispatch_/,
} as const

describe.each(databases)('opening the store on $name', ({ name, create }) => {
  async function createConfig(): Promise<DatabaseConfig> {
    const { config, drop } = await create()
    onTestFinished(drop)
    return config
  }

  it('says what it is, without credentials, and runs verbs', async () => {
    const config = await createConfig()
    await migrate(config)
    const store = await openStore(config, { clock: systemClock })
    expect(store.capabilities.description).toMatch(EXPECTED[name])
    await store.ping()
    expect(await store.settingOrInsert('colour', 'red')).toBe('red')
    expect(await store.settingOrInsert('colour', 'blue')).toBe('red')
    expect(await store.hasInstanceOwner()).toBe(false)
    await store.close()
  })

  it('names the command when there is no schema, and makes none', async () => {
    const config = await createConfig()
    const opening = openStore(config, { clock: systemClock })
    await expect(opening).rejects.toThrow(SchemaError)
    await expect(opening).rejects.toThrow(/[Rr]un: npx dispatch migrate/)
    expect((await migrationStatus(config)).map(({ state }) => state)).not.toContain('done')
    if (config.kind === 'sqlite') expect(existsSync(config.file)).toBe(false)
  })

  it('does not bring an older schema up to date: a server may be running on it', async () => {
    const config = await createConfig()
    await migrate(config, { migrations: [] })
    await expect(openStore(config, { clock: systemClock })).rejects.toThrow('Run: npx dispatch migrate')
    expect((await migrationStatus(config)).map(({ state }) => state)).not.toContain('done')
  })
})
