import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../clock.js'
import type { DatabaseConfig } from '../store/database-config.js'
import { openDriver } from '../store/driver.js'
import { migrate, plannedStatements } from '../store/migrate.js'
import { databases } from '../testing/databases.js'
import { startLockHolder } from '../testing/lock-holder.js'
import { databaseUrlOf } from '../testing/server-url.js'
import { migrateCommand, type MigrateCommand } from './migrate.js'

describe.each(databases)('dispatch migrate on $name', ({ create }) => {
  async function subject(): Promise<{
    config: DatabaseConfig
    run: (mode: MigrateCommand['mode']) => Promise<string>
  }> {
    const { config, drop } = await create()
    onTestFinished(drop)
    const run = async (mode: MigrateCommand['mode']): Promise<string> => {
      const lines: string[] = []
      const input = { env: { DATABASE_URL: databaseUrlOf(config) }, files: [] }
      await migrateCommand({ mode, print: (line) => lines.push(line), input })
      return lines.join('\n')
    }
    return { config, run }
  }

  it('says what it would do, does it, and has nothing left to do', async () => {
    const { config, run } = await subject()
    expect(await run('status')).toMatch(/^1 {2}scheduler: missing/)
    const plan = await run('dryRun')
    expect(plan).toMatch(/^-- 1 {2}scheduler\ncreate table /)
    if (config.kind === 'sqlite') expect(existsSync(config.file)).toBe(false)
    expect(await run('status')).toContain('1  scheduler: missing')
    expect(await run('apply')).toMatch(/^1 {2}scheduler: step 1 of \d+\n[^]*\nApplied 1\b/)
    expect(await run('dryRun')).toBe('-- Nothing to do: the schema is up to date.')
    expect(await run('apply')).toBe('Nothing to do: the schema is up to date.')
    expect(await run('status')).not.toContain('missing')
  })

  it('plans each statement that a migration runs, as it can be run by hand', async () => {
    const { config } = await subject()
    const planned = await plannedStatements(config)
    const numbers: number[] = []
    await migrate(config, { onStep: ({ number }) => numbers.push(number) })
    expect(planned.map(({ number }) => number)).toEqual(numbers)
    const empty = await subject()
    const { database } = openDriver(empty.config, { clock: systemClock, deadlineMs: 30_000 })
    onTestFinished(() => database.close())
    for (const { sql } of planned) await database.read((connection) => connection.execute(sql))
  })

  it('plans only what a stopped run has left', async () => {
    const { config } = await subject()
    const migrations = [
      { number: 1, name: 'first', minimumVersion: 1, statements: () => ['create table one (n integer)', 'nonsense'] },
    ]
    await expect(migrate(config, { migrations })).rejects.toThrow()
    const left = (await plannedStatements(config, { migrations })).map(({ sql }) => sql)
    expect(left).toEqual(config.kind === 'sqlite' ? migrations[0]!.statements() : ['nonsense'])
  })
})

it.runIf(databases.some(({ name }) => name === 'SQLite'))('says that a server is running', async () => {
  const { config, drop } = await databases.find(({ name }) => name === 'SQLite')!.create()
  onTestFinished(drop)
  const file = config.kind === 'sqlite' ? config.file : ''
  const server = startLockHolder(file)
  const ended = once(server, 'exit')
  onTestFinished(async () => {
    server.kill('SIGKILL')
    await ended
  })
  await once(server, 'message')
  const input = { env: { DATABASE_URL: `sqlite:${file}` }, files: [] }
  const migrating = (mode: MigrateCommand['mode']): Promise<void> =>
    migrateCommand({ mode, print: () => undefined, input })
  await expect(migrating('apply')).rejects.toThrow(`A Dispatch server is running on ${file}`)
  await migrating('status')
  await migrating('dryRun')
  expect(existsSync(file)).toBe(false)
})
