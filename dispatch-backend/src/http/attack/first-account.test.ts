/** Who may make the first account, which owns the instance: callers on this machine, or who knows the set-up token. */
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { databases } from '../../testing/databases.js'
import { openTestApi, PASSWORD, type TestApi } from '../testing/test-api.js'

const TOKEN = 'f'.repeat(32)
const EMAIL = 'owner@example.com'
const BODY = JSON.stringify({ email: EMAIL, password: PASSWORD })
let api: TestApi
let port: number

async function start(settings: object = {}): Promise<void> {
  api = await openTestApi(databases[0]!, { setupToken: TOKEN, ...settings })
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  port = (api.app.server.address() as { port: number }).port
}

/** The head as it is on the wire, over a real connection from this machine. */
function register(lines: readonly string[], version = '1.1'): Promise<string> {
  const fixed = ['connection: close', 'content-type: application/json', `content-length: ${BODY.length}`]
  const head = [`POST /api/v1/auth/register HTTP/${version}`, ...lines, ...fixed].join('\r\n')
  return new Promise((resolve, reject) => {
    let heard = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(`${head}\r\n\r\n${BODY}`)).setEncoding('utf8')
    socket.on('data', (chunk: string) => (heard += chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(heard))
  })
}

const REFUSED = /^HTTP\/1\.1 403 [^]*x-error-code: SETUP_TOKEN_REQUIRED/

describe.each([false, true])('the first account, with a proxy trusted: %s', (trustProxy) => {
  beforeAll(() => start({ trustProxy }))
  afterAll(() => api.close())

  it.each([
    ['nginx as it comes: HTTP/1.0, our own address as Host', ['host: 127.0.0.1:4000'], '1.0'],
    ['a proxy that names the caller', ['host: localhost', 'x-forwarded-for: 203.0.113.9'], '1.1'],
    ['a caller that forges the name', ['host: localhost', 'x-forwarded-for: 127.0.0.1'], '1.1'],
    ['the same, in the standard way', ['host: localhost', 'forwarded: for=127.0.0.1'], '1.1'],
    ['a proxy that names only the protocol', ['host: localhost', 'x-forwarded-proto: https'], '1.1'],
    ['a proxy that names only itself', ['host: localhost', 'via: 1.1 proxy'], '1.1'],
    ['a content delivery network', ['host: localhost', 'cf-connecting-ip: 127.0.0.1'], '1.1'],
    ['a public name', ['host: dispatch.example.com'], '1.1'],
    ['a name that was rebound to us', ['host: 127.0.0.1.evil.example:4000'], '1.1'],
    ['a name like ours', ['host: localhost.evil.example'], '1.1'],
    ['user information before the name', ['host: localhost@evil.example'], '1.1'],
    ['two hosts', ['host: localhost', 'host: evil.example'], '1.1'],
    ['two hosts, the other first', ['host: evil.example', 'host: localhost'], '1.1'],
    ['no host', ['host:'], '1.1'],
    ['a page elsewhere', ['host: localhost', 'origin: https://evil.example'], '1.1'],
    ['a page of no origin', ['host: localhost', 'origin: null'], '1.1'],
    ['a wrong token', ['host: localhost', 'via: 1.1 x', `x-setup-token: ${'f'.repeat(31)}e`], '1.1'],
    ['a part of the token', ['host: localhost', 'via: 1.1 x', `x-setup-token: ${'f'.repeat(31)}`], '1.1'],
    ['the token twice', ['host: localhost', 'via: 1.1 x', `x-setup-token: ${TOKEN}`, `x-setup-token: ${TOKEN}`], '1.1'],
    ['an empty token', ['host: localhost', 'via: 1.1 x', 'x-setup-token:'], '1.1'],
  ])('is refused through %s', async (_what, lines, version) => {
    expect(await register(lines, version)).toMatch(REFUSED)
    expect(await api.store.hasInstanceOwner()).toBe(false)
  })
})

describe('the first account', () => {
  // One server for all: the owner leaves after each case, because another start takes far longer.
  beforeAll(() => start())
  afterAll(() => api.close())
  afterEach(async () => {
    const owner = await api.store.findUserByEmail(EMAIL)
    await api.store.deleteAccount({ userId: owner!.id, nowMs: api.clock.wallMs(), mail: null })
  })

  it.each([
    ['this machine', ['host: localhost:4000']],
    ['this machine by its address', ['host: 127.0.0.1']],
    ['a page of this machine', ['host: localhost:4000', 'origin: http://localhost:3000']],
    ['the token, from anywhere', ['host: dispatch.example.com', 'via: 1.1 proxy', `x-setup-token: ${TOKEN}`]],
  ])('is made from %s', async (_what, lines) => {
    expect(await register(lines)).toMatch(/^HTTP\/1\.1 201 /)
  })
})

describe('the set-up token', () => {
  afterEach(() => api.close())

  it('is guessed a few times only, and of no use once there is an owner', async () => {
    await start({ limits: { maxBodyBytes: 10_000, perMinutePerKey: 0, perMinutePerAddress: 0, authPer15Minutes: 3 } })
    const guess = (token: string, from = '203.0.113.9', email = 'x@example.com') =>
      api.call({ method: 'POST', path: '/auth/register', from, body: { email, password: PASSWORD, setupToken: token } })
    const answers = [await guess('1'), await guess('2'), await guess('3'), await guess(TOKEN)]
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 429])
    expect((await guess(TOKEN, '203.0.113.10')).json.data.user.isInstanceOwner).toBe(true)
    const second = await guess(TOKEN, '203.0.113.11', 'second@example.com')
    expect(second.json.data.user.isInstanceOwner).toBe(false)
  })

  const registerFrom = (from: string, setupToken?: string) =>
    api.call({
      method: 'POST',
      path: '/auth/register',
      from,
      body: { email: EMAIL, password: PASSWORD, setupToken },
    })
  const announcedTokens = (): string[] => {
    const tokens: string[] = []
    api.events.on('setupTokenMade', ({ setupToken }) => tokens.push(setupToken))
    return tokens
  }

  it('is made anew when the owner deletes the account; the old one is void', async () => {
    await start()
    const tokens = announcedTokens()
    const owner = await api.signUp()
    const body = { password: PASSWORD }
    expect((await api.call({ method: 'DELETE', path: '/me/account', token: owner.token, body })).status).toBe(200)
    expect(tokens).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)])
    expect((await registerFrom('203.0.113.9', TOKEN)).status).toBe(403)
    expect((await registerFrom('203.0.113.9')).status).toBe(403)
    expect(tokens).toHaveLength(1)
    expect((await registerFrom('203.0.113.9', tokens[0])).json.data.user.isInstanceOwner).toBe(true)
  })

  it('is made when it is missed by a process whose owner left through another one', async () => {
    await start({ setupToken: undefined })
    const tokens = announcedTokens()
    const { userId } = await api.signUp()
    await api.store.deleteAccount({ userId, nowMs: api.clock.wallMs(), mail: null })
    expect((await registerFrom('203.0.113.9')).status).toBe(403)
    expect((await registerFrom('203.0.113.9')).status).toBe(403)
    expect(tokens).toHaveLength(1)
    expect((await registerFrom('203.0.113.9', tokens[0])).status).toBe(201)
  })
})
