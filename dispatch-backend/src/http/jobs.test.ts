import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { jobDetails, jobPage, job as jobSchema } from 'dispatch-contract'
import { databases } from '../testing/databases.js'
import { type Account, idOf, jobIds, later, openTestApi, type TestApi, type TestProject } from './testing/test-api.js'

describe.each(databases)('jobs on $name', (database) => {
  let api: TestApi
  let account: Account
  let project: TestProject
  beforeAll(async () => {
    api = await openTestApi(database)
  })
  afterAll(() => api.close())
  beforeEach(async () => {
    account = await api.signUp()
    project = await api.project(account)
  })

  const create = (body: unknown, headers = {}) =>
    api.call({ method: 'POST', path: '/jobs', key: project.key, body, headers })
  const valid = (more = {}) => ({
    title: 'Trial expiry',
    webhookUrl: 'https://example.com/h',
    fireAt: later(api),
    ...more,
  })

  describe('POST /jobs', () => {
    it('answers as documented, and tells the engine', async () => {
      const fireAt = later(api)
      const answer = await create(valid({ fireAt, payload: { userId: 'usr_812', plan: 'pro' } }))
      expect(answer.status).toBe(201)
      expect(answer.json.status).toBe(true)
      expect(answer.json.message).toBe('Job scheduled successfully')
      expect(jobSchema.strict().parse(answer.json.data)).toMatchObject({
        projectId: project.id,
        title: 'Trial expiry',
        webhookUrl: 'https://example.com/h',
        payload: { userId: 'usr_812', plan: 'pro' },
        fireAt,
        nextAttemptAt: fireAt,
        status: 'SCHEDULED',
        attempt: 0,
        retryCount: 0,
      })
      expect(api.woken.at(-1)).toEqual({
        id: answer.json.data.id,
        projectId: project.id,
        endpoint: 'https://example.com:443',
        dueAtMs: Date.parse(fireAt),
        payloadBytes: '{"userId":"usr_812","plan":"pro"}'.length,
      })
    })

    it('keeps the payload byte for byte, and gives it as text too', async () => {
      const payload = '{ "z": 12345678901234567890, "a" :1.0,\n "__proto__":{"x":1}, "é":"\\u00e9\\u0000" }'
      const answer = await create(`{"payload":${payload},${JSON.stringify(valid()).slice(1)}`)
      expect(answer.status).toBe(201)
      expect(answer.text).toContain(`"payload":${payload},`)
      expect(answer.json.data.payloadText).toBe(payload)
      const fetched = await api.call({ path: `/jobs/${answer.json.data.id}`, key: project.key })
      expect(fetched.text).toContain(`"payload":${payload},`)
    })

    it('takes no payload as {}', async () => {
      const answer = await create(valid())
      expect(answer.json.data).toMatchObject({ payload: {}, payloadText: '{}' })
    })

    it('names everything that is wrong at once', async () => {
      const answer = await create({
        title: '',
        webhookUrl: 'ftp://x',
        fireAt: '2026-06-13T09:30:00+05:30',
        payload: [],
      })
      expect(answer.status).toBe(400)
      expect(answer.headers['x-error-code']).toBe('VALIDATION')
      expect(answer.json).toMatchObject({ status: false, data: null })
      expect(answer.json.message).toBe(
        'title: expected a text of 1 to 191 characters, got an empty text; ' +
          'webhookUrl: expected a valid URL that starts with http:// or https://, got "ftp://x"; ' +
          'fireAt: expected a UTC timestamp such as 2026-06-13T09:30:00Z, got "2026-06-13T09:30:00+05:30" ' +
          '(offsets are not accepted; convert it to UTC and end it with Z); ' +
          'payload: expected a JSON object, got an array',
      )
    })

    it('refuses what is plainly private and names the setting that allows it', async () => {
      const answer = await create(valid({ webhookUrl: 'http://[::ffff:127.0.0.1]/' }))
      expect(answer.status).toBe(400)
      expect(answer.headers['x-error-code']).toBe('ADDRESS_NOT_ALLOWED')
      expect(answer.json.message).toContain('ALLOW_PRIVATE_WEBHOOKS')
    })

    it('accepts a name that does not resolve yet', async () => {
      expect((await create(valid({ webhookUrl: 'https://not-there-yet.invalid/h' }))).status).toBe(201)
    })

    it('stores titles in full: 191 characters of any script', async () => {
      const title = '𝔘'.repeat(191)
      expect((await create(valid({ title }))).json.data.title).toBe(title)
    })

    it.each([
      ['not JSON', '{"title":', 'MALFORMED_JSON'],
      ['not an object', '[]', 'MALFORMED_JSON'],
      ['a member twice', '{"title":"a","title":"b"}', 'MALFORMED_JSON'],
      ['nothing', '', 'MALFORMED_JSON'],
      ['bytes that are no text', Buffer.from([0x7b, 0xff, 0x7d]), 'MALFORMED_JSON'],
    ])('answers 400 to %s', async (_name, body, code) => {
      const answer = await create(body)
      expect([answer.status, answer.headers['x-error-code']]).toEqual([400, code])
    })

    it('needs an API key; a session will not do', async () => {
      const body = valid()
      for (const credentials of [
        {},
        { token: account.token },
        { key: 'sk_nonsense' },
        { key: `sk_${'0'.repeat(64)}` },
      ]) {
        const answer = await api.call({ method: 'POST', path: '/jobs', body, ...credentials })
        expect([answer.status, answer.headers['x-error-code'], answer.json.data]).toEqual([
          401,
          'API_KEY_INVALID',
          null,
        ])
      }
    })

    it('stores many at once, each with its own answer', async () => {
      const titles = Array.from({ length: 60 }, (_, index) => `job ${index}`)
      const answers = await Promise.all(titles.map((title) => create(valid({ title }))))
      expect(answers.map((answer) => String(answer.json.data.title))).toEqual(titles)
      expect(new Set(answers.map(idOf)).size).toBe(60)
    })
  })

  describe('Idempotency-Key', () => {
    it('answers the first job again, and never stores a second', async () => {
      const body = JSON.stringify(valid({ payload: { n: 1 } }))
      const headers = { 'idempotency-key': 'order-1' }
      const first = await create(body, headers)
      const again = await create(body, headers)
      expect([first.status, again.status]).toEqual([201, 200])
      expect([first.headers['idempotent-replayed'], again.headers['idempotent-replayed']]).toEqual([undefined, 'true'])
      expect(again.json).toEqual(first.json)
      const list = await api.call({ path: '/jobs', key: project.key })
      expect(list.json.data.pagination.total).toBe(1)
    })

    it('stores one of many that race', async () => {
      const body = JSON.stringify(valid())
      const answers = await Promise.all(Array.from({ length: 20 }, () => create(body, { 'idempotency-key': 'race' })))
      expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1)
      expect(new Set(answers.map(idOf)).size).toBe(1)
    })

    it('refuses another body under the same key', async () => {
      await create(valid(), { 'idempotency-key': 'k' })
      const answer = await create(valid({ title: 'Other' }), { 'idempotency-key': 'k' })
      expect([answer.status, answer.headers['x-error-code']]).toEqual([409, 'IDEMPOTENCY_CONFLICT'])
    })

    it('answers the first job even when its time has passed since', async () => {
      const body = JSON.stringify(valid({ fireAt: later(api, 60_000) }))
      const first = await create(body, { 'idempotency-key': 'late' })
      api.clock.advance(120_000)
      const again = await create(body, { 'idempotency-key': 'late' })
      expect([again.status, again.headers['idempotent-replayed']]).toEqual([200, 'true'])
      expect(idOf(again)).toBe(idOf(first))
      expect((await create(body, { 'idempotency-key': 'other' })).status).toBe(400)
    })

    it('is free again after a day', async () => {
      const first = await create(valid({ fireAt: later(api, 90_000_000) }), { 'idempotency-key': 'daily' })
      api.clock.advance(86_400_001)
      const next = await create(valid({ title: 'Tomorrow' }), { 'idempotency-key': 'daily' })
      expect(next.status).toBe(201)
      expect(next.json.data.id).not.toBe(first.json.data.id)
    })

    it.each(['', 'two words', 'x'.repeat(256), 'é'])('refuses %j', async (key) => {
      const answer = await create(valid(), { 'idempotency-key': key })
      expect(answer.status).toBe(400)
      expect(answer.json.message).toContain('Idempotency-Key: expected 1 to 255 visible ASCII characters')
    })
  })

  describe('cancelling', () => {
    it('answers as documented, by key and by session, and only once', async () => {
      const [a, b] = [await api.job(project), await api.job(project)]
      const byKey = await api.call({ method: 'DELETE', path: `/jobs/${a}`, key: project.key })
      expect([byKey.status, byKey.json]).toEqual([
        200,
        { status: true, message: 'Job cancelled successfully', data: null },
      ])
      const byUser = await api.call({ method: 'POST', path: `/jobs/${b}/cancel`, token: account.token })
      expect(byUser.status).toBe(200)
      const again = await api.call({ method: 'DELETE', path: `/jobs/${a}`, key: project.key })
      expect([again.status, again.json]).toEqual([
        400,
        { status: false, message: 'Only scheduled jobs can be cancelled', data: null },
      ])
      const { json } = await api.call({ path: `/jobs/${a}`, key: project.key })
      expect(json.data).toMatchObject({ status: 'CANCELLED', nextAttemptAt: null })
    })

    it('answers many that race with success or the documented refusal, and the job is cancelled', async () => {
      const id = await api.job(project)
      const calls = Array.from({ length: 12 }, () =>
        api.call({ method: 'DELETE', path: `/jobs/${id}`, key: project.key }),
      )
      const statuses = (await Promise.all(calls)).map((answer) => answer.status)
      // Requests of the same millisecond are one: the store cannot tell them from a replay.
      expect(statuses).toContain(200)
      expect(statuses.filter((status) => status !== 200 && status !== 400)).toEqual([])
      const { json } = await api.call({ path: `/jobs/${id}`, key: project.key })
      expect(json.data.status).toBe('CANCELLED')
    })

    it('loses or wins against a claim, never both', async () => {
      const ids = await Promise.all(Array.from({ length: 20 }, () => api.job(project)))
      const jobs = api.woken.filter(({ id }) => ids.includes(id)).map(({ id, dueAtMs }) => ({ id, dueAtMs }))
      const claimId = '0190a000-0000-7000-8000-000000000001'
      const [claimed, ...answers] = await Promise.all([
        api.store.claim({ claimId, replicaId: 'r', leaseMs: 60_000, nowMs: api.clock.wallMs(), jobs }),
        ...ids.map((id) => api.call({ method: 'DELETE', path: `/jobs/${id}`, key: project.key })),
      ])
      const firing = new Set(claimed.jobs.map(({ id }) => id))
      for (const [index, id] of ids.entries()) {
        expect(answers[index]!.status).toBe(firing.has(id) ? 400 : 200)
        const { json } = await api.call({ path: `/jobs/${id}`, key: project.key })
        expect(json.data.status).toBe(firing.has(id) ? 'FIRING' : 'CANCELLED')
      }
    })

    it('takes a FAILED job with a retry armed only when asked to', async () => {
      const id = await api.job(project)
      await failOnce(api, id)
      const path = `/jobs/${id}`
      expect((await api.call({ method: 'DELETE', path, key: project.key })).status).toBe(400)
      const retrying = await api.call({ method: 'DELETE', path: `${path}?retrying=true`, key: project.key })
      expect(retrying.status).toBe(200)
      const { json } = await api.call({ path, key: project.key })
      expect(json.data).toMatchObject({ status: 'CANCELLED', nextAttemptAt: null, retryCount: 1 })
    })

    it.each(['nonsense', '00000000-0000-7000-8000-000000000000', "x' or 1=1"])('answers 404 for %j', async (id) => {
      const answer = await api.call({ method: 'DELETE', path: `/jobs/${encodeURIComponent(id)}`, key: project.key })
      expect([answer.status, answer.json.message]).toEqual([404, 'Job not found'])
    })

    it('refuses a wrong value of retrying', async () => {
      const answer = await api.call({ method: 'DELETE', path: '/jobs/x?retrying=yes', key: project.key })
      expect(answer.json.message).toBe('retrying: expected true or false, got "yes"')
    })
  })

  describe('GET /jobs', () => {
    it('lists newest first, in pages, without payloads, as documented', async () => {
      const ids: string[] = []
      for (let index = 0; index < 5; index += 1) ids.unshift(await api.job(project))
      const page = (query: string) => api.call({ path: `/jobs?${query}`, token: account.token })
      const firstAnswer = await page('limit=2')
      const first = firstAnswer.json
      expect(first.message).toBe('Jobs fetched successfully')
      expect(jobPage.parse(first.data)).toEqual(first.data)
      expect(first.data.pagination).toEqual({ total: 5, page: 1, limit: 2, totalPages: 3, totalIsExact: true })
      expect(first.data.jobs[0].project).toEqual({ id: project.id, name: 'production' })
      const all = [
        firstAnswer,
        await page('limit=2&page=2'),
        await page('limit=2&page=3'),
        await page('limit=2&page=4'),
      ]
      expect(all.flatMap(jobIds)).toEqual(ids)
    })

    it('filters by status and project', async () => {
      const [mine] = [await api.job(project), await api.project(account).then((other) => api.job(other))]
      const cancelled = await api.job(project)
      await api.call({ method: 'DELETE', path: `/jobs/${cancelled}`, key: project.key })
      const ids = async (query: string) => jobIds(await api.call({ path: `/jobs?${query}`, token: account.token }))
      expect(await ids('status=CANCELLED')).toEqual([cancelled])
      expect(await ids(`projectId=${project.id}&status=SCHEDULED`)).toEqual([mine])
      expect(await ids(`projectId=${project.id}&status=DEAD`)).toEqual([])
      expect(await ids('')).toHaveLength(3)
    })

    it('narrows to a time, an endpoint and a text, and sorts, as asked', async () => {
      const a = await api.job(project, { title: 'Invoice 7' })
      api.clock.advance(5_000)
      const from = later(api, 0)
      const soon = { fireAt: later(api, 60_000), webhookUrl: 'http://Hooks.Example.org/x' }
      const c = await api.job(project, soon)
      const list = async (query: string) => api.call({ path: `/jobs?${query}`, token: account.token })
      const ids = async (query: string) => jobIds(await list(query))
      const { createdAt } = (await api.call({ path: `/jobs/${c}`, token: account.token })).json.data
      expect(await ids(`from=${from}`)).toEqual([c])
      expect(await ids(`from=${createdAt}`)).toEqual([c])
      expect(await ids(`to=${createdAt}`)).toEqual([a])
      expect(await ids('order=asc')).toEqual([a, c])
      expect(await ids('sort=due&order=asc')).toEqual([c, a])
      expect(await ids(`sort=due&to=${later(api, 60_001)}`)).toEqual([c])
      expect(await ids('status=SCHEDULED,DEAD&sort=due')).toEqual([a, c])
      const byEndpoint = (await list('endpoint=http://hooks.example.ORG')).json.data
      expect(byEndpoint).toMatchObject({ jobs: [{ id: c }], search: { searched: 2, limited: false } })
      expect(await ids('endpoint=http://hooks.example.org:80/')).toEqual([c])
      expect(await ids('endpoint=https://hooks.example.org')).toEqual([])
      expect(await ids('q=invoice')).toEqual([a])
      expect(jobPage.strict().parse(byEndpoint)).toEqual(byEndpoint)
      expect((await list('')).json.data).not.toHaveProperty('search')
    })

    it('shows a key its own project only', async () => {
      await api.job(await api.project(account))
      const mine = await api.job(project)
      expect(jobIds(await api.call({ path: '/jobs', key: project.key }))).toEqual([mine])
    })

    it.each([
      ['status=scheduled', 'status: expected one of SCHEDULED, FIRING'],
      ['status=DEAD,NO', 'status: expected one of SCHEDULED, FIRING, SUCCESS, FAILED, DEAD, CANCELLED, got "DEAD,NO"'],
      ['status=', 'status: expected one of'],
      ['sort=due&page=1001&limit=100', 'page: expected one within the first 100000 jobs by due time'],
      ['sort=title', 'sort: expected created or due, got "title"'],
      ['order=up', 'order: expected desc or asc'],
      ['endpoint=https://example.com/path', 'endpoint: expected scheme, host and port alone'],
      ['endpoint=nowhere', 'endpoint: expected scheme, host and port alone'],
      ['from=yesterday', 'from: expected a UTC timestamp'],
      ['from=2031-01-01T00:00:00%2B01:00', 'offsets are not accepted'],
      ['from=2031-01-02T00:00:00Z&to=2031-01-01T00:00:00Z', 'to: expected an instant after `from`'],
      ['q=', 'q: expected a text of 1 to 191 characters'],
      ['q=%00', 'q: expected a text of 1 to 191 characters'],
      ['page=0', 'page: expected a whole number from 1'],
      ['page=1.5', 'page: expected a whole number'],
      ['limit=101', 'limit: expected a whole number from 1 to 100, got "101"'],
      ['limit=1&limit=2', 'limit: expected a whole number from 1 to 100, got an array'],
    ])('refuses %s in words', async (query, words) => {
      const answer = await api.call({ path: `/jobs?${query}`, token: account.token })
      expect([answer.status, answer.headers['x-error-code']]).toEqual([400, 'VALIDATION'])
      expect(answer.json.message).toContain(words)
    })
  })

  describe('GET /jobs/:id', () => {
    it('shows the job with project and logs, newest first, by session and by key', async () => {
      const id = await api.job(project)
      await failOnce(api, id)
      for (const credentials of [{ token: account.token }, { key: project.key }]) {
        const { status, json } = await api.call({ path: `/jobs/${id.toUpperCase()}`, ...credentials })
        expect([status, json.message]).toEqual([200, 'Job fetched successfully'])
        const job = jobDetails.strict().parse(json.data)
        expect(job).toMatchObject({ id, status: 'FAILED', attempt: 1, retryCount: 1 })
        expect(job.project).toEqual({ id: project.id, name: 'production' })
        expect(job.logs).toMatchObject([{ attempt: 1, status: 'FAILED', responseCode: 500, error: 'It said 500' }])
      }
    })
  })
})

/** As the engine does it: claim, then record a failure with a retry. */
async function failOnce(api: TestApi, id: string): Promise<void> {
  const { dueAtMs } = api.woken.find((job) => job.id === id)!
  const claimId = '0190a000-0000-7000-8000-00000000000f'
  const nowMs = api.clock.wallMs()
  await api.store.claim({ claimId, replicaId: 'r', leaseMs: 60_000, nowMs, jobs: [{ id, dueAtMs }] })
  const attempt = {
    attemptId: id.replace(/^.{8}/, 'aaaaaaaa'),
    jobId: id,
    claimId,
    attempt: 1,
    scheduledForMs: dueAtMs,
  }
  const response = { responseCode: 500, responseBody: 'no', responseTruncated: false, latenessMs: 1, durationMs: 5 }
  const next = { status: 'FAILED' as const, retryAtMs: nowMs + 30_000 }
  const record = {
    ...attempt,
    ...response,
    status: 'FAILED' as const,
    firedAtMs: nowMs,
    error: 'It said 500',
    next,
    nowMs,
  }
  expect(await api.store.recordAttempts([record])).toEqual(['recorded'])
}
