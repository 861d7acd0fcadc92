/** The client against the real server: what it schedules is delivered, and what is delivered verifies. */
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, type ReceivedRequest, type Receiver } from '../../dispatch-backend/src/testing/receiver.js'
import { Dispatch, verifySignature, type Job, type JobDetails, type NewJob } from '../../dispatch-client/src/index.js'
import { ensureBuilt } from '../../scripts/compile.mjs'
import { ROOT } from '../../scripts/ensure.mjs'
import { withLock } from '../../scripts/lock.mjs'
import { dueSoon, post, request, signUp, type Project } from '../client.js'
import { makeFolder, removeFolder, startServerProcess, type ServerProcess } from '../server-process.js'

let folder: string
let server: ServerProcess
let receiver: Receiver
let project: Project
let client: Dispatch

beforeAll(async () => {
  await withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT))
  folder = await makeFolder()
  receiver = await startReceiver()
  server = await startServerProcess(folder, { ALLOW_PRIVATE_WEBHOOKS: 'true', RETRY_DELAYS: '1h' })
  project = await signUp(server.url)
  client = new Dispatch({ url: server.url, apiKey: project.key })
})

afterAll(async () => {
  server.signal('SIGTERM')
  expect(await server.ended()).toBe(0)
  await receiver.close()
  await removeFolder(folder)
})

const later = { title: 'later', fireAt: { inMs: 3_600_000 } }
const hook = (path = '/hook'): string => `${receiver.url}${path}`

/** Each kind of new job by itself: one has a payload, the other its text. */
type Untimed<Kind> = Kind extends NewJob ? Omit<Kind, 'fireAt'> : never

function scheduleSoon(job: Untimed<NewJob>): Promise<Job> {
  return dueSoon(500, (fireAt) => client.schedule({ ...job, fireAt }))
}

async function received(jobId: string): Promise<ReceivedRequest> {
  const isIts = ({ headers }: ReceivedRequest): boolean => headers['webhook-id'] === jobId
  return (await receiver.waitFor((all) => all.some(isIts))).find(isIts)!
}

async function untilStatus(id: string, status: string): Promise<JobDetails> {
  for (;;) {
    const job = await client.get(id)
    if (job.status === status) return job
  }
}

const secretOf = async (): Promise<string> => {
  const headers = { authorization: `Bearer ${project.token}` }
  return (
    await request<{ secret: string }>('GET', `${server.url}/api/v1/projects/${project.id}/signing-secret`, { headers })
  ).data.secret
}

test('the request of an attempt is shown as it was received', async () => {
  const payloadText = '{ "big": 12345678901234567890, "ü": "\\u2028", "one": 1.0 }'
  const job = await scheduleSoon({ title: 'Shown', webhookUrl: hook('/shown?x=1'), payloadText })
  const { headers, rawBody, method, path } = await received(job.id)
  await untilStatus(job.id, 'SUCCESS')
  type Shown = { method: string; url: string; headers: { name: string; value: string }[]; body: string; signed: string }
  const show = async (credentials: Record<string, string>): Promise<Shown> =>
    (await request<Shown>('GET', `${server.url}/api/v1/jobs/${job.id}/request?attempt=1`, { headers: credentials }))
      .data
  const shown = await show({ authorization: `Bearer ${project.token}` })
  expect([shown.method, shown.url, shown.signed]).toEqual([method, `${receiver.url}${path}`, 'complete'])
  expect(shown.body).toBe(rawBody.toString())
  const byClient = new Set(['host', 'connection', 'content-length'])
  const sent = Object.entries(headers).filter(([name]) => !byClient.has(name))
  expect(Object.fromEntries(shown.headers.map(({ name, value }) => [name, value]))).toEqual(Object.fromEntries(sent))
  const byKey = await show({ 'x-api-key': project.key })
  expect([byKey.signed, byKey.headers.some(({ name }) => name.endsWith('signature'))]).toEqual(['hidden', false])
})

