import { expect, it } from 'vitest'
import { csvRow } from './csv.js'

it('quotes what RFC 4180 asks to be quoted, and nothing else', () => {
  expect(csvRow(['plain', 'a b', 'é ☂', '', null, 12, -0.5])).toBe('plain,a b,é ☂,,,12,-0.5\r\n')
  expect(csvRow(['a,b', 'say "hi"', 'two\nlines', 'two\r\nlines'])).toBe(
    '"a,b","say ""hi""","two\nlines","two\r\nlines"\r\n',
  )
})

it('lets no text be a formula', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '＝1', '＋1', '－1', '＠x']) {
    expect(csvRow([text])).toBe(`'${text}\r\n`)
  }
  expect(csvRow(['=HYPERLINK("https://evil.example","x"),1'])).toBe(
    `"'=HYPERLINK(""https://evil.example"",""x""),1"\r\n`,
  )
  for (const text of ['\rx', '\nx']) expect(csvRow([text])).toBe(`"'${text}"\r\n`)
  expect(csvRow(['\r=1'])).toBe(`"'\r'=1"\r\n`)
  // Not within a cell, and numbers of ours are none.
  expect(csvRow(['a=1', ' b-c', -3])).toBe('a=1, b-c,-3\r\n')
})

it('lets no text become a formula where a spreadsheet parts cells at semicolons, tabs or line ends', () => {
  expect(csvRow(['x;=1+1', 'x\t@y', 'a;-b;+c', 'x;＝1'])).toBe("x;'=1+1,x\t'@y,a;'-b;'+c,x;'＝1\r\n")
  expect(csvRow(['x\n=1', 'x\r\n=1'])).toBe(`"x\n'=1","x\r\n'=1"\r\n`)
  // Quotes that it would take away.
  expect(csvRow(['x;"=1"'])).toBe(`"x;'""=1"""\r\n`)
  expect(csvRow(['x; y-z', 'https://example.com/?a=1;b=2'])).toBe('x; y-z,https://example.com/?a=1;b=2\r\n')
})
