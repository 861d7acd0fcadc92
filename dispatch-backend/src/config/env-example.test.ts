import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { examineConfig, rows } from '../config.js'
import { renderEnvExample } from './env-example.js'

const committed = (): Promise<string> => readFile(new URL('../../../.env.example', import.meta.url), 'utf8')

async function examine(text: string): ReturnType<typeof examineConfig> {
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-env-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, '.env'), text)
  return examineConfig({ env: {}, root: folder })
}

test('.env.example is up to date (else: npm run docs)', async () => {
  expect(await committed()).toBe(renderEnvExample())
})

test('it names every setting once', async () => {
  const names = [...(await committed()).matchAll(/^#(\w+)=/gm)].map(([, name]) => name)
  expect(names.sort()).toEqual(
    rows()
      .map(({ name }) => name)
      .sort(),
  )
})

test('used as it is it changes nothing', async () => {
  const { settings, mistakes, warnings } = await examine(await committed())
  expect([mistakes, warnings]).toEqual([[], []])
  expect(new Set(settings.map(({ source }) => source))).toEqual(new Set(['default']))
})

test('with every line in force it says what the defaults are', async () => {
  const inForce = (await committed()).replace(/^#(?=\w+=)/gm, '')
  const { settings, mistakes } = await examine(inForce)
  const defaults = await examine('')
  expect(mistakes).toEqual([])
  expect(settings.map(({ name, value }) => [name, value ?? ''])).toEqual(
    defaults.settings.map(({ name, value }) => [name, value ?? '']),
  )
  expect(settings.find(({ name }) => name === 'PORT')?.source).toMatch(/\.env$/)
})
