import { describe, expect, it } from 'vitest'
import { systemClock, type Clock } from '../clock.js'
import { classifyMysqlError } from './mysql/errors.js'
import { classifyPostgresError } from './postgres/errors.js'
import { retrying, type Failure } from './retry.js'
import { classifySqliteError } from './sqlite/errors.js'
import { DatabaseAwayError } from './store.js'

describe('running a transaction again', () => {
  const pauses: number[] = []
  const clock: Clock = {
    ...systemClock,
    sleep: (delayMs) => {
      pauses.push(delayMs)
      return Promise.resolve()
    },
  }
  const failing = (failure: Failure, times: number) => {
    let runs = 0
    pauses.length = 0
    const attempt = (): Promise<number> => {
      runs += 1
      return runs <= times ? Promise.reject(new Error('ouch')) : Promise.resolve(runs)
    }
    return retrying({ clock, classify: () => failure, where: 'It', random: () => 0.5 }, attempt)
  }

  it('does so many times after conflicts, with growing pauses', async () => {
    expect(await failing('conflict', 11)).toBe(12)
    expect(pauses).toEqual([4, 8, 16, 32, 64, 128, 256, 500, 500, 500, 500])
    await expect(failing('conflict', 12)).rejects.toThrow('It is too busy with conflicting transactions: ouch')
  })

  it('does so twice after a loss of the connection', async () => {
    expect(await failing('away', 2)).toBe(3)
    await expect(failing('away', 3)).rejects.toThrow(new DatabaseAwayError('It does not answer: ouch'))
  })

  it('does not for anything else', async () => {
    await expect(failing('other', 1)).rejects.toThrow(/^ouch$/)
    expect(pauses).toEqual([])
  })
})

describe('what errors mean', () => {
  const withCode = (properties: object, message = ''): Error => Object.assign(new Error(message), properties)

  it.each([
    [{ errno: 1213 }, 'conflict'],
    [{ errno: 1205 }, 'conflict'],
    [{ errno: 9007 }, 'conflict'],
    [{ errno: 1047 }, 'away'],
    [{ errno: 1290 }, 'away'],
    [{ errno: 1836 }, 'away'],
    [{ errno: 1040 }, 'away'],
    [{ errno: 1927 }, 'away'],
    [{ errno: 1969 }, 'away'],
    [{ errno: 3024 }, 'away'],
    [{ errno: -111, code: 'ECONNREFUSED', syscall: 'connect' }, 'away'],
    [{ code: 'PROTOCOL_CONNECTION_LOST', fatal: true }, 'away'],
    [{ errno: 1062 }, 'other'],
    [{ errno: 1045, fatal: true }, 'other'],
    [{}, 'other'],
  ] as const)('MySQL: %o is %s', (properties, failure) => {
    expect(classifyMysqlError(withCode(properties))).toBe(failure)
  })

  it.each([
    [{ code: '40001' }, 'conflict'],
    [{ code: '40P01' }, 'conflict'],
    [{ code: '55P03' }, 'conflict'],
    [{ code: '57P01' }, 'away'],
    [{ code: '57014' }, 'away'],
    [{ code: '08006' }, 'away'],
    [{ code: '25006' }, 'away'],
    [{ code: '53300' }, 'away'],
    [{ code: 'ECONNRESET' }, 'away'],
    [{ code: 'EAI_AGAIN' }, 'away'],
    [{ code: 'EPIPE' }, 'away'],
    [{ code: '23505' }, 'other'],
    [{ code: '28P01' }, 'other'],
    [{}, 'other'],
  ] as const)('PostgreSQL: %o is %s', (properties, failure) => {
    expect(classifyPostgresError(withCode(properties))).toBe(failure)
  })

  it.each([
    ['Connection terminated unexpectedly', 'away'],
    ['timeout exceeded when trying to connect', 'away'],
    ['Connection terminated due to connection timeout', 'away'],
    ['The transaction was not committed (ROLLBACK)', 'other'],
  ] as const)('PostgreSQL driver: "%s" is %s', (message, failure) => {
    expect(classifyPostgresError(new Error(message))).toBe(failure)
  })

  it('PostgreSQL: a plan outdated by a migration is prepared again, other unsupported features are not', () => {
    expect(classifyPostgresError(withCode({ code: '0A000' }, 'cached plan must not change result type'))).toBe('away')
    expect(classifyPostgresError(withCode({ code: '0A000' }, 'not supported'))).toBe('other')
  })

  it.each([
    [{ code: 'SQLITE_BUSY' }, 'conflict'],
    [{ code: 'SQLITE_BUSY_SNAPSHOT' }, 'conflict'],
    [{ code: 'SQLITE_FULL' }, 'away'],
    [{ code: 'SQLITE_IOERR_WRITE' }, 'away'],
    [{ code: 'SQLITE_CONSTRAINT_UNIQUE' }, 'other'],
  ] as const)('SQLite: %o is %s', (properties, failure) => {
    expect(classifySqliteError(withCode(properties))).toBe(failure)
  })
})
