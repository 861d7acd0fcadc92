/** Live events over real connections. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readEvents, type EventReader } from '../live/testing/read-events.js'
import { seedProject } from '../store/conformance/seeds.js'
import { databases } from '../testing/databases.js'
import { openTestApi, type Account, type TestApi, type TestProject } from './testing/test-api.js'

describe.each(databases)('GET /events on $name', (database) => {
  let api: TestApi
  let account: Account
  let project: TestProject
  let url: string
  const aborts: AbortController[] = []
  beforeAll(async () => {
    api = await openTestApi(database)
    account = await api.signUp()
    project = await api.project(account)
    await api.app.listen({ host: '127.0.0.1', port: 0 })
    url = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}/api/v1/events`
  })
  afterEach(() => {
    for (const abort of aborts.splice(0)) abort.abort()
  })
  afterAll(() => api.close())

  async function connect(
    headers: Record<string, string>,
    query = '',
  ): Promise<{ response: Response; reader: EventReader }> {
    const abort = new AbortController()
    aborts.push(abort)
    const response = await fetch(url + query, { headers, signal: abort.signal })
    return { response, reader: readEvents(response.body!) }
  }
  const bearer = ({ token }: Account): Record<string, string> => ({ authorization: `Bearer ${token}` })

  it('tells by session and by key what is created and cancelled, and neither title nor payload', async () => {
    const bySession = await connect({ ...bearer(account), origin: 'https://dispatch.example.com' })
    const byKey = await connect({ 'x-api-key': project.key }, `?projectId=${project.id}`)
    expect(Object.fromEntries(bySession.response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      connection: 'close',
      'access-control-allow-origin': 'https://dispatch.example.com',
    })
    const foreign = await api.project(await api.signUp())
    await api.job(foreign)
    const id = await api.job(project, { title: 'a secret title', payload: { secret: 'value' } })
    for (const { reader } of [bySession, byKey]) {
      const { name, data } = await reader.next()
      expect(name).toBe('job')
      expect(data).toMatchObject({ jobId: id, projectId: project.id, status: 'SCHEDULED', attempt: 0 })
      expect(JSON.stringify(data)).not.toContain('secret')
    }
    await api.call({ method: 'DELETE', path: `/jobs/${id}`, token: account.token })
    for (const { reader } of [bySession, byKey]) {
      expect((await reader.next()).data).toMatchObject({ jobId: id, status: 'CANCELLED', nextAttemptAt: null })
    }
  })

  it('ends when the session does, when the key is revoked, and when the project is deleted', async () => {
    const second = await api.call({
      method: 'POST',
      path: '/auth/login',
      body: { email: account.email, password: account.password },
    })
    const token = String(second.json.data.token)
    const other = await api.project(account)
    const bySession = await connect({ authorization: `Bearer ${token}` })
    const byKey = await connect({ 'x-api-key': other.key })
    const gone = await api.project(account)
    const ofProject = await connect(bearer(account), `?projectId=${gone.id}`)
    const stays = await connect(bearer(account))
    await api.call({ method: 'POST', path: '/auth/logout', token })
    await api.call({ method: 'DELETE', path: `/projects/${other.id}/api-keys/${other.keyId}`, token: account.token })
    await api.call({ method: 'DELETE', path: `/projects/${gone.id}`, token: account.token })
    api.clock.advance(10_000)
    await Promise.all([bySession, byKey, ofProject].map(({ reader }) => reader.rest()))
    const id = await api.job(project)
    expect((await stays.reader.next()).data['jobId']).toBe(id)
  })

  it('tells of all projects of who has a hundred and one', async () => {
    const owner = await api.signUp()
    const oldest = await api.project(owner)
    for (let count = 1; count <= 100; count += 1) await seedProject(api.store, owner.userId)
    const { reader } = await connect(bearer(owner))
    const id = await api.job(oldest)
    expect((await reader.next()).data['jobId']).toBe(id)
  })

  it('takes no credentials from the URL, and no HEAD', async () => {
    expect((await fetch(`${url}?token=${account.token}&authorization=Bearer%20${account.token}`)).status).toBe(401)
    expect((await fetch(url, { method: 'HEAD', headers: bearer(account) })).status).toBe(405)
  })

  it('ends when the server stops, which does not wait for it', async () => {
    const ending = await openTestApi(database)
    const someone = await ending.signUp()
    await ending.app.listen({ host: '127.0.0.1', port: 0 })
    const at = `http://127.0.0.1:${(ending.app.server.address() as AddressInfo).port}/api/v1/events`
    const response = await fetch(at, { headers: bearer(someone) })
    const rest = readEvents(response.body!).rest()
    const closed = once(ending.app.server, 'close')
    await ending.close()
    await closed
    expect(await rest).toEqual([])
  })
})
