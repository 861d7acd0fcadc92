import { describe, expect, it } from 'vitest'
import { numberParameters } from './parameters.js'
import { StatementNames } from './statement-names.js'

describe('PostgreSQL statements', () => {
  it.each([
    ['a = ? and b in (?, ?)', 'a = $1 and b in ($2, $3)'],
    [`a = '?' and b = ?`, `a = '?' and b = $1`],
    [`a = 'it''s ?' and b = ?`, `a = 'it''s ?' and b = $1`],
    ['"odd ? name" = ?', '"odd ? name" = $1'],
    ['-- why?\na = ?', '-- why?\na = $1'],
    ['select 1', 'select 1'],
  ])('number their parameters: %s', (sql, numbered) => {
    expect(numberParameters(sql)).toBe(numbered)
  })

  it('get a name when they come for the third time, and keep it', () => {
    const names = new StatementNames()
    expect([names.nameOf('a'), names.nameOf('a'), names.nameOf('b')]).toEqual([undefined, undefined, undefined])
    const name = names.nameOf('a')
    expect(name).toMatch(/^[0-9a-f]{32}$/)
    expect(names.nameOf('a')).toBe(name)
    expect(names.nameOf('b')).toBeUndefined()
  })

  it('get no more names than a connection should keep', () => {
    const names = new StatementNames()
    const hot = Array.from({ length: 1_000 }, (_, n) => [0, 1, 2].map(() => names.nameOf(`text ${n}`))[2])
    expect(hot.filter((name) => name !== undefined)).toHaveLength(200)
    expect(names.nameOf('text 0')).toBe(hot[0])
  })
})
