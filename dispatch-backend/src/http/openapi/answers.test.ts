/** Every route is called for real, to succeed and to fail, and its answers are held against the document. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { DatabaseAwayError, QueryTooSlowError, type Store } from '../../store/store.js'
import { ROUTES as STORE_VERBS } from '../../store/sqlite/routes.js'
import { databases } from '../../testing/databases.js'
import { type Answer, type Call, openTestApi, PASSWORD, type TestApi } from '../testing/test-api.js'
import { OPERATIONS, renderDocument, type RouteName } from './document.js'
import { inputSchema } from './json-schema.js'
import { partsOf, type Operation } from './operation.js'
import { problemsOf } from './testing/check-answer.js'
import { makeWorld, SUCCESSES, type World } from './testing/successes.js'

const document = renderDocument()
const NOBODYS_ID = '01900000-0000-7000-8000-000000000000'
const ROUTES = Object.entries(OPERATIONS) as [RouteName, Operation][]

function describedAs(route: string, answer: Answer, ...expected: [status: number, code?: string]): void {
  const [status, code] = expected
  expect(problemsOf(document, route, answer)).toEqual([])
  expect([answer.status, answer.headers['x-error-code']], answer.text).toEqual([status, code])
}

let world: World & { close(): Promise<void> }
let limited: TestApi
beforeAll(async () => {
  world = await makeWorld()
  const limits = { maxBodyBytes: 1024 * 1024, perMinutePerKey: 0, perMinutePerAddress: 1, authPer15Minutes: 1 }
  limited = await openTestApi(databases[0]!, { limits: { ...limits, mailPer15Minutes: 1 } })
})
afterAll(async () => {
  await world.close()
  await limited.close()
})

/** Every verb of the store fails. */
function breakStore(store: Store, error: Error): void {
  const verbs = store as unknown as Record<string, () => Promise<never>>
  for (const verb of Object.keys(STORE_VERBS)) vi.spyOn(verbs, verb).mockRejectedValue(error)
}

function withoutCredentials({ method = 'GET', path, body }: Call): Call {
  return { method, path, body }
}

/** Each member with a value that it cannot have. */
function wrongBody({ body }: Operation): object {
  const { properties = {} } = inputSchema(body!.schema) as { properties?: object }
  return Object.fromEntries(Object.keys(properties).map((name) => [name, []]))
}

describe.each(ROUTES)('%s answers as it is described', (route, operation) => {
  const { method, pathParameters } = partsOf(route)
  const isGuarded = operation.access !== 'anyone'
  const isApi = operation.tag !== 'Server'
  let call: Call
  let api: TestApi
  beforeAll(async () => {
    const { withMail = false, ...rest } = await SUCCESSES[route](world)
    call = rest
    api = withMail ? world.mailed : world.api
  })

  if (isApi)
    it('when the database is away or too slow, and after a bug', async () => {
      breakStore(api.store, new DatabaseAwayError('refused'))
      describedAs(route, await api.call(call), 503, 'DATABASE_AWAY')
      breakStore(api.store, new QueryTooSlowError('ended', { seconds: 29 }))
      describedAs(route, await api.call(call), 503, method === 'GET' ? 'QUERY_TOO_SLOW' : 'DATABASE_AWAY')
      breakStore(api.store, new Error('bug'))
      describedAs(route, await api.call(call), 500, 'INTERNAL')
    })

  if (isGuarded)
    it('without credentials', async () => {
      const { security } = document.paths[partsOf(route).path.replace(/:(\w+)/g, '{$1}')]![method.toLowerCase()]!
      const code = security.at(-1)?.['session'] ? 'SESSION_INVALID' : 'API_KEY_INVALID'
      describedAs(route, await api.call(withoutCredentials(call)), 401, code)
    })

  if (operation.body)
    it('to a body that is none, or of other members', async () => {
      describedAs(route, await api.call({ ...call, body: '{"' }), 400, 'MALFORMED_JSON')
      describedAs(route, await api.call({ ...call, body: wrongBody(operation) }), 400, 'VALIDATION')
    })

  if (isApi && method !== 'GET' && operation.takesAnything !== true)
    it('to a body of another type, or too large', async () => {
      const headers = { 'content-type': 'text/plain' }
      describedAs(route, await api.call({ ...call, body: 'x', headers }), 415, 'UNSUPPORTED_MEDIA_TYPE')
      describedAs(route, await api.call({ ...call, body: 'x'.repeat(1_100_000) }), 413, 'BODY_TOO_LARGE')
    })

  if (pathParameters.length > 0)
    it('to an id of nobody', async () => {
      // The echo's token is no id.
      const path = call.path.replace(/[0-9a-f-]{36}|[\w-]{43}$/, NOBODYS_ID)
      describedAs(route, await api.call({ ...call, path }), 404, 'NOT_FOUND')
    })

  if (isApi || document.paths[partsOf(route).path]?.['get']?.responses['429'])
    it('to too many', async () => {
      const from = `203.0.113.${ROUTES.findIndex(([name]) => name === route)}`
      for (let tries = 0; tries < 2; tries += 1) await limited.call({ ...withoutCredentials(call), from })
      describedAs(route, await limited.call({ ...withoutCredentials(call), from }), 429, 'RATE_LIMITED')
    })

  it('on success', async () => {
    const answer = await api.call(call)
    describedAs(route, answer, Object.hasOwn(operation.answers, 201) ? 201 : 200)
    const described = operation.answers[answer.status]
    if (described && 'message' in described) expect(answer.json.message).toBe(described.message)
  })
})

