/** What a newcomer does: the README's commands, word for word, then every call of the user guide with its documented answer. */
import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, type Receiver } from '../dispatch-backend/src/testing/receiver.js'
import { ensureBuilt } from '../scripts/compile.mjs'
import { ROOT } from '../scripts/ensure.mjs'
import { withLock } from '../scripts/lock.mjs'
import { dueSoon } from './client.js'
import { makeFolder, removeFolder, startServerProcess, type ServerProcess } from './server-process.js'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

let folder: string
let server: ServerProcess
let receiver: Receiver
let key: string
let token: string

beforeAll(async () => {
  await withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT))
  folder = await makeFolder()
  receiver = await startReceiver({ respond: { body: '{"received":true}' } })
  server = await startServerProcess(folder, { ALLOW_PRIVATE_WEBHOOKS: 'true', RETRY_DELAYS: '100ms' })
})

afterAll(async () => {
  server.signal('SIGTERM')
  expect(await server.ended()).toBe(0)
  await receiver.close()
  await removeFolder(folder)
})

/** Runs a shell script with the README's addresses replaced by ours; answers what it printed. */
async function shell(script: string): Promise<string> {
  const ours = script.replaceAll('http://localhost:4000', server.url).replaceAll('http://localhost:5000', receiver.url)
  const { stdout } = await promisify(execFile)('bash', ['-euc', ours])
  return stdout
}

async function readmeCommands(): Promise<string[]> {
  const readme = await readFile(`${ROOT}README.md`, 'utf8')
  const section = readme.split('## Your first webhook')[1]?.split('\n## ')[0] ?? ''
  return [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block).filter((block) => /curl/.test(block))
}

interface Answer {
  readonly code: number
  readonly body: { readonly status: boolean; readonly message: string; readonly data: unknown }
}

/** One `curl` of the user guide. */
async function curl(...args: string[]): Promise<Answer> {
  const { stdout } = await promisify(execFile)('curl', ['-s', '-w', '\n%{http_code}', ...args])
  const split = stdout.lastIndexOf('\n')
  return { code: Number(stdout.slice(split)), body: JSON.parse(stdout.slice(0, split)) as Answer['body'] }
}

function schedule(job: Record<string, unknown>): Promise<Answer> {
  return curl(
    ...['-X', 'POST', `${server.url}/api/v1/jobs`, '-H', 'Content-Type: application/json'],
    ...['-H', `x-api-key: ${key}`, '-d', JSON.stringify(job)],
  )
}

const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString()

function trialExpiry(): Record<string, unknown> {
  const payload = { userId: 'usr_812', plan: 'pro' }
  return {
    title: 'Trial expiry reminder',
    webhookUrl: `${receiver.url}/hooks/trial-expiry`,
    fireAt: inAnHour(),
    payload,
  }
}

test('the start says where, on which database, about mail, the set-up token and what to do next', async () => {
  await server.printed(/next {6}schedule a webhook/)
  expect(server.output()).toMatch(/^Dispatch \d+\.\d+\.\d+ listens on http:\/\/localhost:\d+\n/)
  expect(server.output()).toMatch(/database {2}SQLite .*dispatch\.db\n/)
  expect(server.output()).toMatch(/mail {6}off/)
  expect(server.output()).toMatch(/set-up token: [0-9a-f]{32}\n/)
})

test("the README's commands fire a webhook", async () => {
  const blocks = await readmeCommands()
  expect(blocks).toHaveLength(4)
  const [register = '', signIn = '', scheduleIt = '', look = ''] = blocks
  expect(JSON.parse(await shell(register))).toMatchObject({ status: true, data: { user: { isInstanceOwner: true } } })

  const printed = await shell(`${signIn}\n${scheduleIt}\necho "$TOKEN $KEY $JOB"`)
  ;[token = '', key = ''] = printed.trim().split(' ')
  const job = printed.trim().split(' ')[2] ?? ''
  expect(key).toMatch(/^sk_[0-9a-f]{64}$/)

  const [request] = await receiver.waitFor(1)
  expect(request).toMatchObject({ method: 'POST', path: '/hooks/hello' })
  const body: unknown = JSON.parse(request?.rawBody.toString() ?? '')
  const title = 'Hello from Dispatch'
  expect(body).toEqual({
    jobId: job,
    title,
    payload: { greeting: 'right on time' },
    firedAt: expect.stringMatching(INSTANT),
  })

  const isDone = async (): Promise<unknown> => JSON.parse(await shell(`TOKEN=${token} JOB=${job}\n${look}`)) as unknown
  const log = { attempt: 1, status: 'SUCCESS', responseCode: 200, responseBody: '{"received":true}' }
  await expect.poll(isDone).toMatchObject({ data: { status: 'SUCCESS', logs: [log] } })
})

