import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfigError, loadConfig, rows, type Config } from './config.js'
import { maskRedisUrl } from './config/types.js'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dispatch-config-'))
  await mkdir(join(root, 'dispatch-backend'))
})

afterEach(() => rm(root, { recursive: true }))

function load(env: Record<string, string> = {}): Promise<Config> {
  return loadConfig({ env, root })
}

async function mistakes(env: Record<string, string>): Promise<readonly string[]> {
  const error: unknown = await load(env).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ConfigError)) throw new Error('no ConfigError', { cause: error })
  return error.mistakes
}

test('without any setting everything has its documented default', async () => {
  const { sources, ...config } = await load()
  expect(config).toMatchObject({
    database: { kind: 'sqlite', file: join(root, 'data', 'dispatch.db') },
    port: 4000,
    host: '127.0.0.1',
    nodeEnv: 'development',
    allowPrivateWebhooks: false,
    trustProxy: false,
    corsOrigins: [],
    logLevel: 'WARNING',
    jwtSecret: null,
    jwtAlgorithm: 'HS256',
    jwtLifetimeMs: 86_400_000,
    encryptionKey: null,
    retryDelaysMs: [30_000, 60_000, 300_000],
    maxAttempts: 3,
    deliveryTimeoutMs: 30_000,
    maxConcurrency: 1024,
    maxConcurrencyPerEndpoint: 64,
    catchUpRate: 1000,
    maxBodyBytes: 1_048_576,
    maxConnections: 4096,
    rateLimitPerMinute: 6000,
    rateLimitPerMinutePerAddress: 300,
    authRateLimitPer15Minutes: 20,
    mailRateLimitPer15Minutes: 5,
    warnings: [],
  })
  expect(new Set(Object.values(sources))).toEqual(new Set(['default']))
})

test('the real environment wins over the .env of the backend, that over the one at the root; empty counts as unset', async () => {
  await writeFile(join(root, '.env'), 'PORT=1\nHOST=a\nLOG_LEVEL=INFO\nMAX_ATTEMPTS=7\n')
  await writeFile(join(root, 'dispatch-backend', '.env'), 'PORT=2\nHOST=b\nLOG_LEVEL=\n')
  const config = await load({ PORT: '3', MAX_ATTEMPTS: '' })
  expect(config).toMatchObject({ port: 3, host: 'b', logLevel: 'INFO', maxAttempts: 7 })
  expect(config.sources).toMatchObject({
    PORT: 'environment',
    HOST: join(root, 'dispatch-backend', '.env'),
    MAX_ATTEMPTS: join(root, '.env'),
    CORS_ORIGINS: 'default',
  })
})

test('all mistakes are reported at once, with name, expectation and finding, and no secret', async () => {
  await writeFile(join(root, '.env'), 'PORT=4000\nthis is no assignment\nMAX_ATTEMPTS=none\n')
  const found = await mistakes({
    PORT: '99999',
    DISPATCH_JWT_SECRET: 'hunter2',
    DISPATCH_ENCRYPTION_KEY: 'sesame',
    DATABASE_URL: 'mongodb://me:opensesame@h/db',
  })
  expect(found).toEqual([
    `${join(root, '.env')}, line 2: expected NAME=value or a line that begins with #`,
    'PORT: expected a whole number from 0 to 65535; found "99999" (environment)',
    expect.stringMatching(/^DATABASE_URL: expected mysql:.*; found mongodb:\/\/\*\*\*@h\/db \(environment\)$/),
    expect.stringMatching(/^DISPATCH_JWT_SECRET: expected at least 32 bytes .*; found \(secret, 7 characters\)/),
    expect.stringMatching(/^DISPATCH_ENCRYPTION_KEY: expected 32 bytes .*; found \(secret, 6 characters\)/),
    `MAX_ATTEMPTS: expected a whole number from 1 to 100; found "none" (${join(root, '.env')})`,
  ])
  expect(found.join('\n')).not.toMatch(/hunter2|sesame/)
})

test('a .env that cannot be read is a mistake, not an empty file', async () => {
  await mkdir(join(root, '.env'))
  expect(await mistakes({})).toEqual([expect.stringContaining(`${join(root, '.env')}: cannot be read`)])
})

test('a name in a .env that is no setting is warned about', async () => {
  await writeFile(join(root, '.env'), 'MAX_ATEMPTS=5\nPORT=4001\n')
  expect((await load()).warnings).toEqual([`${join(root, '.env')}: no setting of Dispatch: MAX_ATEMPTS`])
})

