import { fork } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock, type Clock } from '../clock.js'
import { databases } from '../testing/databases.js'
import type { DatabaseConfig } from './database-config.js'
import { openDriver, type Driver } from './driver.js'
import { migrate, migrationStatus } from './migrate.js'
import { MigrationLock } from './migration-lock.js'
import { MIGRATIONS } from './migrations/index.js'
import type { Migration } from './migrations/migration.js'
import { assertSchemaUsable } from './schema-check.js'

const first: Migration = {
  number: 1,
  name: 'first',
  minimumVersion: 1,
  statements: (types) => [
    `create table one (id ${types.id} not null primary key, n ${types.integer}) ${types.tableOptions}`,
    `create table two (id ${types.id} not null primary key) ${types.tableOptions}`,
    'create index one_n on one (n)',
    `insert into two (id) values ('only once')`,
  ],
}
const second: Migration = {
  number: 2,
  name: 'second',
  minimumVersion: 1,
  statements: (types) => [`alter table one add column label ${types.text(20)}`],
}

const expireLock = 'update schema_migration_lock set expires_at = 0'

describe.each(databases)('migrating $name', ({ name, create }) => {
  let config: DatabaseConfig
  let driver: Driver
  let drop: () => Promise<void>

  beforeEach(async () => {
    ;({ config, drop } = await create())
    driver = openDriver(config, { clock: systemClock, deadlineMs: 30_000 })
  })
  afterEach(async () => {
    await driver.database.close()
    await drop()
  })

  const count = async (table: string): Promise<number> => {
    const rows = await driver.database.read((connection) =>
      connection.query<{ n: number }>(`select count(*) as n from ${table}`),
    )
    return rows[0]!.n
  }
  const states = async (migrations: readonly Migration[]) =>
    (await migrationStatus(config, { migrations })).map(({ number, state }) => [number, state])

  it('applies what is missing, in order, once', async () => {
    expect(await states([first, second])).toEqual([[1, 'missing'], [2, 'missing']]) // prettier-ignore
    expect(await migrate(config, { migrations: [first] })).toEqual({ applied: [1] })
    const steps: string[] = []
    const migrations = [first, second]
    const onStep = (step: { name: string; step: number; of: number }) =>
      steps.push(`${step.name} ${step.step}/${step.of}`)
    expect(await migrate(config, { migrations, onStep })).toEqual({ applied: [2] })
    expect(await migrate(config, { migrations, onStep })).toEqual({ applied: [] })
    expect(steps).toEqual(['second 1/1'])
    expect(await states(migrations)).toEqual([[1, 'done'], [2, 'done']]) // prettier-ignore
    expect(await count('two')).toBe(1)
  })

  it('is safe when four start at once', async () => {
    // SQLite waits for its lock in place, so there the four have to be processes.
    const run = name === 'SQLite' ? () => migrateInProcess(config) : () => migrate(config)
    const applied = await Promise.all([run(), run(), run(), run()])
    expect(applied.flatMap((one) => one?.applied)).toEqual(MIGRATIONS.map(({ number }) => number))
    await assertSchemaUsable(driver)
  })

  it('goes on where a failed run stopped', async () => {
    const broken: Migration = {
      ...first,
      statements: (types, kind) => [...first.statements(types, kind).slice(0, 3), 'create nonsense'],
    }
    await expect(migrate(config, { migrations: [broken] })).rejects.toThrow()
    expect(await states([first])).toEqual([[1, name === 'SQLite' ? 'missing' : 'under way']])
    expect(await migrate(config, { migrations: [first] })).toEqual({ applied: [1] })
    expect(await count('two')).toBe(1)
  })

  it('refuses a table that somebody else made', async () => {
    await driver.database.write((connection) => connection.execute('create table one (other integer)'))
    await expect(migrate(config, { migrations: [first] })).rejects.toThrow(/exists/)
  })

  it('tells a missing schema, an old one and a newer one apart', async () => {
    await expect(assertSchemaUsable(driver, [first])).rejects.toThrow(
      'no Dispatch schema yet. Run: npx dispatch migrate',
    )
    await migrate(config, { migrations: [first] })
    await assertSchemaUsable(driver, [first])
    await expect(assertSchemaUsable(driver, [first, second])).rejects.toThrow('lacks the migrations 2 (second)')
    await migrate(config, { migrations: [first, second] })
    await assertSchemaUsable(driver, [first])
    const breaking: Migration = { number: 3, name: 'third', minimumVersion: 3, statements: () => ['drop table two'] }
    await migrate(config, { migrations: [first, second, breaking] })
    await expect(assertSchemaUsable(driver, [first, second])).rejects.toThrow('a newer Dispatch')
    expect(await states([first])).toEqual([[1, 'done'], [2, 'unknown'], [3, 'unknown']]) // prettier-ignore
  })

  it.skipIf(name === 'SQLite')('stops when another process took over while it stood still', async () => {
    await migrate(config, { migrations: [] })
    const lock = await MigrationLock.acquire(driver.database, systemClock)
    await driver.database.read((connection) => lock.assertHeld(connection))
    await driver.database.write((connection) => connection.execute(expireLock))
    const other = await MigrationLock.acquire(driver.database, systemClock)
    await expect(driver.database.read((connection) => lock.assertHeld(connection))).rejects.toThrow('took over')
    await lock.release()
    await driver.database.read((connection) => other.assertHeld(connection))
    await other.release()
  })

  it.skipIf(name === 'SQLite')('keeps its lock for as long as it works', async () => {
    await migrate(config, { migrations: [] })
    const timers: (() => void)[] = []
    let renewed: () => void = () => undefined
    const renewal = new Promise<void>((resolve) => (renewed = resolve))
    const setTimer: Clock['setTimer'] = (_delayMs, run) => {
      if (timers.push(run) === 2) renewed()
      return { cancel: () => undefined }
    }
    const lock = await MigrationLock.acquire(driver.database, { ...systemClock, setTimer })
    await driver.database.write((connection) => connection.execute(expireLock))
    timers[0]!()
    await renewal
    const [row] = await driver.database.read((connection) =>
      connection.query<{ expires_at: number }>('select expires_at from schema_migration_lock'),
    )
    expect(row!.expires_at).toBeGreaterThan(systemClock.wallMs() + 5_000)
    await lock.release()
  })

  it.skipIf(name === 'SQLite')('leaves no timer behind when it is released during a renewal', async () => {
    await migrate(config, { migrations: [] })
    const waiting = new Map<object, () => void>()
    const setTimer: Clock['setTimer'] = (_delayMs, run) => {
      const timer = { cancel: () => void waiting.delete(timer) }
      waiting.set(timer, run)
      return timer
    }
    const lock = await MigrationLock.acquire(driver.database, { ...systemClock, setTimer })
    const [[timer, renew]] = [...waiting] as [[object, () => void]]
    waiting.delete(timer)
    renew()
    await lock.release()
    expect(waiting.size).toBe(0)
  })

  it('is resumed after a kill between a statement and its note', async () => {
    expect(await migrateInProcess(config, { killAtStep: 5 })).toBeUndefined()
    if (name !== 'SQLite') await driver.database.write((connection) => connection.execute(expireLock))
    expect((await migrate(config)).applied[0]).toBe(1)
    await assertSchemaUsable(driver)
  })
})

/** What a run in a process of its own answered; undefined when it was killed in mid-statement, as asked. */
async function migrateInProcess(
  config: DatabaseConfig,
  options: { killAtStep?: number } = {},
): Promise<{ applied: number[] } | undefined> {
  const args = [JSON.stringify(config), JSON.stringify(options)]
  const child = fork(new URL('../testing/migrate-process.ts', import.meta.url), args, { execArgv: ['--import', 'tsx'] })
  let answer: { applied: number[] } | undefined
  child.on('message', (message) => (answer = message as typeof answer))
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect([code, signal]).toEqual(options.killAtStep === undefined ? [0, null] : [null, 'SIGKILL'])
  return answer
}
