import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { apiKey, newApiKey, project as projectSchema, signingSecret } from 'dispatch-contract'
import { databases } from '../testing/databases.js'
import { type Account, openTestApi, type TestApi } from './testing/test-api.js'

describe.each(databases)('projects on $name', (database) => {
  let api: TestApi
  let account: Account
  beforeAll(async () => {
    api = await openTestApi(database)
  })
  afterAll(() => api.close())
  beforeEach(async () => {
    account = await api.signUp()
  })
  const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown) =>
    api.call({ method, path, token: account.token, body })

  it('are created, listed, renamed and counted', async () => {
    const { id } = await api.project(account)
    const project = await call('GET', `/projects/${id}`)
    expect(projectSchema.strict().parse(project.json.data)).toMatchObject({
      name: 'production',
      counts: { jobs: 0, apiKeys: 1 },
    })
    const renamed = await call('PUT', `/projects/${id}`, { name: '  Ünïcode 🚀 ' })
    expect([renamed.status, renamed.json.data.name]).toEqual([200, 'Ünïcode 🚀'])
    expect((await call('GET', '/projects')).json.data).toMatchObject([{ id, name: 'Ünïcode 🚀' }])
  })

  it.each([
    [{}, 'name: expected a text of 1 to 100 characters, got nothing'],
    [{ name: ' ' }, 'name: expected a text of 1 to 100 characters, got " "'],
    [{ name: 'x'.repeat(101) }, 'name: expected a text of 1 to 100 characters, got "xxx'],
    [{ name: 'a\u0000b' }, 'name: expected a text of 1 to 100 characters, got "a\\u0000b"'],
    [{ name: 7, organizationId: 'x' }, 'got 7; organizationId: expected the id of an organization (a UUID), got "x"'],
    [[], 'body: expected a JSON object, got an array'],
    ['{"name":"\\ud800"}', 'name: expected a text of 1 to 100 characters, got "\\ud800"'],
  ])('refuse %j in words', async (body, words) => {
    const answer = await call('POST', '/projects', body)
    expect([answer.status, answer.headers['x-error-code']]).toEqual([400, 'VALIDATION'])
    expect(answer.json.message).toContain(words)
  })

  it('show a key once, and afterwards label, last four and when it was used', async () => {
    const { id } = await api.project(account)
    const created = await call('POST', `/projects/${id}/api-keys`, { label: 'production server' })
    expect(created.status).toBe(201)
    const key = newApiKey.strict().parse(created.json.data)
    expect(key.key).toMatch(/^sk_[0-9a-f]{64}$/)
    expect(key.lastFour).toBe(key.key.slice(-4))
    await api.call({ path: '/jobs', key: key.key })
    const listed = await call('GET', `/projects/${id}/api-keys`)
    expect(listed.text).not.toContain(key.key)
    const keys = apiKey.strict().array().parse(listed.json.data)
    expect(keys).toContainEqual({ ...key, key: undefined, lastUsedAt: expect.any(String) })
  })

  it('rotate their signing secret, with and without overlap', async () => {
    const { id } = await api.project(account)
    const path = `/projects/${id}/signing-secret`
    const first = signingSecret.strict().parse((await call('GET', path)).json.data)
    expect(first.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(first.previous).toEqual([])
    const second = signingSecret.parse((await call('POST', `${path}/rotate`)).json.data)
    expect(second.secret).not.toBe(first.secret)
    expect(second.previous).toMatchObject([{ createdAt: first.createdAt }])
    const overlapMs = Date.parse(second.previous[0]!.expiresAt) - Date.parse(second.createdAt)
    expect(Math.abs(overlapMs - 86_400_000)).toBeLessThan(60_000)
    const third = (await call('POST', `${path}/rotate`, { overlapSeconds: 0 })).json.data
    expect(third.previous).toEqual([])
    expect((await call('GET', path)).json.data).toEqual(third)
    const wrong = await call('POST', `${path}/rotate`, { overlapSeconds: -1 })
    expect(wrong.json.message).toContain('overlapSeconds: expected a whole number from 0 to 2592000, got -1')
  })
})

describe('when keys were used', () => {
  it('is shown at once, before it is written', async () => {
    const api = await openTestApi(databases[0]!)
    const account = await api.signUp()
    const project = await api.project(account)
    const lastUse = async (): Promise<unknown> => {
      const path = `/projects/${project.id}/api-keys`
      return (await api.call({ path, token: account.token })).json.data[0].lastUsedAt
    }
    expect(await lastUse()).toBeNull()
    await api.call({ path: '/jobs', key: project.key })
    expect((await api.store.listApiKeys(project.id))[0]!.lastUsedAtMs).toBeNull()
    expect(Date.parse(String(await lastUse()))).toBeGreaterThan(0)
    await api.close()
  })

  it('is written when the API closes, at the latest', async () => {
    const api = await openTestApi(databases[0]!)
    const account = await api.signUp()
    const project = await api.project(account)
    await api.call({ path: '/jobs', key: project.key })
    expect((await api.store.listApiKeys(project.id))[0]!.lastUsedAtMs).toBeNull()
    await api.app.close()
    expect((await api.store.listApiKeys(project.id))[0]!.lastUsedAtMs).toBeGreaterThan(0)
    await api.close()
  })
})
