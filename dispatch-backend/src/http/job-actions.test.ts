/** What can be done with jobs beyond scheduling and cancelling one. */
import { cancelledJobs, job as jobSchema, jobRequest } from 'dispatch-contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifySignature } from '../../../dispatch-client/src/verify-signature.js'
import { databases } from '../testing/databases.js'
import {
  type Account,
  type Answer,
  idOf,
  later,
  openTestApi,
  type TestApi,
  type TestProject,
} from './testing/test-api.js'

const PAYLOAD = '{ "n": 12345678901234567890, "f": 1.0, "é": "\\u0000" }'

describe.each(databases)('jobs on $name', (database) => {
  let api: TestApi
  let account: Account
  let project: TestProject
  beforeAll(async () => {
    api = await openTestApi(database)
    account = await api.signUp()
    project = await api.project(account)
  })
  afterAll(() => api.close())

  const post = (path: string, body: unknown, credentials: object, headers = {}): Promise<Answer> =>
    api.call({ method: 'POST', path, body, headers, ...credentials })
  const bodyOf = (title: string): string =>
    `{"title":${JSON.stringify(title)},"webhookUrl":"https://example.com/h","fireAt":"${later(api)}","payload":${PAYLOAD}}`
  const byKey = (): object => ({ key: project.key })
  const bySession = (): object => ({ token: account.token })

  describe('POST /projects/:id/jobs', () => {
    it('schedules as POST /jobs does, for a member', async () => {
      const answer = await post(`/projects/${project.id.toUpperCase()}/jobs`, bodyOf('By hand'), bySession())
      expect([answer.status, answer.json.message]).toEqual([201, 'Job scheduled successfully'])
      expect(jobSchema.strict().parse(answer.json.data)).toMatchObject({ projectId: project.id, replayOf: null })
      expect(answer.json.data.payloadText).toBe(PAYLOAD)
      expect(api.woken.at(-1)).toMatchObject({ id: idOf(answer), endpoint: 'https://example.com:443' })
    })

    it('honours an Idempotency-Key, and takes no API key', async () => {
      const headers = { 'idempotency-key': 'by-hand' }
      const body = bodyOf('Once')
      const path = `/projects/${project.id}/jobs`
      const [first, again] = [
        await post(path, body, bySession(), headers),
        await post(path, body, bySession(), headers),
      ]
      expect([first.status, again.status, idOf(again)]).toEqual([201, 200, idOf(first)])
      expect((await post(path, bodyOf('Other'), bySession(), headers)).status).toBe(409)
      expect((await post(path, body, byKey())).status).toBe(401)
    })

    it('refuses what POST /jobs refuses', async () => {
      const path = `/projects/${project.id}/jobs`
      expect((await post(path, { title: '' }, bySession())).headers['x-error-code']).toBe('VALIDATION')
      const inside = bodyOf('x').replace('https://example.com', 'http://127.0.0.1')
      expect((await post(path, inside, bySession())).headers['x-error-code']).toBe('ADDRESS_NOT_ALLOWED')
      const nowhere = await post('/projects/nonsense/jobs', bodyOf('x'), bySession())
      expect([nowhere.status, nowhere.json.message]).toEqual([404, 'Project not found'])
    })
  })

  describe('POST /jobs/:id/replay', () => {
    it('makes a new job of the same bytes, due now, and leaves the first as it is', async () => {
      const original = await post('/jobs', bodyOf('Again'), byKey())
      const id = idOf(original)
      await api.call({ method: 'DELETE', path: `/jobs/${id}`, key: project.key })
      const read = (of: string): Promise<Answer> => api.call({ path: `/jobs/${of}`, key: project.key })
      const before = await read(id)
      for (const credentials of [byKey(), bySession()]) {
        const answer = await post(`/jobs/${id}/replay`, undefined, credentials)
        expect([answer.status, answer.json.message], answer.text).toEqual([201, 'Job scheduled successfully'])
        const job = jobSchema.strict().parse(answer.json.data)
        expect(job).toMatchObject({ title: 'Again', webhookUrl: 'https://example.com/h', replayOf: id, attempt: 0 })
        expect([job.payloadText, job.fireAt, job.status]).toEqual([PAYLOAD, job.createdAt, 'SCHEDULED'])
        expect((await read(job.id)).json.data.replayOf).toBe(id)
        expect(api.woken.at(-1)).toMatchObject({ id: job.id })
      }
      expect((await read(id)).text).toBe(before.text)
      const list = await api.call({ path: '/jobs?limit=1', key: project.key })
      expect(list.json.data.jobs[0]).toMatchObject({ replayOf: id })
    })

    it('waits for fireAt, which must be in the future', async () => {
      const path = `/jobs/${await api.job(project)}/replay`
      const fireAt = later(api, 90_000)
      expect((await post(path, { fireAt }, byKey())).json.data).toMatchObject({ fireAt, nextAttemptAt: fireAt })
      const past = await post(path, { fireAt: '2021-01-01T00:00:00Z' }, byKey())
      expect([past.status, past.json.message]).toEqual([
        400,
        expect.stringContaining('fireAt: expected a time in the future'),
      ])
      expect((await post(path, { fireAt: 5 }, byKey())).status).toBe(400)
    })

    it('honours an Idempotency-Key, which stands for the job too', async () => {
      const [one, two] = [await api.job(project), await api.job(project)]
      const headers = { 'idempotency-key': 'replay' }
      const body = { fireAt: later(api, 60_000) }
      const first = await post(`/jobs/${one}/replay`, body, bySession(), headers)
      // By then its fireAt has passed.
      api.clock.advance(61_000)
      const again = await post(`/jobs/${one}/replay`, body, bySession(), headers)
      expect([again.status, again.headers['idempotent-replayed'], idOf(again)]).toEqual([200, 'true', idOf(first)])
      expect((await post(`/jobs/${two}/replay`, {}, bySession(), headers)).status).toBe(409)
    })
  })

  describe('POST /jobs/cancel', () => {
    it('says whether all, some or none were cancelled', async () => {
      const id = await api.job(project)
      const first = await post('/jobs/cancel', { ids: [id] }, byKey())
      // In the same millisecond it would be the same request.
      api.clock.advance(1)
      const messages = [first, await post('/jobs/cancel', { ids: [id] }, byKey())]
      expect(messages.map((answer): unknown[] => [answer.status, answer.json.message])).toEqual([
        [200, 'Jobs cancelled successfully'],
        [200, 'None of the jobs could be cancelled'],
      ])
    })

    it('cancels what can be cancelled, and says of each other why not', async () => {
      const [one, two, gone] = [await api.job(project), await api.job(project), await api.job(project)]
      await api.call({ method: 'DELETE', path: `/jobs/${gone}`, key: project.key })
      const nobodys = '01900000-0000-7000-8000-000000000000'
      const answer = await post('/jobs/cancel', { ids: [one, two.toUpperCase(), gone, nobodys, one] }, bySession())
      expect([answer.status, answer.json.message]).toEqual([200, 'Some jobs could not be cancelled'])
      expect(cancelledJobs.strict().parse(answer.json.data)).toEqual({
        cancelled: [one, two],
        refused: [
          { id: gone, code: 'JOB_NOT_CANCELLABLE', message: 'Only scheduled jobs can be cancelled' },
          { id: nobodys, code: 'NOT_FOUND', message: 'Job not found' },
        ],
      })
      const { status } = (await api.call({ path: `/jobs/${two}`, key: project.key })).json.data
      expect(status).toBe('CANCELLED')
    })

    it('takes five hundred at once, and no more', async () => {
      const one = await api.job(project)
      const others = Array.from({ length: 500 }, (_, n) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`)
      const answer = await post('/jobs/cancel', { ids: [one, ...others.slice(1)] }, byKey())
      expect([answer.json.data.cancelled, answer.json.data.refused.length]).toEqual([[one], 499])
      const words = 'ids: expected an array of 1 to 500 ids of jobs'
      for (const ids of [[one, ...others], [], 'all', undefined]) {
        const refused = await post('/jobs/cancel', { ids }, byKey())
        expect([refused.status, refused.json.message]).toEqual([400, expect.stringContaining(words)])
      }
      const wrong = await post('/jobs/cancel', { ids: [one, 'x'] }, byKey())
      expect(wrong.json.message).toBe('ids.1: expected the id of a job (a UUID), got "x"')
    })
  })

  describe('GET /jobs/:id/request', () => {
    const show = (id: string, credentials: object, query = ''): Promise<Answer> =>
      api.call({ path: `/jobs/${id}/request${query}`, ...credentials })
    const headersOf = (answer: Answer): Record<string, string> =>
      Object.fromEntries(jobRequest.parse(answer.json.data).headers.map(({ name, value }) => [name, value]))

    it('shows what will be sent, signed, to who may see the secret', async () => {
      const id = idOf(await post('/jobs', bodyOf('To come'), byKey()))
      const secret = (await api.call({ path: `/projects/${project.id}/signing-secret`, ...bySession() })).json.data
        .secret
      const answer = await show(id, bySession())
      const sent = jobRequest.strict().parse(answer.json.data)
      expect(sent).toMatchObject({ method: 'POST', url: 'https://example.com/h', attempt: 1, signed: 'complete' })
      expect(sent.note).toContain('Not sent yet')
      const head = `{"jobId":"${id}","title":"To come","payload":${PAYLOAD}`
      expect(sent.body).toBe(`${head},"firedAt":"${sent.firedAt}"}`)
      const headers = headersOf(answer)
      expect(headers).toMatchObject({ 'user-agent': 'Dispatch/test', 'x-dispatch-attempt': '1', 'webhook-id': id })
      const nowMs = Date.parse(sent.firedAt)
      await verifySignature({ headers, rawBody: sent.body, secret, now: new Date(nowMs) })
    })

    it('shows the same without signatures to a key', async () => {
      const id = await api.job(project)
      const [mine, keys] = [await show(id, bySession()), await show(id, byKey())]
      expect(keys.json.data).toMatchObject({ signed: 'hidden', body: mine.json.data.body })
      const { 'webhook-signature': one, 'x-dispatch-signature': two, ...rest } = headersOf(mine)
      expect([one, two]).toEqual([expect.stringMatching(/^v1,/), expect.stringMatching(/^t=/)])
      expect(headersOf(keys)).toEqual(rest)
    })

    it('signs with every secret that signed then and is still there', async () => {
      const own = await api.project(account)
      const rotate = (overlapSeconds: number): Promise<Answer> =>
        post(`/projects/${own.id}/signing-secret/rotate`, { overlapSeconds }, bySession())
      const count = async (id: string): Promise<[string, number]> => {
        const answer = await show(id, bySession())
        const signatures = headersOf(answer)['webhook-signature']?.split(' ').length ?? 0
        return [String(answer.json.data.signed), signatures]
      }
      const soon = await api.job(own, { fireAt: later(api, 60_000) })
      const late = await api.job(own, { fireAt: later(api, 10 * 60_000) })
      await rotate(300)
      expect([await count(soon), await count(late)]).toEqual([
        ['complete', 2],
        ['partial', 1],
      ])
    })

    it('knows no attempt that was never made', async () => {
      const id = await api.job(project)
      expect((await show(id, bySession(), '?attempt=1')).status).toBe(200)
      const answer = await show(id, bySession(), '?attempt=2')
      expect([answer.status, answer.json.message]).toEqual([404, 'Attempt not found'])
      for (const wrong of ['0', '-1', 'x', '1.5', '']) {
        expect((await show(id, bySession(), `?attempt=${wrong}`)).headers['x-error-code']).toBe('VALIDATION')
      }
    })
  })
})
