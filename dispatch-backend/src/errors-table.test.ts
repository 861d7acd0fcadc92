import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { ERRORS } from './errors.js'
import { withErrorsTable } from './errors-table.js'

const page = await readFile(new URL('../../docs/using.md', import.meta.url), 'utf8')

test('the error codes in docs/using.md are up to date (else: npm run docs)', () => {
  expect(page).toBe(withErrorsTable(page))
})

test('each code is there once, with its status', () => {
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` +\| (\d{3}) +\|/gm)].map(([, code, status]) => [code, Number(status)])
  expect(rows).toEqual(Object.entries(ERRORS).map(([code, { status }]) => [code, status]))
})

test('a page without the marks is refused rather than written over', () => {
  expect(() => withErrorsTable('# Errors')).toThrow('the page has to hold')
})
