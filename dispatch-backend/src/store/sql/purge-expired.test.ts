/** Rows that are renewed, or purged, between two statements of somebody else's transaction. */
import { describe, expect, it } from 'vitest'
import { databases } from '../../testing/databases.js'
import { codeTry, newMail, newProof } from '../conformance/account-seeds.js'
import { shareSubject } from '../conformance/open-subject.js'
import { newId, T0 } from '../conformance/subject.js'
import type { Connection, Database } from './database.js'
import { tryCode } from './proofs.js'
import { purgeExpired } from './purge-expired.js'

const OVER = T0 + 100_000

describe.each(databases)('the purge on $name', (testDatabase) => {
  const open = shareSubject(testDatabase)

  it.each(['proofs', 'code_tries', 'outbox'])(
    'leaves a row of %s that is renewed after it was chosen',
    async (table) => {
      const { store, database } = await open()
      await store.issueProof(newProof(newId()))
      await store.tryCode(codeTry(null, { codeHash: 'b'.repeat(64) }))
      await store.queueMail(newMail())
      const renewed = interruptOnce(database, `select id from ${table} `, async (connection) => {
        await connection.execute(`update ${table} set expires_at = ?`, [OVER + 1])
      })
      expect(await purgeExpired(renewed, { nowMs: OVER, limit: 10 })).toBe(2)
      expect(await purgeExpired(database, { nowMs: OVER, limit: 10 })).toBe(0)
      expect(await purgeExpired(database, { nowMs: OVER + 1, limit: 10 })).toBe(1)
    },
  )

  it('leaves a replica that comes back after it was chosen', async () => {
    const { store, database } = await open()
    const { databaseNowMs } = await store.heartbeat({ replicaId: 'a', staleAfterMs: 1_000 })
    const beat = (atMs: number) => (connection: Connection) =>
      connection.execute('update replicas set heartbeat_at = ?', [atMs])
    await database.write(beat(0))
    const renewed = interruptOnce(database, 'select id from replicas ', beat(databaseNowMs))
    expect(await purgeExpired(renewed, { nowMs: T0, limit: 10 })).toBe(0)
    await database.write(beat(0))
    expect(await purgeExpired(database, { nowMs: T0, limit: 10 })).toBe(1)
  })

  it('may take the count of a code between its insert, which met it, and its lock', async () => {
    const { store, database } = await open()
    const wrong = codeTry(null, { codeHash: 'b'.repeat(64), maxWrong: 1 })
    await store.tryCode(wrong)
    const purged = interruptOnce(database, 'insert into code_tries ', (connection) =>
      connection.execute('delete from code_tries'),
    )
    const late = { ...wrong, tryId: newId(), nowMs: OVER }
    expect(await tryCode(purged, late)).toEqual({ outcome: 'wrong' })
    expect(await store.tryCode({ ...late, tryId: newId() })).toMatchObject({ outcome: 'locked' })
  })
})

/**
 * The database, with `run` once after the first statement that starts so. It runs on the same connection: SQLite would let
 * nobody else write, and to the statements that follow it is as if another transaction had been committed there.
 */
function interruptOnce(database: Database, start: string, run: (connection: Connection) => Promise<unknown>): Database {
  let isDone = false
  const after = async (connection: Connection, sql: string): Promise<void> => {
    if (isDone || !sql.startsWith(start)) return
    isDone = true
    await run(connection)
  }
  const interrupt = (connection: Connection): Connection => ({
    query: async <Row>(sql: string, values: Parameters<Connection['query']>[1]) => {
      const rows = await connection.query<Row>(sql, values)
      await after(connection, sql)
      return rows
    },
    execute: async (sql, values) => {
      const count = await connection.execute(sql, values)
      await after(connection, sql)
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
