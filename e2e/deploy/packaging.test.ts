/**
 * Dockerfile, compose.yaml, the systemd unit and ecosystem.config.js name paths, settings and times of the rest of the repository.
 * Nothing else notices when those change.
 */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { CONFIG_EXIT_CODE } from '../../dispatch-backend/src/config.js'
import { SETTINGS } from '../../dispatch-backend/src/config/table.js'
import { OUTPUTS } from '../../scripts/compile.mjs'
import { ROOT } from '../../scripts/ensure.mjs'

const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8')
const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((found) => found[1] ?? '')

const NAMES: ReadonlySet<string> = new Set(Object.values(SETTINGS).map(({ name }) => name))
const MAIN = 'dispatch-backend/dist/main.js'
/** What a stop may take (`Server.stop`): webhooks in flight, records that wait for the database, requests that do not end. */
const LONGEST_STOP_MS = 3 * defaultMs('shutdownTimeoutMs')

function defaultMs(key: 'shutdownTimeoutMs' | 'deliveryTimeoutMs'): number {
  const { type, default: text } = SETTINGS[key]
  return type.parse(text!)
}

const packageJson = JSON.parse(read('package.json')) as { workspaces: string[]; bin: { dispatch: string } }

describe('the Dockerfile', () => {
  const text = read('Dockerfile')
  const [build = '', run = ''] = text.split(/^(?=FROM )/m).slice(1)

  it('builds with the Node of this repository', () => {
    expect(matches(text, /^ARG NODE_VERSION=(\d+)$/gm)).toEqual([read('.nvmrc').trim()])
    expect(matches(text, /^FROM node:(\S+)/gm)).toEqual(
      Array.from({ length: 2 }, () => '${NODE_VERSION}-bookworm-slim'),
    )
  })

  it('installs with every package.json and nothing else', () => {
    const beforeInstall = build.slice(0, build.indexOf('RUN npm ci'))
    const copied = matches(beforeInstall, /^COPY (.+) \S+$/gm).flatMap((files) => files.split(' '))
    const wanted = [
      'package.json',
      'package-lock.json',
      '.npmrc',
      ...packageJson.workspaces.map((name) => `${name}/package.json`),
    ]
    expect(copied).toEqual(wanted)
    for (const file of copied) expect(existsSync(join(ROOT, file)), file).toBe(true)
  })

  it('runs what the build makes, as a user that is not root, with settings that exist', () => {
    expect(OUTPUTS).toContain(MAIN)
    expect(matches(run, /^CMD (.+)$/gm)).toEqual([`["node", "${MAIN}"]`])
    expect(matches(run, /^USER (\S+)$/gm)).toEqual(['node'])
    for (const name of matches(run, /(?:^ENV | )([A-Z_]+)=/gm)) expect(NAMES).toContain(name)
  })

  it('leaves out of the image what is secret, but nothing that the build needs', () => {
    const ignored = read('.dockerignore').split('\n')
    for (const pattern of ['**/.env', '**/.env.local', 'data', '.git', '**/node_modules'])
      expect(ignored).toContain(pattern)
    const needed = [
      'scripts',
      'bin',
      'package-lock.json',
      ...packageJson.workspaces,
      ...rootFiles(/^tsconfig.*\.json$/),
    ]
    for (const name of needed) expect(ignored).not.toContain(name)
  })
})

function rootFiles(pattern: RegExp): string[] {
  return readdirSync(ROOT).filter((name) => pattern.test(name))
}