describe('one setting', () => {
  test.each<[string, string, keyof Config, unknown]>([
    ['PORT', '0', 'port', 0],
    ['HOST', '::1', 'host', '::1'],
    ['NODE_ENV', 'production', 'nodeEnv', 'production'],
    ['ALLOW_PRIVATE_WEBHOOKS', 'true', 'allowPrivateWebhooks', true],
    ['ALLOW_PRIVATE_WEBHOOKS', '1', 'allowPrivateWebhooks', true],
    ['ALLOW_PRIVATE_WEBHOOKS', 'FALSE', 'allowPrivateWebhooks', false],
    ['ALLOW_PRIVATE_WEBHOOKS', '10.0.0.0/8, fd00::/8', 'allowPrivateWebhooks', ['10.0.0.0/8', 'fd00::/8']],
    ['TRUST_PROXY', 'true', 'trustProxy', 1],
    ['TRUST_PROXY', '1', 'trustProxy', 1],
    ['TRUST_PROXY', '0', 'trustProxy', false],
    ['TRUST_PROXY', '3', 'trustProxy', 3],
    ['TRUST_PROXY', '10.0.0.0/8,192.0.2.7', 'trustProxy', ['10.0.0.0/8', '192.0.2.7']],
    [
      'CORS_ORIGINS',
      'https://a.example.com/, http://localhost:3000',
      'corsOrigins',
      ['https://a.example.com', 'http://localhost:3000'],
    ],
    ['LOG_LEVEL', 'debug', 'logLevel', 'DEBUG'],
    ['DISPATCH_JWT_ALG', 'hs512', 'jwtAlgorithm', 'HS512'],
    ['DISPATCH_JWT_EXP', '3600', 'jwtLifetimeMs', 3_600_000],
    ['DISPATCH_JWT_EXP', '12h', 'jwtLifetimeMs', 43_200_000],
    ['RETRY_DELAYS', '500ms,1.5s, 2m ,1h,1d', 'retryDelaysMs', [500, 1_500, 120_000, 3_600_000, 86_400_000]],
    ['RETRY_DELAYS', '30000,60000', 'retryDelaysMs', [30_000, 60_000]],
    ['DELIVERY_TIMEOUT', '10s', 'deliveryTimeoutMs', 10_000],
    ['MAX_BODY_BYTES', '512KiB', 'maxBodyBytes', 524_288],
    ['MAX_BODY_BYTES', '2048', 'maxBodyBytes', 2_048],
    ['RATE_LIMIT_PER_MINUTE', '0', 'rateLimitPerMinute', 0],
    ['REDIS_URL', 'redis://localhost', 'redisUrl', 'redis://localhost'],
    ['REDIS_URL', 'rediss://me:p%40ss@[::1]:6380/2', 'redisUrl', 'rediss://me:p%40ss@[::1]:6380/2'],
    ['RETENTION_SUCCESS_DAYS', '30', 'retentionSuccessDays', 30],
    ['RETENTION_FAILED_DAYS', '', 'retentionFailedDays', null],
    ['SHUTDOWN_TIMEOUT', '0s', 'shutdownTimeoutMs', 0],
    ['DISPATCH_ENCRYPTION_KEY', 'ab'.repeat(32), 'encryptionKey', Buffer.alloc(32, 0xab)],
    ['DISPATCH_ENCRYPTION_KEY', Buffer.alloc(32, 0xff).toString('base64'), 'encryptionKey', Buffer.alloc(32, 0xff)],
    ['DISPATCH_ENCRYPTION_KEY', Buffer.alloc(32, 0xff).toString('base64url'), 'encryptionKey', Buffer.alloc(32, 0xff)],
  ])('%s=%s', async (name, text, key, value) => {
    expect((await load({ [name]: text }))[key]).toEqual(value)
  })

  test.each([
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['PORT', '4000.5'],
    ['PORT', '0x10'],
    ['HOST', 'http://localhost'],
    ['NODE_ENV', 'prod'],
    ['ALLOW_PRIVATE_WEBHOOKS', 'maybe'],
    ['ALLOW_PRIVATE_WEBHOOKS', '10.0.0.0/99'],
    ['TRUST_PROXY', 'loopback'],
    ['TRUST_PROXY', '101'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'https://a.example.com/path'],
    ['CORS_ORIGINS', 'a.example.com'],
    ['LOG_LEVEL', 'verbose'],
    ['DISPATCH_JWT_SECRET', 'a'.repeat(31)],
    ['DISPATCH_JWT_ALG', 'none'],
    ['DISPATCH_JWT_EXP', '59'],
    ['RETRY_DELAYS', '30'],
    ['RETRY_DELAYS', ','],
    ['RETRY_DELAYS', '30s;1m'],
    ['DELIVERY_TIMEOUT', '30'],
    ['DELIVERY_TIMEOUT', '11m'],
    ['MAX_ATTEMPTS', '0'],
    ['MAX_CONCURRENCY', '1e3'],
    ['MAX_BODY_BYTES', '9MiB'],
    ['REDIS_URL', 'localhost:6379'],
    ['REDIS_URL', 'redis://localhost/cache'],
    ['REDIS_URL', 'redis://:password'],
    ['RETENTION_SUCCESS_DAYS', '0'],
    ['RETENTION_FAILED_DAYS', '1.5'],
    ['DISPATCH_ENCRYPTION_KEY', 'ab'.repeat(31)],
    ['DISPATCH_ENCRYPTION_KEY', Buffer.alloc(31).toString('base64')],
    ['DATABASE_PORT', '0'],
  ])('%s=%s is a mistake', async (name, text) => {
    expect(await mistakes({ [name]: text })).toEqual([expect.stringMatching(new RegExp(`^${name}: .*; found `))])
  })

  test.each([
    ['redis://me:pass@host:6379/1', 'redis://***@host:6379/1'],
    ['rediss://:pa@ss/@[::1]', 'rediss://***@[::1]'],
    ['redis://host', 'redis://host'],
    ['redis://:pass', '***'],
    ['pass', '***'],
    ['redis://host/pass?x', '***'],
  ])('of REDIS_URL, %s is shown as %s', (text, shown) => {
    expect(maskRedisUrl(text)).toBe(shown)
  })

  test('whatever the text, a setting is taken or refused with its name, and a secret never shown', async () => {
    const names = rows().map(({ name }) => name)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.string({ minLength: 1, maxLength: 80 }), async (name, text) => {
        const error: unknown = await load({ [name]: text }).catch((reason: unknown) => reason)
        if (!(error instanceof ConfigError)) return
        expect(error.mistakes.length).toBe(1)
        const isSecret = /SECRET|KEY/.test(name) && text.trim().length > 12
        if (isSecret) expect(error.message).not.toContain(text.trim())
      }),
      { numRuns: 300 },
    )
  })
})

