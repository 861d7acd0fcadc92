import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { me, signedIn } from 'dispatch-contract'
import type { UserWithPassword } from '../store/store.js'
import { databases } from '../testing/databases.js'
import { type Account, openTestApi, PASSWORD, type TestApi } from './testing/test-api.js'

const register = (api: TestApi, more: object = {}, call: object = {}) =>
  api.call({
    method: 'POST',
    path: '/auth/register',
    body: { email: 'owner@example.com', password: PASSWORD, ...more },
    ...call,
  })

describe.each(databases)('accounts on $name', (database) => {
  let api: TestApi
  let account: Account
  beforeAll(async () => {
    api = await openTestApi(database)
    await api.signUp()
  })
  afterAll(() => api.close())
  beforeEach(async () => {
    account = await api.signUp()
  })
  const login = (email: string, password: string) =>
    api.call({ method: 'POST', path: '/auth/login', body: { email, password } })

  it('are ready at once, with an organization of their own', async () => {
    const email = `Ada.${account.email.toUpperCase()}`
    const answer = await register(api, { email: ` ${email} `, name: 'Ada Łovelace' })
    expect(answer.status).toBe(201)
    const { token, user } = signedIn.strict().parse(answer.json.data)
    expect(user).toMatchObject({ email: email.toLowerCase(), name: 'Ada Łovelace', isInstanceOwner: false })
    const who = await api.call({ path: '/me', token })
    expect(me.strict().parse(who.json.data)).toMatchObject({
      ...user,
      organizations: [
        {
          name: "Ada Łovelace's organization",
          role: 'owner',
          slug: expect.stringMatching(/^ada-ovelace-[0-9a-f]{8}$/),
        },
      ],
    })
  })

  it('are one per address, in any case', async () => {
    const again = await register(api, { email: account.email.toUpperCase() })
    expect([again.status, again.headers['x-error-code']]).toEqual([409, 'EMAIL_TAKEN'])
    const racing = await Promise.all([1, 2, 3].map(() => register(api, { email: `race-${account.email}` })))
    expect(racing.map((answer) => answer.status).sort()).toEqual([201, 409, 409])
  })

  it('name what is wrong with a registration, but never the password', async () => {
    const answer = await register(api, { email: 'nobody', password: 'hunter2', name: '' })
    expect(answer.status).toBe(400)
    expect(answer.json.message).toBe(
      'email: expected an email address of at most 254 characters, got "nobody"; ' +
        'password: expected a password of at least 8 characters (at most 1024 bytes), got a text of 7 characters; ' +
        'name: expected a text of 1 to 100 characters, got an empty text',
    )
    const long = await register(api, { password: 'é'.repeat(600) })
    expect([long.status, long.json.message]).toEqual([400, 'password: expected at most 1024 bytes'])
  })

  it('sign in with the right password, and out at once', async () => {
    const answer = await login(account.email.toUpperCase(), PASSWORD)
    expect(answer.status).toBe(200)
    const { token, user } = signedIn.strict().parse(answer.json.data)
    expect(user.id).toBe(account.userId)
    const out = await api.call({ method: 'POST', path: '/auth/logout', token })
    expect([out.status, out.json.data]).toEqual([200, null])
    const after = await api.call({ path: '/me', token })
    expect([after.status, after.headers['x-error-code']]).toEqual([401, 'SESSION_INVALID'])
    expect((await api.call({ path: '/me', token: account.token })).status).toBe(200)
  })

  it('answer a wrong password and an unknown address alike', async () => {
    const wrong = await login(account.email, 'not the password')
    const unknown = await login(`nobody-${account.email}`, PASSWORD)
    expect(wrong.status).toBe(401)
    expect(wrong.json).toEqual({ status: false, message: 'Invalid email or password', data: null })
    expect(unknown.json).toEqual(wrong.json)
    expect(unknown.status).toBe(401)
  })

  it.each<[string, (user: UserWithPassword) => Promise<unknown>]>([
    [
      'changed',
      ({ id: userId, passwordHash: oldHash }) =>
        api.store.changePassword({ userId, oldHash, newHash: 'another', keepSessionId: null, mail: null }),
    ],
    ['disabled', ({ id }) => api.store.setUserDisabled({ id, isDisabled: true })],
    ['deleted', ({ id: userId }) => api.store.deleteAccount({ userId, nowMs: api.clock.wallMs(), mail: null })],
  ])('do not let in who gave the password just before they were %s', async (_how, happen) => {
    const user = await api.store.findUserByEmail(account.email)
    const createSession = api.store.createSession.bind(api.store)
    onTestFinished(() => {
      api.store.createSession = createSession
    })
    // The password has been found right by then.
    api.store.createSession = async (session) => {
      await happen(user!)
      return createSession(session)
    }
    const answer = await login(account.email, PASSWORD)
    expect([answer.status, answer.headers['x-error-code']]).toEqual([401, 'BAD_CREDENTIALS'])
    const nowMs = api.clock.wallMs()
    expect(await api.store.listSessions({ userId: account.userId, nowMs })).toEqual([])
  })

  it('end their sessions when these are over', async () => {
    const fresh = await openTestApi(database, {
      sessions: { secret: 's', algorithm: 'HS512', lifetimeSeconds: 3_600 },
    })
    const { token } = await fresh.signUp()
    fresh.clock.advance(3_000_000)
    expect((await fresh.call({ path: '/me', token })).status).toBe(200)
    fresh.clock.advance(601_000)
    expect((await fresh.call({ path: '/me', token })).status).toBe(401)
    await fresh.close()
  })

  it('are nobody without a token of ours', async () => {
    const [header, body, signature] = account.token.split('.')
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`
    const forged = `${header}.${body}.${signature!.slice(0, -2)}AA`
    for (const token of [forged, none, `${header}.${body}`, 'x', '']) {
      const answer = await api.call({ path: '/me', headers: { authorization: `Bearer ${token}` } })
      expect(answer.status).toBe(401)
    }
    expect((await api.call({ path: '/me', headers: { authorization: `bearer ${account.token}` } })).status).toBe(200)
    expect((await api.call({ path: '/me', headers: { authorization: account.token } })).status).toBe(401)
  })
})

describe.each(databases)('the first account on $name', (database) => {
  it('goes to exactly one of several that race', async () => {
    const api = await openTestApi(database)
    const racing = [1, 2, 3, 4].map((n) => register(api, { email: `racer-${n}@example.com` }))
    const owners = (await Promise.all(racing)).map((answer) => signedIn.parse(answer.json.data).user.isInstanceOwner)
    expect(owners.filter((isOwner) => isOwner)).toHaveLength(1)
    await api.close()
  })
})

describe('the first account', () => {
  const database = databases[0]!
  let api: TestApi
  beforeEach(async () => {
    api = await openTestApi(database, { setupToken: 'the token', trustProxy: true })
    return () => api.close()
  })

  it('is the owner when made on this machine, and only the first', async () => {
    expect((await register(api)).json.data.user.isInstanceOwner).toBe(true)
    const second = await register(api, { email: 'second@example.com' }, { from: '203.0.113.9' })
    expect([second.status, second.json.data.user.isInstanceOwner]).toEqual([201, false])
  })

  it.each([
    ['another machine', { from: '203.0.113.9' }],
    ['another machine through a proxy here', { headers: { 'x-forwarded-for': '203.0.113.9' } }],
    ['one that claims to be here, through a proxy', { headers: { 'x-forwarded-for': '127.0.0.1, 203.0.113.9' } }],
    ['a page elsewhere in a browser here', { headers: { host: 'rebound.example.com:4000' } }],
    ['another machine with a wrong token', { from: '203.0.113.9', headers: { 'x-setup-token': 'the tokem' } }],
  ])('is refused to %s', async (_who, call) => {
    const answer = await register(api, {}, call)
    expect([answer.status, answer.headers['x-error-code']]).toEqual([403, 'SETUP_TOKEN_REQUIRED'])
  })

  it('is given to whoever knows the set-up token, in header or body', async () => {
    const from = '203.0.113.9'
    const inBody = await register(api, { setupToken: 'the token' }, { from })
    expect(inBody.json.data.user.isInstanceOwner).toBe(true)
    const other = await openTestApi(database, { setupToken: 'the token' })
    const inHeader = await register(other, {}, { from, headers: { 'x-setup-token': 'the token' } })
    expect(inHeader.json.data.user.isInstanceOwner).toBe(true)
    await other.close()
  })

  it('counts a proxied caller as elsewhere even when no proxy is trusted', async () => {
    const untrusting = await openTestApi(database)
    const answer = await register(untrusting, {}, { headers: { 'x-forwarded-for': '127.0.0.1' } })
    expect(answer.status).toBe(403)
    expect((await register(untrusting, {}, { from: '::1', headers: { host: '[::1]:4000' } })).status).toBe(201)
    await untrusting.close()
  })
})