test('the signature of the delivery verifies as the README says', async () => {
  const [request] = await receiver.waitFor(1)
  const project = await curl(`${server.url}/api/v1/projects`, '-H', `Authorization: Bearer ${token}`)
  const [{ id = '' } = {}] = project.body.data as { id?: string }[]
  const answer = await curl(
    `${server.url}/api/v1/projects/${id}/signing-secret`,
    '-H',
    `Authorization: Bearer ${token}`,
  )
  const { secret } = answer.body.data as { secret: string }
  const [, t = '', v1 = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request?.headers['x-dispatch-signature'])) ?? []
  expect(createHmac('sha256', secret).update(`${t}.`).update(request!.rawBody).digest('hex')).toBe(v1)
})

test('POST /jobs answers 201 with the whole job', async () => {
  const job = trialExpiry()
  const { code, body } = await schedule(job)
  expect(code).toBe(201)
  expect(body).toEqual({
    status: true,
    message: 'Job scheduled successfully',
    data: expect.objectContaining({
      ...job,
      id: expect.stringMatching(UUID),
      projectId: expect.stringMatching(UUID),
      status: 'SCHEDULED',
      retryCount: 0,
      createdAt: expect.stringMatching(INSTANT),
      updatedAt: expect.stringMatching(INSTANT),
    }),
  })
})

test.each([
  ['an offset', '2031-06-13T09:30:00+05:30'],
  ['the past', '2021-06-13T09:30:00Z'],
])('POST /jobs refuses %s with 400', async (_what, fireAt) => {
  const { code, body } = await schedule({ ...trialExpiry(), fireAt })
  expect(code).toBe(400)
  expect(body).toMatchObject({ status: false, data: null, message: expect.stringContaining('fireAt') })
})

test('a wrong key is 401, in the envelope', async () => {
  const { code, body } = await curl('-X', 'DELETE', `${server.url}/api/v1/jobs/x`, '-H', 'x-api-key: sk_wrong')
  expect(code).toBe(401)
  expect(body).toMatchObject({ status: false, data: null })
})

test('DELETE /jobs/:id cancels once; then, and for a job that fired, it answers 400; an unknown one is 404', async () => {
  const { id } = (await schedule(trialExpiry())).body.data as { id: string }
  const cancel = (job: string): Promise<Answer> =>
    curl('-X', 'DELETE', `${server.url}/api/v1/jobs/${job}`, '-H', `x-api-key: ${key}`)
  expect(await cancel(id)).toEqual({
    code: 200,
    body: { status: true, message: 'Job cancelled successfully', data: null },
  })
  const refused = { code: 400, body: { status: false, message: 'Only scheduled jobs can be cancelled', data: null } }
  expect(await cancel(id)).toEqual(refused)
  const [first] = await receiver.waitFor(1)
  const fired = JSON.parse(first?.rawBody.toString() ?? '') as { jobId: string }
  expect(await cancel(fired.jobId)).toEqual(refused)
  expect((await cancel('3f6c2b8e-7a41-4c9d-9b21-d5a0c3e8f612')).code).toBe(404)
})

test('GET /jobs lists newest first, filtered and paged', async () => {
  const url = `${server.url}/api/v1/jobs?status=SCHEDULED&limit=20`
  const { code, body } = await curl(url, '-H', `Authorization: Bearer ${token}`)
  expect(code).toBe(200)
  expect(body).toMatchObject({
    status: true,
    message: 'Jobs fetched successfully',
    data: {
      jobs: [{ title: 'Trial expiry reminder', status: 'SCHEDULED', retryCount: 0, project: { name: 'production' } }],
      pagination: { total: 1, page: 1, limit: 20, totalPages: 1 },
    },
  })
})

test('a webhook that fails three times is retried and ends DEAD, with every attempt in the log, newest first', async () => {
  receiver.respond((request) => (request.path === '/hooks/broken' ? { status: 500, body: 'no' } : {}))
  const { id, soon } = await dueSoon(500, async (fireAt) => {
    const { code, body } = await schedule({ title: 'Broken', webhookUrl: `${receiver.url}/hooks/broken`, fireAt })
    if (code !== 201) throw new Error(`the job was answered ${code}: ${body.message}`)
    return { id: (body.data as { id: string }).id, soon: fireAt }
  })
  await receiver.waitFor((all) => all.filter(({ path }) => path === '/hooks/broken').length === 3)
  const read = (): Promise<Answer> => curl(`${server.url}/api/v1/jobs/${id}`, '-H', `Authorization: Bearer ${token}`)
  const attempt = (number: number): unknown =>
    expect.objectContaining({ attempt: number, status: 'FAILED', responseCode: 500, responseBody: 'no' })
  await expect.poll(read).toMatchObject({
    body: {
      message: 'Job fetched successfully',
      data: { status: 'DEAD', retryCount: 2, fireAt: soon, logs: [attempt(3), attempt(2), attempt(1)] },
    },
  })
})
