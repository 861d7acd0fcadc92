import { exportedJob, jobPage } from 'dispatch-contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases } from '../testing/databases.js'
import {
  type Account,
  type Call,
  echoed,
  later,
  openTestApi,
  type TestApi,
  type TestProject,
} from './testing/test-api.js'

type Target = { readonly project: TestProject; readonly jobId: string; readonly echoRequestId: string }

interface Route {
  readonly method: NonNullable<Call['method']>
  readonly path: (target: Target) => string
  readonly body?: object
}

/** Every route that names something, called by someone else. `body` is valid, so only the ownership can refuse it. */
const ROUTES: readonly Route[] = [
  { method: 'GET', path: ({ project }) => `/projects/${project.id}` },
  { method: 'PUT', path: ({ project }) => `/projects/${project.id}`, body: { name: 'stolen' } },
  { method: 'DELETE', path: ({ project }) => `/projects/${project.id}` },
  { method: 'GET', path: ({ project }) => `/projects/${project.id}/api-keys` },
  { method: 'POST', path: ({ project }) => `/projects/${project.id}/api-keys`, body: { label: 'stolen' } },
  { method: 'DELETE', path: ({ project }) => `/projects/${project.id}/api-keys/${project.keyId}` },
  { method: 'GET', path: ({ project }) => `/projects/${project.id}/signing-secret` },
  { method: 'POST', path: ({ project }) => `/projects/${project.id}/signing-secret/rotate`, body: {} },
  { method: 'GET', path: ({ project }) => `/projects/${project.id}/echo` },
  { method: 'PUT', path: ({ project }) => `/projects/${project.id}/echo`, body: { enabled: true, body: 'stolen' } },
  { method: 'POST', path: ({ project }) => `/projects/${project.id}/echo/rotate` },
  { method: 'GET', path: ({ project }) => `/projects/${project.id}/echo/requests` },
  { method: 'GET', path: ({ project, echoRequestId }) => `/projects/${project.id}/echo/requests/${echoRequestId}` },
  { method: 'DELETE', path: ({ project }) => `/projects/${project.id}/echo/requests` },
  { method: 'GET', path: ({ project }) => `/jobs?projectId=${project.id}` },
  { method: 'GET', path: ({ project }) => `/jobs/export?projectId=${project.id}` },
  { method: 'GET', path: ({ project }) => `/stats?projectId=${project.id}` },
  { method: 'GET', path: ({ project }) => `/stats/forecast?projectId=${project.id}` },
  { method: 'GET', path: ({ project }) => `/events?projectId=${project.id}` },
  { method: 'GET', path: ({ jobId }) => `/jobs/${jobId}` },
  { method: 'DELETE', path: ({ jobId }) => `/jobs/${jobId}` },
  { method: 'POST', path: ({ jobId }) => `/jobs/${jobId}/cancel` },
  { method: 'POST', path: ({ jobId }) => `/jobs/${jobId}/replay`, body: {} },
  { method: 'GET', path: ({ jobId }) => `/jobs/${jobId}/request` },
  {
    method: 'POST',
    path: ({ project }) => `/projects/${project.id}/jobs`,
    body: { title: 'stolen', webhookUrl: 'https://example.com', fireAt: '2999-01-01T00:00:00Z' },
  },
]

