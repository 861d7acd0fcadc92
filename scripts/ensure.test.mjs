import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isBuilt, OUTPUTS, sourceStamp } from './compile.mjs'
import { checkNode, ensureReady } from './ensure.mjs'
import { hasPackages, installStamp, isInstalled, usesDatabaseServer } from './install.mjs'
import { countTests, databaseLines } from './test-report.mjs'

let root

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dispatch-ensure-'))
})

afterEach(() => rmSync(root, { recursive: true }))

function write(path, text) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

test.each([
  ['20.19.0', true],
  ['20.18.9', false],
  ['18.20.0', false],
  ['20.20.0', true],
  ['22.1.0', true],
  ['100.0.0', true],
])('Node %s is new enough: %s', (version, isEnough) => {
  const check = () => checkNode(version, '20.19.0')
  if (isEnough) expect(check).not.toThrow()
  else expect(check).toThrow(/needs Node 20\.19\.0 or newer; this is/)
})

test('the stamp of the installation follows the lock file and names what compiled packages were made for', () => {
  write('package-lock.json', '{"a":1}')
  const first = installStamp(root)
  expect(installStamp(root)).toBe(first)
  expect(first).toContain(`node-abi-${process.versions.modules} ${process.platform}-${process.arch}`)
  write('package-lock.json', '{"a":2}')
  expect(installStamp(root)).not.toBe(first)
})

test('a hand-made installation counts when it has each demanded package in its version', () => {
  const packages = {
    '': {},
    'dispatch-backend': { version: '0.1.0' },
    'node_modules/dispatch-backend': { link: true },
    'node_modules/pg': { version: '8.0.0' },
    'node_modules/only-on-windows': { version: '1.0.0', optional: true },
  }
  expect(hasPackages({ packages }, { packages: { 'node_modules/pg': { version: '8.0.0' } } })).toBe(true)
  expect(hasPackages({ packages }, { packages: { 'node_modules/pg': { version: '8.0.1' } } })).toBe(false)
  expect(hasPackages({ packages }, { packages: {} })).toBe(false)
})

test('the stamp of the build follows sources and compiler options, not tests', () => {
  const workspaces = ['dispatch-contract', 'dispatch-client', 'dispatch-backend', 'dispatch-web']
  const files = workspaces.flatMap((name) =>
    ['package.json', 'tsconfig.json', 'src/main.ts', 'src/deep/part.ts'].map((file) => `${name}/${file}`),
  )
  const web = ['index.html', 'vite.config.ts', '.env.local', 'src/page.tsx', 'src/styles.css', 'public/theme.js']
  files.push(...web.map((file) => `dispatch-web/${file}`))
  for (const file of [...files, 'tsconfig.base.json', 'package-lock.json']) write(file, '1')
  const first = sourceStamp(root)
  write('dispatch-backend/src/main.test.ts', 'test')
  write('dispatch-backend/src/deep/testing/server.ts', 'test')
  write('README.md', 'words')
  expect(sourceStamp(root)).toBe(first)
  const stamps = new Set([first])
  for (const file of [...files, 'tsconfig.base.json', 'package-lock.json']) {
    write(file, '2')
    stamps.add(sourceStamp(root))
  }
  expect(stamps.size).toBe(files.length + 3)
})

test.each([
  [{}, '', false],
  [{ DATABASE_URL: 'mysql://a:b@c/d' }, '', true],
  [{ DATABASE_HOSTNAME: 'db' }, '', true],
  [{ DATABASE_URL: 'sqlite:/a' }, '', false],
  [{ DATABASE_URL: '' }, 'PORT=1\nDATABASE_URL="postgres://a:b@c/d"\n', true],
  [{}, '# DATABASE_URL=postgres://a:b@c/d\nDATABASE_HOSTNAME=\n', false],
])('environment %o with .env %j names a database server: %s', (env, text, expected) => {
  write('dispatch-backend/.env', text)
  expect(usesDatabaseServer(root, env)).toBe(expected)
})

test('totals count tests, files that could not be loaded, and runs that failed for another reason', () => {
  const one = (status, ...ancestorTitles) => ({ status, ancestorTitles, title: 'x' })
  const good = {
    status: 'passed',
    assertionResults: [one('passed', "claim on 'SQLite'"), one('skipped', 'claim on PostgreSQL')],
  }
  const bad = {
    status: 'failed',
    assertionResults: [
      one('failed', 'claim on MariaDB'),
      one('passed', 'claim on MariaDB'),
      one('passed', 'PostgreSQL words'),
    ],
  }
  const broken = { status: 'failed', assertionResults: [] }
  expect(countTests({ success: true, testResults: [good] }).total).toEqual({ passed: 1, failed: 0, skipped: 1 })
  expect(countTests({ success: false, testResults: [good, bad] }).total).toEqual({ passed: 3, failed: 1, skipped: 1 })
  expect(countTests({ success: false, testResults: [broken] }).total.failed).toBe(1)
  expect(countTests({ success: false, testResults: [good] }).total.failed).toBe(1)
  expect(databaseLines(countTests({ success: false, testResults: [good, bad] }).databases)).toEqual([
    'SQLite      1 passed, 0 failed',
    'MariaDB     1 passed, 1 failed',
    'PostgreSQL  NOT RUN',
  ])
})

test('by itself the report prints its totals; a missing one is a failure', () => {
  write('report.json', JSON.stringify({ success: true, testResults: [{ status: 'passed', assertionResults: [] }] }))
  const totals = (file) => execFileSync(process.execPath, ['scripts/test-report.mjs', join(root, file)]).toString()
  expect(totals('report.json')).toBe('0 0\n')
  expect(totals('missing.json')).toBe('0 1\n')
})

test('an installation without SQLite is enough only while the settings name a database server', () => {
  write('package-lock.json', '{}')
  expect(isInstalled(root, {})).toBe(false)
  write('node_modules/.dispatch-installed', installStamp(root))
  expect(isInstalled(root, {})).toBe(true)
  write('node_modules/.dispatch-installed', `without-sqlite ${installStamp(root)}`)
  expect(isInstalled(root, {})).toBe(false)
  expect(isInstalled(root, { DATABASE_URL: 'postgres://a:b@c/d' })).toBe(true)
  write('package-lock.json', '{"changed":true}')
  expect(isInstalled(root, { DATABASE_URL: 'postgres://a:b@c/d' })).toBe(false)
})

test('what is installed and built is taken as it is, without writing anything; a changed source is not', async () => {
  write('package.json', '{"engines":{"node":">=20.0.0"}}')
  write('package-lock.json', '{}')
  const workspaces = ['dispatch-contract', 'dispatch-client', 'dispatch-backend', 'dispatch-web']
  for (const name of workspaces) write(`${name}/src/a.ts`, '1')
  for (const output of OUTPUTS) write(output, '1')
  write('node_modules/.dispatch-installed', installStamp(root))
  expect(isBuilt(root)).toBe(false)
  write('node_modules/.dispatch-built', sourceStamp(root))
  await ensureReady({ root })
  expect(existsSync(join(root, '.cache'))).toBe(false)
  write('dispatch-backend/src/a.ts', '2')
  expect(isBuilt(root)).toBe(false)
})
