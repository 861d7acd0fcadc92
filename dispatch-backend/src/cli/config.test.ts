import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rows } from '../config.js'
import { configCommand } from './config.js'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dispatch-config-'))
  await mkdir(join(root, 'dispatch-backend'))
})
afterEach(() => rm(root, { recursive: true }))

interface Json {
  readonly settings: readonly { readonly name: string }[]
  readonly database: string | null
  readonly mistakes: readonly string[]
}

async function run(env: Record<string, string>, json = false): Promise<{ code: number; text: string }> {
  const lines: string[] = []
  const code = await configCommand({ json, print: (line) => lines.push(line), input: { env, root } })
  return { code, text: lines.join('\n') }
}

const SECRET = 'S3CRET-'.repeat(8)
/** A right value of each secret setting whose type is not "any long text". */
const secretText = (name: string, expects: string): string => {
  if (name === 'DATABASE_URL') return `mysql://me:${SECRET}@db.example.com/app`
  if (expects.includes('SMTP') || name === 'SMTP_URL') return `smtp://me:${SECRET}@mail.example.com:587`
  if (name === 'REDIS_URL') return `redis://:${SECRET}@cache.example.com:6379`
  return SECRET
}

test('each value comes with its source; the environment wins over the files', async () => {
  await writeFile(join(root, '.env'), 'PORT=1\nLOG_LEVEL=debug\nMAX_ATTEMPTS=7\n')
  await writeFile(join(root, 'dispatch-backend', '.env'), 'PORT=2\nLOG_LEVEL=ERROR\n')
  const { code, text } = await run({ PORT: '3' })
  const line = (name: string): string[] | undefined =>
    text
      .split('\n')
      .find((candidate) => candidate.startsWith(`${name} `))
      ?.split(/ {2,}/)
  expect(code).toBe(0)
  expect(line('PORT')).toEqual(['PORT', '3', 'environment'])
  expect(line('LOG_LEVEL')).toEqual(['LOG_LEVEL', 'ERROR', join(root, 'dispatch-backend', '.env')])
  expect(line('MAX_ATTEMPTS')).toEqual(['MAX_ATTEMPTS', '7', join(root, '.env')])
  expect(line('HOST')).toEqual(['HOST', '127.0.0.1', 'default'])
  expect(line('DISPATCH_JWT_SECRET')).toEqual(['DISPATCH_JWT_SECRET', '(unset)', 'default'])
  expect(text).toContain(`Database: SQLite at ${join(root, 'data', 'dispatch.db')}`)
})

test.each([false, true])(
  'no secret is printed, right or wrong, set in the environment or a file (json: %s)',
  async (json) => {
    for (const row of rows().filter(({ mask }) => mask !== null)) {
      const text = secretText(row.name, row.type.expects)
      expect((await run({ [row.name]: text }, json)).text, row.name).not.toContain('S3CRET')
      await writeFile(join(root, '.env'), `${row.name}=${text}\n`)
      const fromFile = await run({}, json)
      expect(fromFile.text, row.name).not.toContain('S3CRET')
      expect(fromFile.text, row.name).toContain(join(root, '.env'))
    }
  },
)

test('mistakes are listed all at once, beside the values, with exit code 78', async () => {
  const { code, text } = await run({ PORT: 'http', MAX_ATTEMPTS: '0', HOST: '::1' })
  expect(code).toBe(78)
  expect(text).toContain('PORT: expected a whole number from 0 to 65535; found "http" (environment)')
  expect(text).toContain('MAX_ATTEMPTS: expected a whole number from 1 to 100; found "0" (environment)')
  expect(text).toMatch(/^HOST +::1 +environment$/m)
})

test('--json is one JSON document with the same facts', async () => {
  const { settings, database, mistakes } = JSON.parse((await run({ PORT: '99999' }, true)).text) as Json
  expect(settings.map(({ name }) => name)).toEqual(rows().map(({ name }) => name))
  expect(settings[0]).toEqual({ name: 'PORT', value: '99999', source: 'environment', isSecret: false })
  expect(database).toBeNull()
  expect(mistakes).toHaveLength(1)
  const good = JSON.parse(
    (await run({ DATABASE_URL: 'postgres://u:S3CRET@[::1]/app?sslmode=require' }, true)).text,
  ) as Json
  expect(good.database).toBe('PostgreSQL at [::1]:5432/app, TLS require')
})

test('an unknown name in a file and control characters are shown harmlessly', async () => {
  await writeFile(join(root, '.env'), 'PROT=4000\n')
  const { code, text } = await run({ DATABASE_NAME: 'a\u001b[2Jb' })
  expect(code).toBe(0)
  expect(text).toContain('no setting of Dispatch: PROT')
  expect(text).toContain(String.raw`a\u001b[2Jb`)
  expect(text).not.toContain('\u001b')
})