test('a job is fired again, now or later, once for one key', async () => {
  const job = await scheduleSoon({ title: 'Twice', webhookUrl: hook(), payloadText: '{"n": 1.0}' })
  await untilStatus(job.id, 'SUCCESS')
  const again = await client.replay(job.id)
  expect(again).toMatchObject({ replayOf: job.id, title: 'Twice', payloadText: '{"n": 1.0}' })
  const { rawBody } = await received(again.id)
  expect(rawBody.toString()).toContain('"payload":{"n": 1.0}')
  const fireAt = '2031-06-13T09:30:00.000Z'
  const options = { fireAt, idempotencyKey: 'again' }
  const [one, two] = [await client.replay(job.id, options), await client.replay(job.id, options)]
  expect([one.fireAt, two.id]).toEqual([fireAt, one.id])
  const { cancelled, refused } = await client.cancelMany([one.id, job.id])
  expect([cancelled, refused]).toEqual([
    [one.id],
    [expect.objectContaining({ id: job.id, code: 'JOB_NOT_CANCELLABLE' })],
  ])
})

test('lists are narrowed and sorted as asked, in whole and by page', async () => {
  const webhookUrl = 'http://lists.example.com/x'
  const at = (second: number): string => `2031-01-01T00:00:0${second}.000Z`
  const jobs = await Promise.all([2, 1, 3].map((n) => client.schedule({ title: `L ${n}`, webhookUrl, fireAt: at(n) })))
  const filter = { endpoint: 'http://lists.example.com', status: ['SCHEDULED', 'DEAD'] } as const
  const titles: string[] = []
  for await (const { title } of client.list({ ...filter, sort: 'due', order: 'asc', pageSize: 2 })) titles.push(title)
  expect(titles).toEqual(['L 1', 'L 2', 'L 3'])
  const page = await client.listPage({ ...filter, sort: 'due', from: at(2), to: new Date(at(3)) })
  expect(page.jobs.map(({ id }) => id)).toEqual([jobs[0]!.id])
  expect(page.search).toMatchObject({ limited: false })
  expect((await client.listPage({ q: 'l 3', from: jobs[0]!.createdAt })).jobs).toMatchObject([{ title: 'L 3' }])
})

test('a delivery arrives byte for byte, verifies in both schemes and through a rotation', async () => {
  const payloadText = '{ "big": 12345678901234567890, "ü": "\\u2028", "one": 1.0 }'
  const job = await scheduleSoon({ title: 'Ünï', webhookUrl: hook(), payloadText })
  expect(job).toMatchObject({ status: 'SCHEDULED', payloadText, title: 'Ünï' })
  const { headers, rawBody } = await received(job.id)
  expect(rawBody.toString()).toContain(`"payload":${payloadText},`)

  const secret = await secretOf()
  const delivery = await verifySignature({ headers, rawBody, secret })
  expect(delivery).toMatchObject({ jobId: job.id, title: 'Ünï', payload: { one: 1 } })
  const own = { ...headers, 'webhook-signature': undefined }
  expect(await verifySignature({ headers: own, rawBody, secret })).toEqual(delivery)
  expect(new Webhook(secret).verify(rawBody, headers as Record<string, string>)).toEqual(delivery)

  const reserialised = JSON.stringify(JSON.parse(rawBody.toString()))
  await expect(verifySignature({ headers, rawBody: reserialised, secret })).rejects.toMatchObject({
    name: 'SignatureError',
  })
  const tenMinutesOn = new Date(Date.now() + 600_000)
  await expect(verifySignature({ headers, rawBody, secret, now: tenMinutesOn })).rejects.toMatchObject({
    reason: 'clock-skew',
  })

  const bearer = { authorization: `Bearer ${project.token}` }
  await post(`${server.url}/api/v1/projects/${project.id}/signing-secret/rotate`, {}, bearer)
  const fresh = await secretOf()
  await expect(verifySignature({ headers, rawBody, secret: fresh })).rejects.toMatchObject({ reason: 'wrong-secret' })
  expect(await verifySignature({ headers, rawBody, secrets: [fresh, secret] })).toEqual(delivery)
  const next = await scheduleSoon({ title: 'after', webhookUrl: hook() })
  const signedByBoth = await received(next.id)
  for (const each of [fresh, secret]) await verifySignature({ ...signedByBoth, secret: each })
})