describe.each(databases)('tenants on $name', (database) => {
  let api: TestApi
  let owner: Account
  let stranger: Account
  let target: Target
  let foreign: TestProject
  beforeAll(async () => {
    api = await openTestApi(database)
    owner = await api.signUp()
    stranger = await api.signUp()
    const project = await api.project(owner)
    target = { project, jobId: await api.job(project), echoRequestId: await echoed(api, owner, project) }
    foreign = await api.project(stranger)
  })
  afterAll(() => api.close())

  describe.each(ROUTES)('$method $path', ({ method, path, body }) => {
    it('is 404 to another tenant, 401 to nobody, and changes nothing', async () => {
      const call = (credentials: object) => api.call({ method, path: path(target), body, ...credentials })
      const before = await snapshot()
      const byStranger = await call({ token: stranger.token })
      expect([byStranger.status, byStranger.json.status, byStranger.json.data]).toEqual([404, false, null])
      expect((await call({})).status).toBe(401)
      expect((await call({ token: 'a.b.c' })).status).toBe(401)
      const byKey = await call({ key: foreign.key })
      expect(byKey.status).toBe(/^\/(jobs|stats|events)\b/.test(path(target)) ? 404 : 401)
      expect(await snapshot()).toEqual(before)
    })
  })

  it('never lists jobs of others, whatever is asked for', async () => {
    await api.job(foreign)
    for (const credentials of [{ token: stranger.token }, { key: foreign.key }]) {
      for (const query of [
        '',
        '?status=SCHEDULED',
        `?projectId=${foreign.id}`,
        '?page=1&limit=100',
        '?sort=due',
        '?q=job',
        '?endpoint=https://example.com',
        '?from=2000-01-01T00:00:00Z',
      ]) {
        const answer = await api.call({ path: `/jobs${query}`, ...credentials })
        const projectIds = jobPage.parse(answer.json.data).jobs.map((job) => job.projectId)
        expect(new Set(projectIds)).toEqual(new Set([foreign.id]))
        const exported = await api.call({
          path: `/jobs/export${query}${query ? '&' : '?'}format=jsonl`,
          ...credentials,
        })
        const lines = exported.text.trimEnd().split('\n')
        expect(new Set(lines.map((line) => exportedJob.parse(JSON.parse(line)).projectId))).toEqual(
          new Set([foreign.id]),
        )
      }
    }
  })

  it('answers 404 to a project that does not exist exactly as to one that is not ours', async () => {
    const nowhere = await api.call({
      path: '/jobs?projectId=00000000-0000-7000-8000-000000000000',
      token: stranger.token,
    })
    const notOurs = await api.call({ path: `/jobs?projectId=${target.project.id}`, token: stranger.token })
    expect(notOurs.json).toEqual(nowhere.json)
    expect(notOurs.status).toBe(404)
    expect((await api.call({ path: '/jobs?projectId=', token: stranger.token })).status).toBe(404)
  })

  it('refuses each job of others in a list of ids, as if it were not there', async () => {
    const mine = await api.job(foreign)
    const ids = [target.jobId, mine]
    const answer = await api.call({ method: 'POST', path: '/jobs/cancel', token: stranger.token, body: { ids } })
    expect(answer.json.data).toEqual({
      cancelled: [mine],
      refused: [{ id: target.jobId, code: 'NOT_FOUND', message: 'Job not found' }],
    })
    const byKey = await api.call({
      method: 'POST',
      path: '/jobs/cancel',
      key: foreign.key,
      body: { ids: [target.jobId] },
    })
    expect(byKey.json.data).toMatchObject({ cancelled: [], refused: [{ code: 'NOT_FOUND' }] })
    const { status } = (await api.call({ path: `/jobs/${target.jobId}`, token: owner.token })).json.data
    expect(status).toBe('SCHEDULED')
  })

  it('puts no project into an organization of others', async () => {
    const me = await api.call({ path: '/me', token: owner.token })
    const body = { name: 'mine', organizationId: me.json.data.organizations[0].id }
    const answer = await api.call({ method: 'POST', path: '/projects', token: stranger.token, body })
    expect([answer.status, answer.json.message]).toEqual([404, 'Organization not found'])
  })

  it('keeps a key to its project even within one account', async () => {
    const other = await api.project(owner)
    for (const method of ['GET', 'DELETE'] as const) {
      const answer = await api.call({ method, path: `/jobs/${target.jobId}`, key: other.key })
      expect([answer.status, answer.json.message]).toEqual([404, 'Job not found'])
    }
  })

  it('revokes a key at once, for writes and reads alike', async () => {
    const project = await api.project(owner)
    const id = await api.job(project)
    const path = `/projects/${project.id}/api-keys/${project.keyId}`
    const revoked = await api.call({ method: 'DELETE', path, token: owner.token })
    expect([revoked.status, revoked.json.data]).toEqual([200, null])
    const body = { title: 'x', webhookUrl: 'https://example.com', fireAt: later(api) }
    const { key } = project
    const answers = [
      await api.call({ method: 'POST', path: '/jobs', key, body }),
      await api.call({ method: 'DELETE', path: `/jobs/${id}`, key }),
      await api.call({ path: `/jobs/${id}`, key }),
      await api.call({ path: '/jobs', key }),
      await api.call({ path: '/jobs/export', key }),
    ]
    expect(answers.map((answer) => [answer.status, answer.headers['x-error-code']])).toEqual(
      answers.map(() => [401, 'API_KEY_INVALID']),
    )
    expect((await api.call({ method: 'DELETE', path, token: owner.token })).status).toBe(404)
  })

  it('lets nothing of a deleted project be seen, made or cancelled', async () => {
    const project = await api.project(owner)
    const id = await api.job(project)
    const gone = await api.call({ method: 'DELETE', path: `/projects/${project.id}`, token: owner.token })
    expect([gone.status, gone.json.data]).toEqual([200, null])
    const body = { title: 'x', webhookUrl: 'https://example.com', fireAt: later(api) }
    expect((await api.call({ method: 'POST', path: '/jobs', key: project.key, body })).status).toBe(401)
    expect((await api.call({ path: `/jobs/${id}`, token: owner.token })).status).toBe(404)
    expect((await api.call({ method: 'POST', path: `/jobs/${id}/cancel`, token: owner.token })).status).toBe(404)
    expect((await api.call({ path: `/jobs?projectId=${project.id}`, token: owner.token })).status).toBe(404)
    expect((await api.call({ path: '/projects', token: owner.token })).text).not.toContain(project.id)
  })

  /** What the owner sees of the target. */
  async function snapshot(): Promise<unknown> {
    const { token } = owner
    const { id } = target.project
    const answers = await Promise.all(
      ['', '/api-keys', '/signing-secret', '/echo', '/echo/requests']
        .map((rest) => `/projects/${id}${rest}`)
        .concat(`/jobs/${target.jobId}`)
        .map((path) => api.call({ path, token })),
    )
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200, 200])
    return answers.map((answer) => answer.text)
  }
})
