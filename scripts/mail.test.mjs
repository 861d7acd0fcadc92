import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { COMPILED_FILE, compileTemplates } from './mail.mjs'

test('the compiled mail templates are up to date (else: npm run mail)', async () => {
  expect(readFileSync(COMPILED_FILE, 'utf8')).toBe(await compileTemplates())
})
