/** What a body may not do: grow, nest, pollute, claim what is not the caller's to say, or be taken for something else. */
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { databases } from '../../testing/databases.js'
import {
  type Account,
  type Call,
  later,
  openTestApi,
  PASSWORD,
  type TestApi,
  type TestProject,
} from '../testing/test-api.js'

let api: TestApi
let account: Account
let project: TestProject
beforeAll(async () => {
  api = await openTestApi(databases[0]!)
})
afterAll(() => api.close())
beforeEach(async () => {
  account = await api.signUp()
  project = await api.project(account)
})

const jobBody = (more: object = {}): object => ({
  title: 'A job',
  webhookUrl: 'https://example.com/hook',
  fireAt: later(api),
  ...more,
})
const createJob = (body: unknown, headers = {}) =>
  api.call({ method: 'POST', path: '/jobs', key: project.key, body, headers })
/** Each route that reads a body, with one that is right. */
const writes = (): (Call & { readonly body: object })[] => [
  { method: 'POST', path: '/auth/login', body: { email: account.email, password: PASSWORD } },
  { method: 'POST', path: '/auth/register', body: { email: `x-${account.email}`, password: PASSWORD } },
  { method: 'POST', path: '/projects', token: account.token, body: { name: 'x' } },
  { method: 'PUT', path: `/projects/${project.id}`, token: account.token, body: { name: 'x' } },
  { method: 'POST', path: `/projects/${project.id}/api-keys`, token: account.token, body: { label: 'x' } },
  {
    method: 'POST',
    path: `/projects/${project.id}/signing-secret/rotate`,
    token: account.token,
    body: { overlapSeconds: 1 },
  },
  { method: 'POST', path: '/jobs', key: project.key, body: jobBody() },
]

describe('size', () => {
  it('is 16 KiB at most, except of a job', async () => {
    for (const call of writes()) {
      const answer = await api.call({ ...call, body: { ...call.body, padding: 'x'.repeat(17_000) } })
      if (call.path === '/jobs') expect(answer.status).toBe(201)
      else expect([answer.status, answer.json.message]).toEqual([413, expect.stringContaining('at most 16384 bytes')])
    }
    const tooLarge = await createJob(jobBody({ payload: { text: 'x'.repeat(1_100_000) } }))
    expect([tooLarge.status, tooLarge.json.message]).toEqual([413, expect.stringContaining('at most 1048576 bytes')])
  })

  it('of a stranger’s is not even asked for', async () => {
    const body = Buffer.alloc(2_000_000, 'x')
    for (const call of writes().filter(({ path }) => !path.startsWith('/auth/'))) {
      expect((await api.call({ method: call.method!, path: call.path, body })).status).toBe(401)
    }
  })
})

describe('shape', () => {
  it('may be as deep as it is long, and comes back as it was', async () => {
    for (const deep of [
      '['.repeat(400_000) + ']'.repeat(400_000),
      '{"a":'.repeat(150_000) + '1' + '}'.repeat(150_000),
    ]) {
      const body = JSON.stringify(jobBody()).replace(/}$/, `,"payload":{"deep":${deep}}}`)
      const answer = await createJob(body)
      expect(answer.status).toBe(201)
      const shown = await api.call({ path: `/jobs/${answer.json.data.id}`, key: project.key })
      expect(shown.text).toContain(`"payload":{"deep":${deep}}`)
    }
  })

  it('with too many brackets for a name is refused in words', async () => {
    const body = `{"name":${'['.repeat(8_000)}${']'.repeat(8_000)}}`
    const answer = await api.call({ method: 'POST', path: '/projects', token: account.token, body })
    expect([answer.status, answer.json.message]).toEqual([400, expect.stringContaining('got an array')])
  })

  it.each(['1e999999999', '-1e-999999999', '9'.repeat(300_000), '0.' + '0'.repeat(100_000) + '1'])(
    'keeps a number such as %.20s',
    async (number) => {
      const answer = await createJob(JSON.stringify(jobBody()).replace(/}$/, `,"payload":{"n":${number}}}`))
      expect(answer.status).toBe(201)
      expect(answer.text).toContain(`"payload":{"n":${number}}`)
    },
  )

  it.each(['1e999', '-1', '1.5', '"60"', '[60]', '9007199254740993', 'null', 'true'])(
    'takes no overlapSeconds of %s',
    async (number) => {
      const path = `/projects/${project.id}/signing-secret/rotate`
      const answer = await api.call({
        method: 'POST',
        path,
        token: account.token,
        body: `{"overlapSeconds":${number}}`,
      })
      expect(answer.status).toBe(400)
    },
  )
})