test('the body of a delivery that a framework parsed and wrote anew is told from a wrong secret', async () => {
  const job = await scheduleSoon({ title: 'x', webhookUrl: hook(), payload: { a: [1, 'ü'] } })
  const { headers, rawBody } = await received(job.id)
  const pretty = JSON.stringify(JSON.parse(rawBody.toString()), null, 2)
  await expect(verifySignature({ headers, rawBody: pretty, secret: await secretOf() })).rejects.toMatchObject({
    reason: 'body-changed',
  })
})

test('the same Idempotency-Key schedules once; another job under it is a conflict', async () => {
  const job = { title: 'once', webhookUrl: hook(), fireAt: new Date(Date.now() + 3_600_000) }
  const first = await client.schedule(job, { idempotencyKey: 'order-1' })
  expect((await client.schedule(job, { idempotencyKey: 'order-1' })).id).toBe(first.id)
  await expect(client.schedule({ ...job, title: 'twice' }, { idempotencyKey: 'order-1' })).rejects.toMatchObject({
    status: 409,
    code: 'IDEMPOTENCY_CONFLICT',
  })
})

test('an answer that is lost on the way does not schedule twice', async () => {
  let lost = 0
  const losing: typeof fetch = async (...args) => {
    const response = await fetch(...args)
    if (lost++ > 0) return response
    await response.body?.cancel()
    throw new TypeError('the connection broke')
  }
  const job = await new Dispatch({ url: server.url, apiKey: project.key, fetch: losing }).schedule({
    ...later,
    title: 'only one',
    webhookUrl: hook(),
  })
  expect(lost).toBe(2)
  const ids: string[] = []
  for await (const { id, title } of client.list()) if (title === 'only one') ids.push(id)
  expect(ids).toEqual([job.id])
})

test('get shows the attempts, cancel what is too late, and retrying takes a job between attempts', async () => {
  receiver.respond(({ path }) => (path === '/broken' ? { status: 500, body: 'no' } : {}))
  const { id } = await scheduleSoon({ title: 'broken', webhookUrl: hook('/broken') })
  const failed = await untilStatus(id, 'FAILED')
  expect(failed.logs).toMatchObject([{ attempt: 1, status: 'FAILED', responseCode: 500, responseBody: 'no' }])
  await expect(client.cancel(id)).rejects.toMatchObject({ status: 400, code: 'JOB_NOT_CANCELLABLE' })
  await client.cancel(id, { retrying: true })
  expect(await client.get(id)).toMatchObject({ status: 'CANCELLED', nextAttemptAt: null })
})

test('list reads every page, newest first, and filters', async () => {
  const made: string[] = []
  for (let number = 0; number < 7; number++) {
    const { id } = await client.schedule({ ...later, title: `page ${number}`, webhookUrl: hook() })
    made.push(id)
    await client.cancel(id)
  }
  const seen: string[] = []
  for await (const job of client.list({ status: 'CANCELLED', pageSize: 3 })) {
    if (job.title.startsWith('page ')) seen.push(job.id)
  }
  expect(seen).toEqual(made.toReversed())
  const { jobs, pagination } = await client.listPage({ limit: 2, projectId: project.id })
  expect(jobs).toHaveLength(2)
  expect(pagination).toMatchObject({ page: 1, limit: 2, totalIsExact: true })
})

test('what the server refuses comes with its code, its words and a request id', async () => {
  const stranger = new Dispatch({ url: server.url, apiKey: 'sk_wrong' })
  await expect(stranger.listPage()).rejects.toMatchObject({ status: 401, code: 'API_KEY_INVALID' })
  const past = client.schedule({ ...later, webhookUrl: hook(), fireAt: '2021-01-01T00:00:00Z' })
  await expect(past).rejects.toThrow(/fireAt/)
  await expect(past).rejects.toMatchObject({ status: 400, requestId: expect.stringMatching(/./) })
  await expect(client.get('3f6c2b8e-7a41-4c9d-9b21-d5a0c3e8f612')).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