describe('what only one route answers is described', () => {
  const job = () => SUCCESSES['POST /api/v1/jobs'](world) as Call

  it('a replay, a conflict and a refused address', async () => {
    const { api } = world
    const headers = { 'idempotency-key': 'once' }
    const call = { ...job(), headers }
    describedAs('POST /api/v1/jobs', await api.call(call), 201)
    describedAs('POST /api/v1/jobs', await api.call(call), 200)
    const other = { ...call, body: { ...(call.body as object), title: 'Another' } }
    describedAs('POST /api/v1/jobs', await api.call(other), 409, 'IDEMPOTENCY_CONFLICT')
    const inside = { ...job(), body: { ...(call.body as object), webhookUrl: 'http://127.0.0.1/' } }
    describedAs('POST /api/v1/jobs', await api.call(inside), 400, 'ADDRESS_NOT_ALLOWED')
    describedAs('POST /api/v1/jobs', await api.call({ ...call, headers: { 'idempotency-key': '' } }), 400, 'VALIDATION')
  })

  it('a job that cannot be cancelled, and lists that are filtered', async () => {
    const { api, project, account } = world
    const call = { method: 'DELETE', path: `/jobs/${await api.job(project)}`, key: project.key } as const
    await api.call(call)
    describedAs('DELETE /api/v1/jobs/:id', await api.call(call), 400, 'JOB_NOT_CANCELLABLE')
    const list = (query: string) => api.call({ path: `/jobs?${query}`, token: account.token })
    describedAs('GET /api/v1/jobs', await list(`status=CANCELLED&projectId=${project.id}&limit=1`), 200)
    describedAs('GET /api/v1/jobs', await list('limit=0'), 400, 'VALIDATION')
    describedAs('GET /api/v1/jobs', await list(`projectId=${NOBODYS_ID}`), 404, 'NOT_FOUND')
  })

  it('an account that is taken, a wrong password, and an owner who cannot leave', async () => {
    const { api, account, mailed } = world
    const { email } = account
    const post = (path: string, body: object, on = api) => on.call({ method: 'POST', path: `/auth/${path}`, body })
    const register = 'POST /api/v1/auth/register'
    describedAs(register, await post('register', { email, password: PASSWORD }), 409, 'EMAIL_TAKEN')
    describedAs('POST /api/v1/auth/login', await post('login', { email, password: 'wrong' }), 401, 'BAD_CREDENTIALS')
    const waiting = { email: 'waiting@example.com', password: PASSWORD }
    describedAs(register, await post('register', waiting, mailed), 201)
    describedAs('POST /api/v1/auth/login', await post('login', waiting, mailed), 403, 'EMAIL_NOT_VERIFIED')
    const wrong = { email, code: '000000' }
    describedAs('POST /api/v1/auth/verify-email', await post('verify-email', wrong), 400, 'CODE_INVALID')
    const link = { token: 'x', password: PASSWORD }
    describedAs('POST /api/v1/auth/reset-password', await post('reset-password', link), 400, 'RESET_TOKEN_INVALID')
    const body = { currentPassword: 'wrong', newPassword: PASSWORD }
    const change = await api.call({ method: 'PUT', path: '/me/password', token: account.token, body })
    describedAs('PUT /api/v1/me/password', change, 401, 'WRONG_PASSWORD')
  })

  it('a first account from elsewhere', async () => {
    const body = { email: 'a@example.com', password: PASSWORD }
    const answer = await limited.call({ method: 'POST', path: '/auth/register', body, from: '198.51.100.1' })
    describedAs('POST /api/v1/auth/register', answer, 403, 'SETUP_TOKEN_REQUIRED')
  })

  it('not being ready', async () => {
    const api = await openTestApi(databases[0]!, { isReady: () => ({ ready: false, reason: 'stopping' }) })
    describedAs('GET /readyz', await api.call({ path: '//readyz' }), 503)
    await api.close()
  })
})