describe('database', () => {
  const server = { user: 'dispatch', password: 'secret', database: 'jobs', tls: 'off', poolSize: 10 }

  test.each([
    ['mysql://dispatch:secret@db:3307/jobs', { ...server, kind: 'mysql', host: 'db', port: 3307 }],
    ['mariadb://dispatch:secret@db/jobs', { ...server, kind: 'mysql', host: 'db', port: 3306 }],
    ['postgres://dispatch:secret@db/jobs', { ...server, kind: 'postgres', host: 'db', port: 5432 }],
    ['postgresql://dispatch:secret@[::1]:6000/jobs', { ...server, kind: 'postgres', host: '::1', port: 6000 }],
    ['POSTGRES://dispatch@db/jobs', { ...server, kind: 'postgres', host: 'db', port: 5432, password: '' }],
    [
      'mysql://dispatch:p@ss:w/o?r#d@db/jobs',
      { ...server, kind: 'mysql', host: 'db', port: 3306, password: 'p@ss:w/o?r#d' },
    ],
    [
      'mysql://dis%40patch:p%40ss%3A%25@db/jobs',
      { ...server, kind: 'mysql', host: 'db', port: 3306, user: 'dis@patch', password: 'p@ss:%' },
    ],
    [
      'postgres://dispatch:secret@db/jobs?sslmode=require',
      { ...server, kind: 'postgres', host: 'db', port: 5432, tls: 'require' },
    ],
    [
      'postgres://dispatch:secret@db/jobs?sslmode=verify-full',
      { ...server, kind: 'postgres', host: 'db', port: 5432, tls: 'verify' },
    ],
    ['mysql://dispatch:secret@db/jobs?ssl=true', { ...server, kind: 'mysql', host: 'db', port: 3306, tls: 'verify' }],
    ['sqlite:///var/lib/dispatch.db', { kind: 'sqlite', file: '/var/lib/dispatch.db' }],
    ['sqlite:/var/lib/my%20jobs.db', { kind: 'sqlite', file: '/var/lib/my jobs.db' }],
  ])('DATABASE_URL=%s', async (url, database) => {
    expect((await load({ DATABASE_URL: url })).database).toEqual(database)
  })

  test('a relative SQLite file lies in the repository, not in the working directory', async () => {
    const { database } = await load({ DATABASE_URL: 'sqlite:data/other.db' })
    expect(database).toEqual({ kind: 'sqlite', file: join(root, 'data', 'other.db') })
  })

  test.each([
    'mysql://db/jobs',
    'mysql://dispatch:secret@db',
    'mysql://dispatch:secret@db/',
    'mysql://:secret@db/jobs',
    'mysql://dispatch:100%@db/jobs',
    'mysql://dispatch:secret@db:70000/jobs',
    'mysql://dispatch:secret@/jobs',
    'postgres://dispatch:secret@db/jobs?sslmod=require',
    'postgres://dispatch:secret@db/jobs?sslmode=prefer',
    'sqlite::memory:',
    'sqlite://relative.db',
    'dispatch:secret@db/jobs',
  ])('%s is refused without showing the password', async (url) => {
    const [mistake, ...others] = await mistakes({ DATABASE_URL: url })
    expect(others).toEqual([])
    expect(mistake).toMatch(/^DATABASE_URL: /)
    expect(mistake).not.toMatch(/secret|100%@/)
  })

  test('any user and password survive the URL when percent-encoded, and any password without % when not', async () => {
    const part = fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' })
    const raw = fc.string({ maxLength: 30 }).filter((value) => !/[%\s]/.test(value))
    await fc.assert(
      fc.asyncProperty(part, part, raw, async (user, password, rawPassword) => {
        const encoded = `mysql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@db/jobs`
        expect((await load({ DATABASE_URL: encoded })).database).toMatchObject({ user, password, host: 'db' })
        const plain = await load({ DATABASE_URL: `postgres://me:${rawPassword}@db/jobs` })
        expect(plain.database).toMatchObject({ user: 'me', password: rawPassword, host: 'db', database: 'jobs' })
      }),
      { numRuns: 100 },
    )
  })

  test('the four parts make a PostgreSQL database; the password may hold anything and is not decoded', async () => {
    const env = { DATABASE_HOSTNAME: 'db.internal', DATABASE_CREDENTIALS: 'dispatch:p:a@ss%20/w' }
    expect((await load(env)).database).toEqual({
      ...{ kind: 'postgres', host: 'db.internal', port: 5432, user: 'dispatch', password: 'p:a@ss%20/w' },
      ...{ database: 'dispatch', tls: 'off', poolSize: 10 },
    })
    const more = { ...env, DATABASE_NAME: 'jobs', DATABASE_PORT: '6432', DATABASE_POOL_SIZE: '4' }
    expect((await load(more)).database).toMatchObject({ port: 6432, database: 'jobs', poolSize: 4 })
  })

  test('DATABASE_URL wins over the parts', async () => {
    const { database } = await load({
      ...{ DATABASE_URL: 'mysql://a:b@one/jobs', DATABASE_HOSTNAME: 'two', DATABASE_CREDENTIALS: 'c:d' },
    })
    expect(database).toMatchObject({ kind: 'mysql', host: 'one' })
  })

  test('half of the parts is a mistake', async () => {
    expect(await mistakes({ DATABASE_HOSTNAME: 'db' })).toEqual([expect.stringMatching(/^DATABASE_CREDENTIALS: /)])
    expect(await mistakes({ DATABASE_CREDENTIALS: 'a:b' })).toEqual([expect.stringMatching(/^DATABASE_HOSTNAME: /)])
  })

  test('a database server needs the encryption key in production only', async () => {
    const env = { DATABASE_URL: 'mysql://a:b@db/jobs' }
    expect(await mistakes({ ...env, NODE_ENV: 'production' })).toEqual([
      expect.stringMatching(/^DISPATCH_ENCRYPTION_KEY: /),
    ])
    await load(env)
    await load({ NODE_ENV: 'production' })
    await load({ ...env, NODE_ENV: 'production', DISPATCH_ENCRYPTION_KEY: '00'.repeat(32) })
  })
})
