/**
 * Tenant isolation over every registered route × the credentials an attacker may have. Nothing here lists the routes that
 * exist: one that is new is attacked too, and fails until `PUBLIC`, `BODIES` or `TARGETS` say what it is.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SignJWT } from 'jose'
import { databases } from '../../testing/databases.js'
import {
  type Account,
  type Answer,
  type Call,
  echoed,
  openTestApi,
  type TestApi,
  type TestProject,
} from '../testing/test-api.js'
import { collectRoutes, type RegisteredRoute } from './testing/registered-routes.js'

const PREFIX = '/api/v1'
const SECRET = 'a secret that only this test knows'

/** Routes that answer anybody, on purpose. */
const PUBLIC = new Set([
  'GET /healthz',
  'GET /readyz',
  `GET ${PREFIX}/healthcheck`,
  `GET ${PREFIX}/openapi.json`,
  `GET ${PREFIX}/setup`,
  ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => `${method} ${PREFIX}/echo/:token`),
  `POST ${PREFIX}/auth/register`,
  `POST ${PREFIX}/auth/login`,
  `POST ${PREFIX}/auth/verify-email`,
  `POST ${PREFIX}/auth/resend-verification`,
  `POST ${PREFIX}/auth/forgot-password`,
  `POST ${PREFIX}/auth/reset-password`,
])
/** Pages and files without anybody's data: the API's documentation and the dashboard. */
const PUBLIC_FILES = /^(GET|HEAD) (\/api\/v1\/docs(\/.*)?|\/(?!api\/).*)$/

/** A body that is right in itself, so that only whose the thing is can refuse the call. */
const BODIES: Readonly<Record<string, object>> = {
  'PUT /projects/:id': { name: 'stolen' },
  'POST /projects/:id/api-keys': { label: 'stolen' },
  'POST /projects/:id/signing-secret/rotate': { overlapSeconds: 0 },
  'PUT /projects/:id/echo': { enabled: false },
  'POST /projects/:id/jobs': { title: 'stolen', webhookUrl: 'https://example.com', fireAt: '2999-01-01T00:00:00Z' },
}

/** Asked of routes that would otherwise answer the caller with its own, for ever. */
const QUERIES: Readonly<Record<string, (victim: Victim) => string>> = {
  'GET /events': ({ project }) => `?projectId=${project.id}`,
}

interface Victim {
  readonly account: Account
  readonly project: TestProject
  readonly jobId: string
  readonly sessionId: string
  readonly requestId: string
  /** What no answer to anybody else may hold. */
  readonly marks: readonly string[]
}

/** What stands for the parameters of a path, by its beginning. */
const TARGETS: Readonly<Record<string, (victim: Victim) => Readonly<Record<string, string>>>> = {
  '/projects/': ({ project, requestId }) => ({ id: project.id, keyId: project.keyId, requestId }),
  // Not the victim's: who knows that token may send to it.
  '/echo/': () => ({ token: 'x'.repeat(43) }),
  '/jobs/': ({ jobId }) => ({ id: jobId }),
  '/me/sessions/': ({ sessionId }) => ({ id: sessionId }),
}

