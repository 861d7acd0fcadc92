/** docs/self-hosting.md: what can be run here is run; the rest says why not; what it names exists. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { examineConfig } from '../../dispatch-backend/src/config.js'
import { SETTINGS } from '../../dispatch-backend/src/config/table.js'
import { databases } from '../../dispatch-backend/src/testing/databases.js'
import { findNginx, startNginx } from '../../dispatch-backend/src/testing/nginx.js'
import { freePort } from '../../dispatch-backend/src/testing/server-process.js'
import { ensureBuilt } from '../../scripts/compile.mjs'
import { ROOT } from '../../scripts/ensure.mjs'
import { withLock } from '../../scripts/lock.mjs'
import { makeFolder, removeFolder, startServerProcess, type ServerProcess } from '../server-process.js'
import { blocksOf, type Block } from './blocks.js'
import { runBlocks } from './commands.js'

/** First lines of the blocks that no test runs as they stand, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'git clone https://github.com/imtiyazsayyidpro/dispatch':
    'fetches from the network; the build is run before these tests',
  'sudo git clone https://github.com/imtiyazsayyidpro/dispatch /opt/dispatch': 'needs systemd as the first process',
  'cd /opt/dispatch': 'belongs to the installation above',
  'npm install -g pm2': 'installs for the whole machine; e2e/deploy runs PM2 with this ecosystem.config.js',
  'API_PROCESSES=2 pm2 start ecosystem.config.js': 'e2e/deploy runs it',
  'docker compose --profile sqlite up -d': 'needs a Docker engine; e2e/deploy checks the files',
  'sudo cp deploy/nginx.conf /etc/nginx/sites-available/dispatch':
    "changes the machine's nginx; e2e/deploy runs one with this file",
  'cd dispatch-web': "builds the dashboard for another address, in the checkout that others' tests use",
  'git pull': 'changes the checkout',
}

const blocks = await blocksOf('self-hosting.md')
const page = await readFile(`${ROOT}docs/self-hosting.md`, 'utf8')
const marked = (language: string, mark: string): Block[] =>
  blocks.filter((block) => block.language === language && block.marks.includes(mark))

beforeAll(() => withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT)))

test('every block that is not run says why', () => {
  const firstLines = blocks.filter(({ isElsewhere }) => isElsewhere).map(({ text }) => text.split('\n')[0])
  expect(firstLines).toEqual(Object.keys(ELSEWHERE))
  expect([...new Set(blocks.map(({ language }) => language))].sort()).toEqual(['ini', 'nginx', 'sh', 'sql'])
})

test.each(blocks.filter(({ language }) => language === 'ini'))('the settings of $place are right', async ({ text }) => {
  const folder = await makeFolder()
  const file = join(folder, '.env')
  await writeFile(file, text)
  const { mistakes, warnings } = await examineConfig({ env: {}, files: [file] })
  expect([...mistakes, ...warnings]).toEqual([])
  await removeFolder(folder)
})

test('files, pages and settings that it names exist', () => {
  const links = [...page.matchAll(/\]\(([\w.-]+\.md)(?:#[\w-]+)?\)/g)].map(([, file = '']) => `docs/${file}`)
  const files = [
    ...page.matchAll(/\b(?:deploy\/[\w.]+|ecosystem\.config\.js|compose\.yaml|\.env\.example|CHANGELOG\.md)/g),
  ]
  for (const file of [...links, ...files.map(([name]) => name)]) expect(existsSync(`${ROOT}${file}`), file).toBe(true)
  const known = new Set(Object.values(SETTINGS).map(({ name }) => name))
  /** Not the server's: PM2's file takes one, the dashboard's build the other. */
  const others = new Set([
    'API_PROCESSES',
    'NEXT_PUBLIC_API_URL',
    'ADDRESS_NOT_ALLOWED',
    'QUERY_TOO_SLOW',
    'SETUP_TOKEN_REQUIRED',
  ])
  const named = [...page.matchAll(/\b[A-Z]+(?:_[A-Z0-9]+)+\b/g)].map(([name]) => name)
  expect(named.filter((name) => !known.has(name) && !others.has(name))).toEqual([])
})

describe('on SQLite', () => {
  let folder: string
  let server: ServerProcess
  let metricsPort: number
  const environment = (): Record<string, string> => ({
    DATABASE_URL: `sqlite://${join(folder, 'data', 'dispatch.db')}`,
  })
  const start = async (): Promise<void> => {
    server = await startServerProcess(folder, { ...environment(), METRICS_PORT: String(metricsPort) })
  }
  const stop = async (): Promise<void> => {
    server.signal('SIGTERM')
    expect(await server.ended()).toBe(0)
  }
  const run = async (chosen: readonly Block[]): Promise<string[]> => {
    const replace = { 'http://localhost:4000': server.url, ':9464': `:${metricsPort}` }
    return (await runBlocks(chosen, { folder, env: environment(), replace })).map(({ output }) => output)
  }

  beforeAll(async () => {
    folder = await makeFolder()
    await mkdir(join(folder, 'data'))
    metricsPort = await freePort()
    await start()
  })
  afterAll(async () => {
    await stop()
    await removeFolder(folder)
  })

  test('the commands run, in their order, and the backup can be restored', async () => {
    const commands = blocks.filter(
      ({ language, marks, text }) => language === 'sh' && marks.length === 0 && !text.includes('dispatch migrate'),
    )
    const [config, encryptionKey, user, key, backup, health, metrics, ...more] = await run(commands)
    expect(more).toEqual([])
    expect(config).toMatch(/^DATABASE_URL\b/m)
    expect(Buffer.from(encryptionKey ?? '', 'base64')).toHaveLength(32)
    expect(user).toMatch(/^Made the account you@example\.com, which owns this instance\.\nPassword: \S+\n$/)
    expect(key).toMatch(/^sk_[0-9a-f]{64}\n$/)
    expect(backup).toBe('')
    expect(health).toBe('{"status":"ok"}{"status":"ok"}')
    expect(metrics).toMatch(/^dispatch_backlog_oldest_seconds 0$/m)

    const headers = { 'x-api-key': key?.trim() ?? '' }
    const readsJobs = async (): Promise<number> => (await fetch(`${server.url}/api/v1/jobs`, { headers })).status
    expect(await readsJobs()).toBe(200)
    await stop()
    await run(marked('sh', 'restore'))
    await start()
    expect(await readsJobs()).toBe(200)
  })
})

