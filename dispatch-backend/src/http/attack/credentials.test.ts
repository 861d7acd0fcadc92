/** Tokens and keys that are forged, stolen, over or guessed. */
import { createHmac, generateKeyPairSync, randomBytes, sign as signWith } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../clock.js'
import { createAddressGuard } from '../../delivery/address-guard.js'
import { createSealer } from '../../domain/secrets.js'
import { Events } from '../../events.js'
import { openStore } from '../../store/open.js'
import { databases } from '../../testing/databases.js'
import { createApp } from '../app.js'
import { type Account, later, openTestApi, PASSWORD, type TestApi, type TestProject } from '../testing/test-api.js'
import { compareMedians } from './testing/medians.js'

const SECRET = 'a secret that only this test knows'
const sessions = { secret: SECRET, algorithm: 'HS256', lifetimeSeconds: 3_600 } as const
let api: TestApi
let account: Account
beforeAll(async () => {
  api = await openTestApi(databases[0]!, { sessions })
})
afterAll(() => api.close())
beforeEach(async () => {
  account = await api.signUp()
})

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const statusOf = async (token: string): Promise<number> => (await api.call({ path: '/me', token })).status
/** A token signed with `secret`, whatever its header claims. */
function token(header: object, claims: object, secret = SECRET, hash = 'sha256'): string {
  const signed = `${base64(header)}.${base64(claims)}`
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`
}
const claimsOf = (text: string): { sid: string; sub: string } =>
  JSON.parse(Buffer.from(text.split('.')[1]!, 'base64url').toString()) as { sid: string; sub: string }

describe('a session token', () => {
  it('is taken when it is ours', async () => {
    expect(await statusOf(account.token)).toBe(200)
    expect(await statusOf(token({ alg: 'HS256' }, claimsOf(account.token)))).toBe(200)
  })

  it.each([
    ['no algorithm', (claims: object) => `${base64({ alg: 'none' })}.${base64(claims)}.`],
    ['no algorithm, in other letters', (claims: object) => `${base64({ alg: 'nOnE' })}.${base64(claims)}.`],
    ['no algorithm but a signature', (claims: object) => token({ alg: 'none' }, claims)],
    ['a stronger algorithm than ours', (claims: object) => token({ alg: 'HS512' }, claims, SECRET, 'sha512')],
    ['another secret', (claims: object) => token({ alg: 'HS256' }, claims, 'another secret')],
    ['an empty secret', (claims: object) => token({ alg: 'HS256' }, claims, '\0')],
    ['a key of its own choice', (claims: object) => token({ alg: 'HS256', kid: '/dev/null' }, claims, '\0')],
    ['a key that it brings', (claims: object) => token({ alg: 'HS256', jwk: { kty: 'oct', k: 'AA' } }, claims, '\0')],
    ['an extension we do not know', (claims: object) => token({ alg: 'HS256', crit: ['x'], x: 1 }, claims)],
    ['a public key', rsaToken],
    ['a session id that is none', (claims: object) => token({ alg: 'HS256' }, { ...claims, sid: 'x' })],
    ['no session id', (claims: object) => token({ alg: 'HS256' }, { ...claims, sid: undefined })],
    ['a session id that is no text', (claims: object) => token({ alg: 'HS256' }, { ...claims, sid: { $ne: 1 } })],
    ['claims that are no object', () => token({ alg: 'HS256' }, ['sid'])],
  ])('is nobody’s with %s', async (_what, forge) => {
    expect(await statusOf(forge(claimsOf(account.token)))).toBe(401)
  })

  it('stands for its session’s user, whoever it claims to be', async () => {
    const other = await api.signUp()
    const claims = { ...claimsOf(account.token), sub: other.userId, userId: other.userId, isInstanceOwner: true }
    const me = await api.call({ path: '/me', token: token({ alg: 'HS256' }, claims) })
    expect(me.json.data).toMatchObject({ id: account.userId, isInstanceOwner: false })
  })

  it('is over when it says or its row says so, at sign-out, and not brought back by a longer claim', async () => {
    const forever = token({ alg: 'HS256' }, { ...claimsOf(account.token), exp: 9_999_999_999 })
    expect(await statusOf(forever)).toBe(200)
    await api.call({ method: 'POST', path: '/auth/logout', token: account.token })
    expect([await statusOf(account.token), await statusOf(forever)]).toEqual([401, 401])
    const later = await api.signUp()
    api.clock.advance(3_601_000)
    const extended = token({ alg: 'HS256' }, { ...claimsOf(later.token), exp: 9_999_999_999 })
    expect([await statusOf(later.token), await statusOf(extended)]).toEqual([401, 401])
  })

  it('is read from one place only', async () => {
    const headers = [
      { cookie: `token=${account.token}` },
      { 'x-access-token': account.token },
      { 'proxy-authorization': `Bearer ${account.token}` },
      { authorization: `Basic ${Buffer.from(`${account.email}:${PASSWORD}`).toString('base64')}` },
      { authorization: `Bearer x, Bearer ${account.token}` },
    ]
    for (const one of headers) expect((await api.call({ path: '/me', headers: one })).status).toBe(401)
    expect((await api.call({ path: `/me?token=${account.token}&access_token=${account.token}` })).status).toBe(401)
  })
})

function rsaToken(claims: object): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const signed = `${base64({ alg: 'RS256' })}.${base64(claims)}`
  return `${signed}.${signWith('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
}

describe('an API key', () => {
  let project: TestProject
  beforeEach(async () => {
    project = await api.project(account)
  })
  const listed = async (key: string): Promise<number> => (await api.call({ path: '/jobs', key })).status

  it('is taken whole and as it is, from its header only', async () => {
    const { key } = project
    expect(await listed(key)).toBe(200)
    const others = [
      key.toUpperCase(),
      ` ${key}x`,
      key.slice(0, -1),
      `${key}, ${key}`,
      `${key}%00`,
      key.slice(3),
      '%',
      '*',
    ]
    for (const other of others) expect(await listed(other), other).toBe(401)
    expect((await api.call({ path: `/jobs?api_key=${key}&x-api-key=${key}` })).status).toBe(401)
    expect((await api.call({ path: '/jobs', headers: { authorization: `Bearer ${key}` } })).status).toBe(401)
    expect((await api.call({ path: '/projects', key })).status).toBe(401)
  })

  it('reads no signing secret, key or account', async () => {
    const { key, id } = project
    for (const path of [`/projects/${id}`, `/projects/${id}/api-keys`, `/projects/${id}/signing-secret`, '/me']) {
      expect((await api.call({ path, key })).status, path).toBe(401)
    }
    const path = `/projects/${id}/signing-secret/rotate`
    expect((await api.call({ method: 'POST', path, key, body: { overlapSeconds: 0 } })).status).toBe(401)
  })

  it('does not help a forged session beside it, nor the other way round', async () => {
    expect((await api.call({ path: '/me', key: project.key, token: 'a.b.c' })).status).toBe(401)
    expect((await api.call({ path: '/jobs', key: 'sk_x', token: account.token })).status).toBe(401)
  })

  it('shares no Idempotency-Key with other projects', async () => {
    const other = await api.project(await api.signUp())
    const body = { title: 'x', webhookUrl: 'https://example.com', fireAt: later(api) }
    const create = (key: string, more = {}) =>
      api.call({
        method: 'POST',
        path: '/jobs',
        key,
        body: { ...body, ...more },
        headers: { 'idempotency-key': 'same' },
      })
    const [one, two] = [await create(project.key), await create(other.key)]
    expect([one.status, two.status]).toEqual([201, 201])
    expect(two.json.data.id).not.toBe(one.json.data.id)
    expect((await create(other.key, { title: 'other' })).status).toBe(409)
    expect((await create(project.key)).json.data.id).toBe(one.json.data.id)
  })
})

describe.each(databases)('a key revoked on another replica of $name', (database) => {
  it('opens nothing here, though it was used here a moment ago', async () => {
    const { config, drop } = await database.create()
    const first = await openTestApi({ name: database.name, create: () => Promise.resolve({ config, drop: noop }) })
    const store = await openStore(config, { clock: systemClock })
    const second = await createApp({ ...secondReplica(), store })
    onTestFinished(async () => {
      await second.close()
      await store.close()
      await first.close()
      await drop()
    })
    const owner = await first.signUp()
    const { id, key, keyId } = await first.project(owner)
    const payload = { title: 'x', webhookUrl: 'https://example.com', fireAt: later(first) }
    const headers = { 'x-api-key': key }
    const create = () => second.inject({ method: 'POST', url: '/api/v1/jobs', headers, payload })
    const made = await create()
    expect(made.statusCode).toBe(201)
    const path = `/projects/${id}/api-keys/${keyId}`
    expect((await first.call({ method: 'DELETE', path, token: owner.token })).status).toBe(200)
    const job = `/api/v1/jobs/${made.json<{ data: { id: string } }>().data.id}`
    expect((await create()).statusCode).toBe(401)
    expect((await second.inject({ method: 'GET', url: '/api/v1/jobs', headers })).statusCode).toBe(401)
    expect((await second.inject({ method: 'GET', url: job, headers })).statusCode).toBe(401)
    expect((await second.inject({ method: 'DELETE', url: job, headers })).statusCode).toBe(401)
  })
})

const noop = (): Promise<void> => Promise.resolve()

function secondReplica(): Omit<Parameters<typeof createApp>[0], 'store'> {
  return {
    ...{ clock: systemClock, events: new Events(), sealer: createSealer(Buffer.alloc(32, 1)), sessions },
    publicUrl: () => 'https://dispatch.example.com',
    addressGuard: createAddressGuard(false),
    userAgent: 'Dispatch/test',
    wake: () => undefined,
    isReady: () => ({ ready: true }),
    limits: { maxBodyBytes: 100_000, perMinutePerKey: 0, perMinutePerAddress: 0, authPer15Minutes: 0 },
    ...{ maxConnections: 0, corsOrigins: [], development: false, trustProxy: false },
  }
}

describe('guessing', () => {
  it('stops at the limit of an account, from however many addresses, and of an address', async () => {
    const limits = { maxBodyBytes: 100_000, perMinutePerKey: 0, perMinutePerAddress: 0, authPer15Minutes: 5 }
    const limited = await openTestApi(databases[0]!, { limits })
    onTestFinished(() => limited.close())
    limited.clock.hold()
    const { email } = await limited.signUp()
    const login = (from: string, password: string, to = email) =>
      limited.call({ method: 'POST', path: '/auth/login', body: { email: to, password }, from })
    const guesses = await Promise.all(
      Array.from({ length: 20 }, (_, i) => login(`203.0.113.${i}`, `guess number ${i}`)),
    )
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(5)
    expect(guesses.filter(({ status }) => status === 429)).toHaveLength(15)
    const spray = await Promise.all(
      Array.from({ length: 20 }, (_, i) => login('198.51.100.1', 'guess', `user${i}@example.com`)),
    )
    expect(spray.filter(({ status }) => status === 429)).toHaveLength(15)
  })

  it.each(['key', 'token'] as const)('of a %s stops at the limit of an address, all at once or not', async (kind) => {
    const limits = { maxBodyBytes: 100_000, perMinutePerKey: 0, perMinutePerAddress: 5, authPer15Minutes: 0 }
    const limited = await openTestApi(databases[0]!, { limits })
    onTestFinished(() => limited.close())
    limited.clock.hold()
    const owner = await limited.signUp()
    const guess = (index: number) => {
      const wrong = kind === 'key' ? `sk_${String(index).padStart(64, '0')}` : `${owner.token}${index}`
      return limited.call({ path: '/jobs', [kind]: wrong })
    }
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => guess(index)))
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(35)
  })

  it('does not tell from the time whether there is such an account', async () => {
    const login = (email: string) => async () => {
      const answer = await api.call({
        method: 'POST',
        path: '/auth/login',
        body: { email, password: 'a wrong password' },
      })
      expect(answer.json).toEqual({ status: false, message: 'Invalid email or password', data: null })
    }
    const ratio = await compareMedians(login(account.email), login(`nobody-${account.email}`))
    expect(ratio).toBeLessThan(1.5)
  })

  it('does not tell from answer or time how much of a key was right', async () => {
    const { key } = await api.project(account)
    const nearly = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`
    const far = `sk_${randomBytes(32).toString('hex')}`
    const answers = await Promise.all([nearly, far, 'x'].map((guess) => api.call({ path: '/jobs', key: guess })))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    const read = (guess: string) => () => api.call({ path: '/jobs', key: guess })
    expect(await compareMedians(read(nearly), read(far))).toBeLessThan(2)
  })
})