describe.each(databases)('what is one tenant’s on $name', (database) => {
  let api: TestApi
  let routes: readonly RegisteredRoute[]
  let victim: Victim
  let before: string
  beforeAll(async () => {
    const sessions = { secret: SECRET, algorithm: 'HS256', lifetimeSeconds: 86_400 } as const
    const collected = await collectRoutes(() => openTestApi(database, { sessions }))
    api = collected.built
    routes = collected.routes.filter(({ method, url }) => method !== 'OPTIONS' && url !== '*')
    victim = await makeVictim()
    before = await snapshot()
  })
  afterAll(() => api.close())

  it('is every tenant’s own, whichever route and credentials are tried', async () => {
    const attackers = await makeAttackers()
    const leaks: string[] = []
    let tried = 0
    for (const route of routes) {
      const kind = await kindOf(route)
      if (kind === 'no method') continue
      for (const [name, credentials] of Object.entries(attackers)) {
        const answer = await attack(route, await credentials())
        tried += 1
        const problem = kind === 'public' ? undefined : refusalProblem(route, name, answer)
        const leaked = victim.marks.find((mark) => answer.text.includes(mark))
        if (problem) leaks.push(`${route.method} ${route.url} as ${name}: ${problem}`)
        if (leaked !== undefined) leaks.push(`${route.method} ${route.url} as ${name}: holds ${leaked}`)
      }
    }
    expect(leaks).toEqual([])
    expect(tried).toBeGreaterThan(150)
    expect(await snapshot()).toBe(before)
  })

  it('has a known target for each parameter of each route', () => {
    const unknown = routes.filter(({ url }) => parametersOf(url).some((name) => targetOf(url)?.[name] === undefined))
    expect(unknown.filter(({ url }) => url.startsWith(PREFIX) && !/\/docs\b/.test(url))).toEqual([])
  })

  /** `no method`: the address only says which methods it takes. */
  async function kindOf(route: RegisteredRoute): Promise<'public' | 'protected' | 'no method'> {
    const name = `${route.method === 'HEAD' ? 'GET' : route.method} ${route.url}`
    if (PUBLIC.has(name) || PUBLIC_FILES.test(`${route.method} ${route.url}`)) return 'public'
    return (await attack(route, {})).status === 405 ? 'no method' : 'protected'
  }

  function refusalProblem({ url }: RegisteredRoute, name: string, { status }: Answer): string | undefined {
    if (!name.startsWith('another tenant')) return status === 401 ? undefined : `answered ${status}, not 401`
    const namesSomething = parametersOf(url).length > 0
    return namesSomething && ![401, 404].includes(status) ? `answered ${status}, not 404 or 401` : undefined
  }

  async function attack({ method, url }: RegisteredRoute, credentials: Partial<Call>): Promise<Answer> {
    const pattern = url.slice(PREFIX.length)
    const target = targetOf(url)
    const path = `/${url.replace(/:(\w+)/g, (_all, name: string) => target?.[name] ?? name)}`
    const takesBody = !['GET', 'HEAD', 'DELETE'].includes(method)
    const body = takesBody ? { body: BODIES[`${method} ${pattern}`] ?? {} } : {}
    const query = QUERIES[`${method} ${pattern}`]?.(victim) ?? ''
    return api.call({ method: method as NonNullable<Call['method']>, path: path + query, ...body, ...credentials })
  }

  function targetOf(url: string): Readonly<Record<string, string>> | undefined {
    const start = Object.keys(TARGETS).find((beginning) => url.startsWith(`${PREFIX}${beginning}`))
    return start === undefined ? undefined : TARGETS[start]!(victim)
  }

  /** A fresh stranger for each call: some calls end the caller’s own session, or account. */
  async function makeAttackers(): Promise<Record<string, () => Promise<Partial<Call>>>> {
    const token = async (change: (sign: SignJWT) => SignJWT, secret = SECRET): Promise<Partial<Call>> => {
      const sign = new SignJWT({ sid: randomBytes(32).toString('base64url') }).setSubject(victim.account.userId)
      return { token: await change(sign.setProtectedHeader({ alg: 'HS256' })).sign(new TextEncoder().encode(secret)) }
    }
    const fixed = (credentials: Partial<Call>) => () => Promise.resolve(credentials)
    const revoked = await api.project(victim.account)
    const path = `/projects/${revoked.id}/api-keys/${revoked.keyId}`
    expect((await api.call({ method: 'DELETE', path, token: victim.account.token })).status).toBe(200)
    const gone = await api.project(victim.account)
    const deleted = await api.call({ method: 'DELETE', path: `/projects/${gone.id}`, token: victim.account.token })
    expect(deleted.status).toBe(200)
    const ended = await api.signUp()
    expect((await api.call({ method: 'POST', path: '/auth/logout', token: ended.token })).status).toBe(200)
    before = await snapshot()
    return {
      nobody: fixed({}),
      'garbage for a token': fixed({ token: 'e30.e30.e30' }),
      'garbage for a key': fixed({ key: `sk_${'0'.repeat(64)}` }),
      'both, garbage': fixed({ token: 'e30.e30.e30', key: 'sk_' }),
      'a revoked key': fixed({ key: revoked.key }),
      'the key of a deleted project': fixed({ key: gone.key }),
      'a token after sign-out': fixed({ token: ended.token }),
      'a signed token of no session': () => token((sign) => sign.setExpirationTime('1h')),
      'an expired token': () => token((sign) => sign.setExpirationTime(1)),
      'a token of another secret': () => token((sign) => sign.setExpirationTime('1h'), 'another secret'),
      'another tenant by token': async () => ({ token: (await api.signUp()).token }),
      'another tenant by key': async () => ({ key: (await api.project(await api.signUp())).key }),
    }
  }

  async function makeVictim(): Promise<Victim> {
    const account = await api.signUp()
    const project = await api.project(account)
    const jobId = await api.job(project, { title: 'a title like no other' })
    const secret = await api.call({ path: `/projects/${project.id}/signing-secret`, token: account.token })
    const sessions = await api.call({ path: '/me/sessions', token: account.token })
    const sessionId = sessions.status === 200 ? String(sessions.json.data[0].id) : project.id
    const signing = String(secret.json.data.secret)
    const requestId = await echoed(api, account, project)
    const { json } = await api.call({ path: `/projects/${project.id}/echo`, token: account.token })
    const token = String(json.data.url).split('/').at(-1)!
    const marks = [token, requestId, account.email, account.userId, project.key, signing, 'a title like no other']
    return { account, project, jobId, sessionId, requestId, marks }
  }

  /** All that the victim sees of what is its own. */
  async function snapshot(): Promise<string> {
    const { account, project, jobId } = victim
    const { id } = project
    const echo = [`/projects/${id}/echo`, `/projects/${id}/echo/requests`]
    const paths = [
      ...echo,
      '/projects',
      `/projects/${id}/api-keys`,
      `/projects/${id}/signing-secret`,
      `/jobs/${jobId}`,
      '/jobs',
    ]
    const answers = await Promise.all(paths.map((path) => api.call({ path, token: account.token })))
    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 200))
    // When a key was used last is noted once a minute: that of the victim's own calls.
    return answers.map(({ text }) => text.replace(/"lastUsedAt":(null|"[^"]*")/g, '')).join('\n')
  }
})

function parametersOf(url: string): string[] {
  return [...url.matchAll(/:(\w+)/g)].map(([, name]) => name!)
}
