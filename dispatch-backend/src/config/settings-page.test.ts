import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { rows } from '../config.js'
import { renderSettingsPage } from './settings-page.js'

test('every setting is described exactly once', () => {
  const described = [...renderSettingsPage().matchAll(/^### `(\w+)`$/gm)].map(([, name]) => name)
  expect(described.sort()).toEqual(
    rows()
      .map(({ name }) => name)
      .sort(),
  )
})

test('docs/configuration.md is up to date (else: npm run docs)', async () => {
  const page = await readFile(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')
  expect(page).toBe(renderSettingsPage())
})