describe('compose.yaml', () => {
  const text = read('compose.yaml')

  it('sets settings that exist, and listens inside its container', () => {
    const names = matches(text, /^ +([A-Z][A-Z_]+): /gm).filter((name) => !/^(MARIADB|POSTGRES)_/.test(name))
    expect(new Set(names)).toEqual(new Set(['PORT', 'HOST', 'DATABASE_URL']))
    for (const name of names) expect(NAMES).toContain(name)
    expect(matches(text, /^ +HOST: (\S+)$/gm)).toEqual(['0.0.0.0', '0.0.0.0', '0.0.0.0'])
  })

  it('takes a database for ready when others can reach it: one that is being made answers on a socket file first', () => {
    const [mariadb = '', postgres = ''] = matches(text, /test: \[CMD, (.+)\]/g)
    expect(mariadb).toContain('--connect')
    expect(postgres).toContain('-h, 127.0.0.1')
  })

  it('migrates with the command line, waits out a stop, and keeps the data where the image has it', () => {
    expect(matches(text, /command: \[node, (\S+), migrate\]/g)).toEqual([packageJson.bin.dispatch])
    expect(Number(matches(text, /stop_grace_period: (\d+)s/g)[0]) * 1_000).toBeGreaterThan(LONGEST_STOP_MS)
    expect(text).toContain(`dispatch-data:${matches(read('Dockerfile'), /^VOLUME (\S+)$/gm)[0]}`)
  })
})

describe('the systemd unit', () => {
  const text = read('deploy/dispatch.service')
  const valuesOf = (name: string): string[] => matches(text, new RegExp(`^${name}=(.*)$`, 'gm'))

  it('runs what the build makes, with settings that exist', () => {
    expect(valuesOf('ExecStart')).toEqual([`/usr/bin/node ${MAIN}`])
    for (const assignment of valuesOf('Environment')) expect(NAMES).toContain(assignment.split('=')[0])
    expect(valuesOf('RestartPreventExitStatus')).toEqual([String(CONFIG_EXIT_CODE)])
    expect(valuesOf('SystemCallErrorNumber')).toEqual(['EPERM'])
    expect(Number.parseInt(valuesOf('TimeoutStopSec')[0]!, 10) * 1_000).toBeGreaterThan(LONGEST_STOP_MS)
  })

  const analyze = ['/usr/bin/systemd-analyze', '/bin/systemd-analyze'].find((file) => existsSync(file))
  if (analyze === undefined) console.error('NOT RUN: systemd-analyze verify (it is not on this machine)')

  it.skipIf(analyze === undefined)('is understood by systemd', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dispatch-unit-'))
    const file = join(folder, 'dispatch.service')
    await writeFile(file, text.replace('/usr/bin/node', process.execPath).replace('/opt/dispatch', ROOT))
    const { stderr } = await promisify(execFile)(analyze!, ['verify', file])
    expect(stderr.split('\n').filter((line) => line.includes('dispatch.service'))).toEqual([])
    await rm(folder, { recursive: true })
  })
})

describe('ecosystem.config.js', () => {
  afterEach(() => void vi.unstubAllEnvs())

  interface App {
    readonly script: string
    readonly instances: number
    readonly kill_timeout: number
    readonly stop_exit_codes: readonly number[]
    readonly increment_var?: string
    readonly env: Readonly<Record<string, string>>
  }

  async function load(processes?: string): Promise<App> {
    vi.stubEnv('API_PROCESSES', processes)
    vi.stubEnv('PORT', undefined)
    vi.resetModules()
    const { apps } = (await import('../../ecosystem.config.js')) as unknown as { apps: [App] }
    return apps[0]
  }

  it('runs what the build makes, and waits out a stop', async () => {
    const app = await load()
    expect(app).toMatchObject({ script: MAIN, instances: 1, stop_exit_codes: [CONFIG_EXIT_CODE] })
    expect(app.kill_timeout).toBeGreaterThan(LONGEST_STOP_MS)
    expect(app.kill_timeout).toBeGreaterThan(defaultMs('deliveryTimeoutMs'))
  })

  it('leaves the port to .env for one process, and counts it up for several', async () => {
    expect((await load()).env).toEqual({ NODE_ENV: 'production' })
    expect(await load('3')).toMatchObject({ instances: 3, increment_var: 'PORT', env: { PORT: '4000' } })
  })

  it('refuses a number of processes that is none', async () => {
    await expect(load('many')).rejects.toThrow('API_PROCESSES: expected a whole number from 1; found "many"')
  })
})