describe.each(databases.filter(({ name }) => name !== 'SQLite'))('on $name', ({ name, create }) => {
  const mark = name === 'PostgreSQL' ? 'postgres' : 'mariadb'
  let folder: string
  beforeAll(async () => {
    folder = await makeFolder()
  })
  afterAll(() => removeFolder(folder))

  test('the statements make a database that `migrate` and the server can use, and the dump holds it', async () => {
    const { config, drop } = await create()
    if (config.kind === 'sqlite') throw new Error('a database server was expected')
    const unique = `guide_${randomUUID().slice(0, 8)}`
    const [statements] = marked('sql', mark)
    const administer = (sql: string): Promise<unknown> => client({ ...config, sql })
    try {
      await administer(statements!.text.replaceAll('dispatch', unique))
      const settings = blocks.find(
        ({ language, text }) => language === 'ini' && text.startsWith(`DATABASE_URL=${mark}`),
      )
      const url = settings!.text
        .replace('DATABASE_URL=', '')
        .trim()
        .replaceAll('dispatch', unique)
        .replace(/localhost:\d+/, `${config.host}:${config.port}`)
      const key = Buffer.alloc(32, 7).toString('base64')
      const env = { DATABASE_URL: url, DISPATCH_ENCRYPTION_KEY: key, NODE_ENV: 'production' }
      const replace = {}
      const migrate = blocks.filter(({ text, isElsewhere }) => text.startsWith('npx dispatch migrate') && !isElsewhere)
      const [migrated] = await runBlocks(migrate, { folder, env, replace })
      expect(migrated?.output).toMatch(/^Applied 1, 2, [^]*\n1 {2}scheduler: done\n/m)
      const server = await startServerProcess(folder, env)
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
      server.signal('SIGTERM')
      expect(await server.ended()).toBe(0)

      // As the operator's shell finds the server: by the client's own files and variables.
      const { host, port } = config
      await writeFile(
        join(folder, '.my.cnf'),
        `[client]\nhost=${host}\nport=${port}\nuser=${unique}\npassword=change-me\n`,
      )
      const postgres = { PGHOST: host, PGPORT: String(port), PGUSER: unique, PGPASSWORD: 'change-me' }
      const dumping = { 'transaction dispatch': `transaction ${unique}`, '.dump dispatch': `.dump ${unique}` }
      await runBlocks(marked('sh', mark), { folder, env: postgres, replace: dumping })
      const dump = await readFile(join(folder, mark === 'postgres' ? 'dispatch.dump' : 'dispatch.sql'))
      expect(dump.includes('attempts')).toBe(true)
    } finally {
      await administer(removal(mark, unique))
      await drop()
    }
  })
})

function removal(mark: string, name: string): string {
  return mark === 'postgres'
    ? `drop database if exists ${name};\ndrop role if exists ${name};`
    : `drop database if exists ${name}; drop user if exists '${name}'@'%';`
}

interface Administering {
  readonly kind: 'mysql' | 'postgres'
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly sql: string
}

/** The database's own client, as an administrator runs it. */
async function client({ kind, host, port, user, password, database, sql }: Administering): Promise<void> {
  const { PATH = '' } = process.env
  if (kind === 'mysql') {
    const args = ['-h', host, '-P', String(port), '-u', user, '-e', sql]
    await promisify(execFile)('mariadb', args, { env: { PATH, MYSQL_PWD: password } })
    return
  }
  const statements = sql
    .trim()
    .split('\n')
    .flatMap((statement) => ['-c', statement])
  const args = ['-v', 'ON_ERROR_STOP=1', '-h', host, '-p', String(port), '-U', user, '-d', database, ...statements]
  await promisify(execFile)('psql', args, { env: { PATH, PGPASSWORD: password } })
}

const nginx = findNginx()

test.skipIf(!nginx)(nginx ? 'nginx takes the site of the dashboard' : 'nginx is not installed', async () => {
  const port = await freePort()
  const sites = blocks.filter(({ language }) => language === 'nginx')
  expect(sites).toHaveLength(1)
  const running = await startNginx(nginx!, sites[0]!.text.replace('listen 80;', `listen 127.0.0.1:${port};`))
  // Nothing listens on port 3000 of the dashboard, or something else does: either way nginx is who answers.
  const { headers } = await fetch(`http://127.0.0.1:${port}/`)
  expect(headers.get('server')).toMatch(/^nginx/)
  await running.close()
})
