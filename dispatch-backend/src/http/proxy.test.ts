/**
 * The API behind a real nginx, as the self-hosting guide sets it up: one domain by path, two domains with CORS, two proxies
 * in a row, one that passes nothing on. Clients get addresses of their own by the PROXY protocol, which nginx believes.
 */
import { once } from 'node:events'
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { trustProxy } from '../config/types.js'
import { databases } from '../testing/databases.js'
import { findNginx, startNginx } from '../testing/nginx.js'
import { freePorts } from '../testing/server-process.js'
import type { AppDeps } from './app-deps.js'
import { openTestApi, PASSWORD, type TestApi } from './testing/test-api.js'

const program = findNginx()
if (program === undefined) console.error('NOT RUN: the API behind nginx (no nginx found)')

const CLIENT = '203.0.113.7'
const OTHER_CLIENT = '203.0.113.8'
const SETUP_TOKEN = 'the token printed at start'
const APP_ORIGIN = 'https://app.example.com'

interface Sent {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object
}

interface Received {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Sends to a port here; with `from`, to an nginx that shall believe that the client has that address. */
async function send(port: number, sent: Sent, from?: string): Promise<Received> {
  const { method = 'GET', path, headers = {}, body } = sent
  const text = body === undefined ? '' : JSON.stringify(body)
  const socket = connect(port, '127.0.0.1')
  if (from !== undefined) {
    socket.write(
      `PROXY TCP${from.includes(':') ? '6' : '4'} ${from} ${from.includes(':') ? '::1' : '127.0.0.1'} 50123 80\r\n`,
    )
  }
  const outgoing = request({
    ...{ method, path, createConnection: () => socket },
    headers: {
      host: 'dispatch.example.com',
      connection: 'close',
      ...(text === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      ...headers,
    },
  })
  outgoing.end(text)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return { status: response.statusCode!, headers: response.headers, text: Buffer.concat(chunks).toString() }
}

const register = (email: string, more: object = {}): Sent => ({
  method: 'POST',
  path: '/api/v1/auth/register',
  body: { email, password: PASSWORD, ...more },
})

/** As in the guide. */
const PASS_ON = `
  proxy_http_version 1.1;
  proxy_set_header Host $host;
  proxy_set_header X-Real-IP $remote_addr;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;`

/** Where a client with an address of its own arrives. */
const facing = (port: number, name = '_'): string => `
  listen 127.0.0.1:${port} proxy_protocol;
  server_name ${name};
  set_real_ip_from 127.0.0.1;
  real_ip_header proxy_protocol;`

const server = (head: string, locations: string): string => `server { ${head} ${locations} }\n`
const proxied = (path: string, port: number, how = PASS_ON): string =>
  `location ${path} { proxy_pass http://127.0.0.1:${port}; ${how} }`

it.runIf(program === undefined && process.env['CI'] === 'true')('needs nginx', () => {
  expect(program).toBeDefined()
})

describe.skipIf(program === undefined)('behind nginx', () => {
  const apis: TestApi[] = []
  const closing: (() => unknown)[] = []
  /** By what they are; each an app of its own, and the ports of the nginx before it. */
  const app: Record<'routed' | 'untrusting' | 'twice' | 'ranges' | 'strangers' | 'split', number> = {
    ...{ routed: 0, untrusting: 0, twice: 0, ranges: 0, strangers: 0, split: 0 },
  }
  const front: Record<keyof typeof app | 'bare', number> = { ...app, bare: 0 }
  /** The address that a session was started from last, at any of the apps. */
  let lastAddress: string | null = null
  let dashboard: Server

  async function startApp(settings: Partial<AppDeps>): Promise<number> {
    const limits = { maxBodyBytes: 100_000, perMinutePerKey: 0, perMinutePerAddress: 0, authPer15Minutes: 0 }
    const api = await openTestApi(databases[0]!, { limits, setupToken: SETUP_TOKEN, ...settings })
    apis.push(api)
    // What a limit gives back is told by time alone.
    api.clock.hold()
    const createSession = api.store.createSession.bind(api.store)
    api.store.createSession = (session) => {
      lastAddress = session.ipAddress
      return createSession(session)
    }
    await api.app.listen({ host: '127.0.0.1', port: 0 })
    return (api.app.server.address() as AddressInfo).port
  }

  beforeAll(async () => {
    dashboard = createServer((incoming, response) => response.end(`dashboard ${incoming.url}`)).listen(0, '127.0.0.1')
    await once(dashboard, 'listening')
    const dashboardPort = (dashboard.address() as AddressInfo).port
    const trusting = (text: string): Partial<AppDeps> => ({ trustProxy: trustProxy.parse(text) })
    const limits = { maxBodyBytes: 100_000, perMinutePerKey: 0, perMinutePerAddress: 2, authPer15Minutes: 0 }
    app.routed = await startApp(trusting('true'))
    app.untrusting = await startApp(trusting('false'))
    app.twice = await startApp(trusting('2'))
    app.ranges = await startApp(trusting('127.0.0.0/8, 198.51.100.0/24'))
    app.strangers = await startApp({ ...trusting('true'), limits })
    app.split = await startApp({ ...trusting('true'), limits, corsOrigins: [APP_ORIGIN] })
    const names = Object.keys(front) as (keyof typeof front)[]
    const [inner = 0, ...ports] = await freePorts(1 + names.length)
    for (const [index, name] of names.entries()) front[name] = ports[index]!
    const nginx = await startNginx(
      program!,
      [
        server(facing(front.routed), proxied('/api/', app.routed) + proxied('/', dashboardPort)),
        server(facing(front.untrusting), proxied('/', app.untrusting)),
        server(facing(front.twice), proxied('/', inner)),
        server(`listen 127.0.0.1:${inner};`, proxied('/', app.twice)),
        server(facing(front.ranges), proxied('/', app.ranges)),
        server(facing(front.strangers), proxied('/', app.strangers)),
        server(facing(front.split, 'api.example.com'), proxied('/', app.split)),
        server(facing(front.split, 'app.example.com'), proxied('/', dashboardPort)),
        server(facing(front.bare), proxied('/', app.routed, '')),
      ].join(''),
    )
    closing.push(() => nginx.close())
  })
  afterAll(async () => {
    for (const close of closing) await close()
    for (const api of apis) await api.close()
    dashboard.close()
  })

  describe('by path', () => {
    it('answers under /api and leaves the rest to the dashboard', async () => {
      const health = await send(front.routed, { path: '/api/v1/healthcheck' }, CLIENT)
      expect([health.status, health.text]).toEqual([200, '{"status":"ok"}'])
      expect((await send(front.routed, { path: '/projects' }, CLIENT)).text).toBe('dashboard /projects')
      const unknown = await send(front.routed, { path: '/api/v1/nothing' }, CLIENT)
      expect([unknown.status, unknown.headers['x-error-code']]).toEqual([404, 'NOT_FOUND'])
    })
  })

  describe('the first account', () => {
    it.each([
      ['through the proxy', () => front.routed, {}, CLIENT],
      ['with a forged address', () => front.routed, { 'x-forwarded-for': '127.0.0.1' }, CLIENT],
      ['with a forged address and Host', () => front.routed, { host: 'localhost', 'x-forwarded-for': '::1' }, CLIENT],
      ['from this machine, but through the proxy', () => front.routed, { host: 'localhost' }, '127.0.0.1'],
      ['through a proxy that is not trusted', () => front.untrusting, { host: 'localhost' }, CLIENT],
      ['through a proxy that passes nothing on', () => front.bare, { host: 'localhost' }, CLIENT],
      ['directly, as if through the proxy', () => app.routed, { host: 'localhost', 'x-forwarded-for': '127.0.0.1' }],
    ])('is not given away %s', async (_how, port, headers, from?: string) => {
      const answer = await send(port(), { ...register('owner@example.com'), headers }, from)
      expect([answer.status, answer.headers['x-error-code']]).toEqual([403, 'SETUP_TOKEN_REQUIRED'])
    })

    it('is made with the set-up token through the proxy, and on this machine without', async () => {
      const withToken = register('owner@example.com', { setupToken: SETUP_TOKEN })
      expect((await send(front.ranges, withToken, CLIENT)).status).toBe(201)
      const here = { ...register('owner@example.com'), headers: { host: 'localhost' } }
      for (const port of [app.routed, app.untrusting, app.twice]) expect((await send(port, here)).status).toBe(201)
    })
  })

  describe('sees the address of the client', () => {
    let accounts = 0
    /** The address that the API takes the caller for. */
    async function seen(port: number, forwardedFor: string | undefined, from?: string): Promise<string | null> {
      const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }
      const answer = await send(port, { ...register(`user-${(accounts += 1)}@example.com`), headers }, from)
      expect(answer.status, answer.text).toBe(201)
      return lastAddress
    }

    it('with TRUST_PROXY=true, whatever the client writes', async () => {
      expect(await seen(front.routed, undefined, CLIENT)).toBe(CLIENT)
      expect(await seen(front.routed, '198.51.100.1', CLIENT)).toBe(CLIENT)
      expect(await seen(front.routed, '127.0.0.1, 198.51.100.1', CLIENT)).toBe(CLIENT)
      expect(await seen(front.routed, undefined, '2001:db8::7')).toBe('2001:db8::7')
    })

    it('not with TRUST_PROXY=false: then it is the proxy', async () => {
      expect(await seen(front.untrusting, undefined, CLIENT)).toBe('127.0.0.1')
      expect(await seen(app.untrusting, '198.51.100.1')).toBe('127.0.0.1')
    })

    it('through two proxies with TRUST_PROXY=2', async () => {
      expect(await seen(front.twice, undefined, CLIENT)).toBe(CLIENT)
      expect(await seen(front.twice, '198.51.100.1, 198.51.100.2', CLIENT)).toBe(CLIENT)
    })

    it('with the ranges of the proxies: the last address that is none of theirs', async () => {
      expect(await seen(front.ranges, undefined, CLIENT)).toBe(CLIENT)
      expect(await seen(front.ranges, '192.0.2.1', CLIENT)).toBe(CLIENT)
      // This client is a proxy in the ranges, which tells whom it stands for.
      expect(await seen(front.ranges, '192.0.2.1', '198.51.100.5')).toBe('192.0.2.1')
      expect(await seen(front.ranges, 'forged, 192.0.2.1', '198.51.100.5')).toBe('192.0.2.1')
    })

    it('without the port that some proxies add', async () => {
      expect(await seen(app.routed, `${CLIENT}:50123`)).toBe(CLIENT)
      expect(await seen(app.routed, '[2001:db8::7]:50123')).toBe('2001:db8::7')
    })

    it('and takes nothing for an address that is none', async () => {
      for (const text of ['unknown', 'x'.repeat(4_000), '1.2.3.4 or so', `fe80::1%${'x'.repeat(200)}`]) {
        expect(await seen(app.routed, text)).toBeNull()
      }
    })
  })

  describe('limits', () => {
    const knock = (from: string, forwardedFor: string): Promise<Received> =>
      send(
        front.strangers,
        { path: '/api/v1/jobs', headers: { 'x-api-key': 'sk_wrong', 'x-forwarded-for': forwardedFor } },
        from,
      )

    it('the real client, who cannot escape by forging, and no other', async () => {
      const statuses: number[] = []
      for (const forged of ['', '192.0.2.1', '192.0.2.2', '127.0.0.1'])
        statuses.push((await knock(CLIENT, forged)).status)
      expect(statuses).toEqual([401, 401, 429, 429])
      const other = await knock(OTHER_CLIENT, CLIENT)
      expect([other.status, other.headers['ratelimit-remaining']]).toEqual([401, '1'])
    })
  })

  describe('on two domains', () => {
    const call = (sent: Sent, origin: string, from = CLIENT): Promise<Received> =>
      send(front.split, { ...sent, headers: { host: 'api.example.com', origin, ...sent.headers } }, from)
    const preflight = (origin: string, headers: string, from = CLIENT): Promise<Received> =>
      call(
        {
          method: 'OPTIONS',
          path: '/api/v1/jobs',
          headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': headers },
        },
        origin,
        from,
      )

    it('serves the dashboard on the one', async () => {
      const page = await send(front.split, { path: '/', headers: { host: 'app.example.com' } }, CLIENT)
      expect(page.text).toBe('dashboard /')
    })

    it('lets the listed origin ask first, for every header that the dashboard sends', async () => {
      const answer = await preflight(APP_ORIGIN, 'authorization,content-type,idempotency-key,x-api-key')
      expect(answer.status).toBe(204)
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': APP_ORIGIN,
        'access-control-allow-methods': 'GET, POST, PUT, DELETE',
        'access-control-max-age': '7200',
        vary: expect.stringMatching(/origin/i),
      })
      const allowed = String(answer.headers['access-control-allow-headers']).split(', ')
      for (const name of ['authorization', 'content-type', 'idempotency-key', 'x-api-key'])
        expect(allowed).toContain(name)
      // Tokens are sent by the page, not by the browser: cookies never count.
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
    })

    it.each([
      'https://evil.example',
      'http://app.example.com',
      `${APP_ORIGIN}.evil.example`,
      'null',
      'http://localhost:3000',
    ])('does not let %s read anything', async (origin) => {
      expect((await preflight(origin, 'authorization')).headers['access-control-allow-origin']).toBeUndefined()
      const answer = await call({ path: '/api/v1/healthcheck' }, origin)
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    })

    it('lets it read answers, errors and refusals, and the headers that explain them', async () => {
      const knock = { path: '/api/v1/me', headers: { authorization: 'Bearer wrong' } }
      const answers: Received[] = []
      for (let index = 0; index < 3; index += 1) answers.push(await call(knock, APP_ORIGIN, OTHER_CLIENT))
      expect(answers.map(({ status }) => status)).toEqual([401, 401, 429])
      for (const { headers } of answers) {
        expect(headers['access-control-allow-origin']).toBe(APP_ORIGIN)
        const exposed = String(headers['access-control-expose-headers'])
        for (const name of ['x-error-code', 'retry-after', 'ratelimit-remaining']) expect(exposed).toContain(name)
      }
      // A preflight is no request of its own: it is answered to those who are limited, too.
      expect((await preflight(APP_ORIGIN, 'authorization', OTHER_CLIENT)).status).toBe(204)
    })
  })
})