describe('prototypes', () => {
  const POISON = '{"polluted":"yes","toJSON":"yes","status":"yes","isInstanceOwner":true}'
  const members = [`"__proto__":${POISON}`, `"constructor":{"prototype":${POISON}}`, `"prototype":${POISON}`]

  it('are left alone, whatever members a body has at whatever level', async () => {
    const names = Object.getOwnPropertyNames(Object.prototype)
    for (const call of writes()) {
      for (const member of members) {
        const text = JSON.stringify(call.body).replace(/^{/, `{${member},`)
        const nested = JSON.stringify(call.body).replace(/"(x|A job)"/, `{${member}}`)
        const [top, below] = [await api.call({ ...call, body: text }), await api.call({ ...call, body: nested })]
        // A repeated registration finds its address taken.
        expect([200, 201, 409], `${call.path} ${text}`).toContain(top.status)
        expect(below.status).toBeLessThan(500)
        expect(top.text).not.toContain('polluted')
      }
    }
    const query = await api.call({ path: '/jobs?__proto__[limit]=1&constructor=1&__proto__=2', key: project.key })
    expect(query.status).toBe(200)
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(names)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('lend no member to a body', async () => {
    const answer = await createJob(`{"__proto__":${JSON.stringify(jobBody())}}`)
    expect([answer.status, answer.json.message]).toEqual([400, expect.stringContaining('title: expected')])
  })
})

describe('members that are not the caller’s to set', () => {
  const FOREIGN = '01900000-0000-7000-8000-000000000001'

  it('make no owner, no verified address and no member of others', async () => {
    const body = { email: `y-${account.email}`, password: PASSWORD, id: FOREIGN, role: 'owner', isInstanceOwner: true }
    const organizationId = (await api.call({ path: '/me', token: account.token })).json.data.organizations[0].id
    const claims = { ...body, isEmailVerified: true, organizationId, organizations: [{ id: organizationId }] }
    const { user, token } = (await api.call({ method: 'POST', path: '/auth/register', body: claims })).json.data
    expect(user).toMatchObject({ isInstanceOwner: false, isEmailVerified: false })
    expect(user.id).not.toBe(FOREIGN)
    const { organizations } = (await api.call({ path: '/me', token })).json.data
    expect(JSON.stringify(organizations)).not.toContain(organizationId)
  })

  it('make no job of another project, past, state or id', async () => {
    const victim = await api.project(await api.signUp())
    const claims = {
      id: FOREIGN,
      projectId: victim.id,
      apiKeyId: victim.keyId,
      status: 'SUCCESS',
      attempt: 9,
      retryCount: 9,
    }
    const { data } = (await createJob(jobBody({ ...claims, createdAt: '1970-01-01T00:00:00.000Z' }))).json
    expect(data).toMatchObject({ projectId: project.id, status: 'SCHEDULED', attempt: 0, retryCount: 0 })
    expect(data.id).not.toBe(FOREIGN)
    expect(data.createdAt).not.toMatch(/^1970/)
  })

  it('make no key or project other than asked for', async () => {
    const { token } = account
    const key = `sk_${'1'.repeat(64)}`
    const path = `/projects/${project.id}/api-keys`
    const made = await api.call({ method: 'POST', path, token, body: { label: 'x', id: FOREIGN, key, keyHash: 'x' } })
    expect(made.json.data.key).not.toBe(key)
    expect(made.json.data.id).not.toBe(FOREIGN)
    const body = { name: 'x', id: FOREIGN, organizationId: FOREIGN, role: 'owner', createdAt: 0 }
    const before = (await api.call({ path: `/projects/${project.id}`, token })).json.data
    const after = (await api.call({ method: 'PUT', path: `/projects/${project.id}`, token, body })).json.data
    expect(after).toEqual({ ...before, name: 'x', updatedAt: after.updatedAt })
  })
})

describe('types', () => {
  it.each([
    'text/plain',
    'text/json',
    'application/jsonp',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=application/json',
    'application/json, text/plain',
    'application/xml',
    'nonsense',
  ])('%s is not taken for JSON', async (type) => {
    const answer = await createJob(JSON.stringify(jobBody()), { 'content-type': type })
    expect([answer.status, answer.headers['x-error-code']]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
  })

  it.each(['utf16le', 'latin1'] as const)('bytes of %s are no UTF-8', async (encoding) => {
    const text = JSON.stringify(jobBody({ title: 'Æther' }))
    const answer = await createJob(Buffer.from(text, encoding), { 'content-type': 'application/json; charset=utf-8' })
    expect([answer.status, answer.headers['x-error-code']]).toEqual([400, 'MALFORMED_JSON'])
  })

  it('a packed body is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000, ' '))
    expect((await createJob(bomb, { 'content-encoding': 'gzip' })).status).toBe(400)
  })

  it('a mistake about a secret does not repeat it', async () => {
    const body = { email: 'nobody', password: 'hunter2', setupToken: ['hunter2'], token: 'hunter2' }
    const answer = await api.call({ method: 'POST', path: '/auth/register', body })
    expect(answer.status).toBe(400)
    expect(answer.text).not.toContain('hunter2')
    const broken = await api.call({ method: 'POST', path: '/auth/login', body: '{"password":"hunter2"' })
    expect(broken.text).not.toContain('hunter2')
  })
})
