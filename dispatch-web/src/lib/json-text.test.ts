import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeProblem, formatJson, scanJson } from './json-text'

function accepts(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('takes what JSON.parse takes, and nothing else', () => {
  const pieces = ['{', '}', '[', ']', ',', ':', '"a"', '"\\u00e9"', '"\\x"', '1', '-0.5e+3', '01', '1.', 'true', 'nul']
  const soup = fc.array(fc.constantFrom(...pieces, ' ', '\n', '\t', '\u00a0', '"')).map((all) => all.join(''))
  const broken = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', '\\', '\n', 'x'))
    .map(([text, at, put]) => text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1))
  fc.assert(
    fc.property(fc.oneof(fc.json(), soup, broken), (text) => {
      expect(scanJson(text).problem === null).toBe(accepts(text))
    }),
    { numRuns: 2000 },
  )
})

test('lays the same value out as JSON.stringify does', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const text = JSON.stringify(value)
      expect(formatJson(text)).toBe(JSON.stringify(JSON.parse(text), null, 2))
    }),
    { numRuns: 300 },
  )
})

test('keeps every digit, escape, order and repetition', () => {
  const text = '{"b":12345678901234567890,"a":[1.0,1e400,-0],"b":"\\u0041\\/ü","e":{},"n":[ ]}'
  expect(formatJson(text)).toBe(
    [
      '{',
      '  "b": 12345678901234567890,',
      '  "a": [',
      '    1.0,',
      '    1e400,',
      '    -0',
      '  ],',
      '  "b": "\\u0041\\/ü",',
      '  "e": {},',
      '  "n": []',
      '}',
    ].join('\n'),
  )
})

test('no nesting is too deep, and it does not grow to its square', () => {
  const depth = 50_000
  const formatted = formatJson('['.repeat(depth) + ']'.repeat(depth))
  expect(formatted?.length).toBeLessThan(depth * 200)
  expect(scanJson('['.repeat(depth)).problem?.at).toBe(depth)
})

test.each([
  ['', 'a value at line 1, column 1, got the end'],
  ['{\n  "a": 1\n  "b": 2\n}', 'a comma or } at line 3, column 3, got “"”'],
  ['{"a": 1,}', 'a name in double quotes at line 1, column 9, got “}”'],
  ["{'a': 1}", "a name in double quotes or } at line 1, column 2, got “'”"],
  ['{"a" 1}', 'a colon at line 1, column 6, got “1”'],
  ['{"a": undefined}', 'a value at line 1, column 7, got “undefined”'],
  ['[1,\r\n2', 'a comma or ] at line 2, column 2, got the end'],
  ['{} x', 'nothing more at line 1, column 4, got “x”'],
  ['{"a":\u00a01}', 'a value at line 1, column 6, got U+00A0'],
  ['{"a": "b\n"}', 'line ends and tabs inside of a text written as \\n and \\t at line 1, column 9, got U+000A'],
  ['{"a": "\\x"}', 'an escape such as \\n, \\" or \\u00e9 at line 1, column 8, got “\\”'],
  ['{"a": "b', 'a closing quote at line 1, column 9, got the end'],
])('says where %j is wrong', (text, words) => {
  const { problem } = scanJson(text)
  expect(problem && describeProblem(problem)).toBe(words)
})
