import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseEnv } from './dotenv.js'

const parsed = (text: string): Record<string, string> =>
  Object.fromEntries(parseEnv(text).lines.map(({ name, value }) => [name, value]))

test.each([
  ['A=1\nB=2', { A: '1', B: '2' }],
  ['A=1\r\nB=2\r\n', { A: '1', B: '2' }],
  ['\uFEFFA=1', { A: '1' }],
  ['# comment\n\n  # another\nA=1', { A: '1' }],
  ['export A=1', { A: '1' }],
  ['A = 1 ', { A: '1' }],
  ['A="with spaces "', { A: 'with spaces ' }],
  ["A='it''s'", { A: "it''s" }],
  ['A="', { A: '"' }],
  ['A="1\'', { A: '"1\'' }],
  ['A=pass#word # not a comment', { A: 'pass#word # not a comment' }],
  ['A=b=c', { A: 'b=c' }],
  ['A=', { A: '' }],
  ['A=1\nA=2', { A: '2' }],
])('%j', (text, expected) => {
  expect(parseEnv(text).badLines).toEqual([])
  expect(parsed(text)).toEqual(expected)
})

test('lines that are no assignment are named', () => {
  expect(parseEnv('A=1\nnonsense\n=2\n1A=3').badLines).toEqual([2, 3, 4])
})

test('any value without line breaks survives in either quotes', () => {
  const value = fc.string().filter((text) => !/[\r\n]/.test(text))
  fc.assert(
    fc.property(value, fc.constantFrom('"', "'"), fc.constantFrom('\n', '\r\n'), (text, quote, end) => {
      expect(parsed(`A=${quote}${text}${quote}${end}B=1`)).toEqual({ A: text, B: '1' })
    }),
  )
})
