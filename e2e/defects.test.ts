/**
 * What webhook schedulers have been seen to get wrong, one test each, against the real server. Two more are proven where
 * they can be seen better: hot queries without an index in `store/conformance/plans.test.ts`, and addresses that change
 * between check and connection in `engine/send/connector.test.ts`.
 */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startReceiver, type Receiver } from '../dispatch-backend/src/testing/receiver.js'
import { ensureBuilt } from '../scripts/compile.mjs'
import { ROOT } from '../scripts/ensure.mjs'
import { withLock } from '../scripts/lock.mjs'
import { post, request, scheduleSoon, signUp, type Project } from './client.js'
import { makeFolder, removeFolder, startServerProcess, type ServerProcess } from './server-process.js'

interface Log {
  readonly attempt: number
  readonly status: string
  readonly firedAt: string
  readonly latenessMs: number
  readonly durationMs: number
  readonly responseCode: number | null
  readonly responseTruncated: boolean
}

interface Job {
  readonly id: string
  readonly status: string
  readonly fireAt: string
  readonly nextAttemptAt: string | null
  readonly retryCount: number
  readonly logs: readonly Log[]
}

const SETTINGS = { ALLOW_PRIVATE_WEBHOOKS: 'true', RETRY_DELAYS: '100ms,200ms,300ms', MAX_ATTEMPTS: '4' }

beforeAll(() => withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT)))

describe('a scheduler one can trust', () => {
  let folder: string
  let receiver: Receiver
  let server: ServerProcess
  let project: Project

  beforeEach(async () => {
    folder = await makeFolder()
    receiver = await startReceiver()
  })

  afterEach(async () => {
    server.signal('SIGTERM')
    await server.ended()
    await receiver.close()
    await removeFolder(folder)
  })

  async function start(settings: Record<string, string> = SETTINGS): Promise<void> {
    server = await startServerProcess(folder, settings)
    expect(server.url, server.output()).not.toBe('')
    project = await signUp(server.url)
  }

  const api = (path: string): string => `${server.url}/api/v1${path}`
  const withKey = (): { headers: Record<string, string> } => ({ headers: { 'x-api-key': project.key } })

  function schedule(inMs: number, webhookUrl = `${receiver.url}/hook`): Promise<Job> {
    return scheduleSoon<Job>(server.url, project.key, { title: 'job', webhookUrl }, inMs)
  }

  async function look(id: string): Promise<Job> {
    return (await request<Job>('GET', api(`/jobs/${id}`), withKey())).data
  }

  /** The job once it `is` so; records reach the database a moment after the answer. */
  async function lookUntil(id: string, is: (job: Job) => boolean): Promise<Job> {
    for (;;) {
      const job = await look(id)
      if (is(job)) return job
    }
  }

  const ended = ({ status }: Job): boolean => status === 'SUCCESS' || status === 'DEAD'

  it('shows nobody the jobs of another tenant, whatever project is asked for', async () => {
    await start()
    await schedule(60_000)
    const stranger = await signUp(server.url, 'stranger@example.com')
    const bearer = { headers: { authorization: `Bearer ${stranger.token}` } }
    expect((await request('GET', api(`/jobs?projectId=${project.id}`), bearer)).status).toBe(404)
    const own = await request<{ jobs: unknown[] }>('GET', api('/jobs'), bearer)
    expect(own.data.jobs).toEqual([])
  })

  it.each([
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:169.254.169.254]/latest/meta-data',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://2130706433/',
    'http://localhost./',
  ])('refuses %s, a private address in disguise', async (webhookUrl) => {
    await start({})
    const fireAt = new Date(Date.now() + 3_600_000).toISOString()
    const answer = await request('POST', api('/jobs'), { body: { title: 'job', webhookUrl, fireAt }, ...withKey() })
    expect(answer.status).toBe(400)
    expect(answer.message).toContain('ALLOW_PRIVATE_WEBHOOKS')
  })

  it('follows no redirect', async () => {
    const elsewhere = await startReceiver()
    receiver.respond({ status: 307, headers: { location: `${elsewhere.url}/inside` } })
    await start({ ...SETTINGS, MAX_ATTEMPTS: '1' })
    const scheduled = await schedule(50)
    const job = await lookUntil(scheduled.id, ended)
    expect(job).toMatchObject({ status: 'DEAD', logs: [{ responseCode: 307 }] })
    expect(elsewhere.requests).toHaveLength(0)
    await elsewhere.close()
  })

  it('reaches every pause of the retry clock, and never touches fireAt', async () => {
    receiver.respond({ status: 503 })
    await start()
    const scheduled = await schedule(50)
    const job = await lookUntil(scheduled.id, ended)
    expect(job).toMatchObject({ status: 'DEAD', retryCount: 3, fireAt: scheduled.fireAt, nextAttemptAt: null })
    const times = receiver.requests.map(({ receivedAtMs }) => receivedAtMs)
    const pauses = times.slice(1).map((time, index) => time - times[index]!)
    expect(pauses).toHaveLength(3)
    for (const [index, pauseMs] of [100, 200, 300].entries()) expect(pauses[index]).toBeGreaterThanOrEqual(pauseMs)
  })

  it('takes a 2xx with a huge body for what it is, once', async () => {
    receiver.respond({ body: 'é'.repeat(200_000) })
    await start()
    const scheduled = await schedule(50)
    const job = await lookUntil(scheduled.id, ended)
    expect(job).toMatchObject({ status: 'SUCCESS', logs: [{ attempt: 1, responseTruncated: true }] })
    expect(receiver.requests).toHaveLength(1)
  })

  it('says FAILED between attempts, refuses to cancel then, and can be told to', async () => {
    receiver.respond({ status: 500 })
    await start({ ...SETTINGS, RETRY_DELAYS: '1h' })
    const scheduled = await schedule(50)
    const job = await lookUntil(scheduled.id, ({ status }) => status === 'FAILED')
    expect(Date.parse(job.nextAttemptAt!)).toBeGreaterThan(Date.now() + 3_000_000)
    const refused = await request('DELETE', api(`/jobs/${scheduled.id}`), withKey())
    expect(refused).toEqual({ status: 400, message: 'Only scheduled jobs can be cancelled', data: null })
    expect(await look(scheduled.id)).toMatchObject({ status: 'FAILED', nextAttemptAt: job.nextAttemptAt })
    expect((await request('DELETE', api(`/jobs/${scheduled.id}?retrying=true`), withKey())).status).toBe(200)
    expect(await look(scheduled.id)).toMatchObject({ status: 'CANCELLED', nextAttemptAt: null })
  })

  it('never answers that a job is cancelled and sends it all the same', async () => {
    await start()
    const jobs = await Promise.all(Array.from({ length: 60 }, (_, n) => schedule(400 + n)))
    await receiver.waitFor(10)
    const answers = await Promise.all(jobs.map(({ id }) => request('DELETE', api(`/jobs/${id}`), withKey())))
    const all = await Promise.all(
      jobs.map(({ id }) => lookUntil(id, (job) => ended(job) || job.status === 'CANCELLED')),
    )
    const sent = new Set(receiver.requests.map(({ headers }) => headers['webhook-id']))
    for (const [index, job] of all.entries()) {
      const { status } = answers[index]!
      expect([200, 400]).toContain(status)
      expect(job.status).toBe(status === 200 ? 'CANCELLED' : 'SUCCESS')
      expect(sent.has(job.id)).toBe(status === 400)
    }
  })

  it('catches up past an endpoint that hangs', async () => {
    const hanging = await startReceiver({ respond: { hang: true } })
    await start()
    for (let n = 0; n < 5; n += 1) await schedule(1_000 + n, `${hanging.url}/hook`)
    const scheduled = await schedule(1_500)
    server.signal('SIGKILL')
    await server.ended()
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, Date.parse(scheduled.fireAt) - Date.now())))
    server = await startServerProcess(folder, { ...SETTINGS, SHUTDOWN_TIMEOUT: '1s' })
    const [delivered] = await receiver.waitFor(1)
    expect(delivered!.headers['webhook-id']).toBe(scheduled.id)
    await hanging.waitFor(5)
    await hanging.close()
  })

  it('stamps an attempt when it fires, not when it is answered', async () => {
    receiver.respond({ delayMs: 400 })
    await start()
    const scheduled = await schedule(50)
    const job = await lookUntil(scheduled.id, ended)
    const [log] = job.logs
    const [received] = receiver.requests
    const firedAtMs = Date.parse(log!.firedAt)
    expect(firedAtMs).toBeGreaterThanOrEqual(Date.parse(scheduled.fireAt))
    expect(firedAtMs).toBeLessThanOrEqual(received!.receivedAtMs)
    expect(log!.durationMs).toBeGreaterThanOrEqual(400)
    expect(log!.latenessMs).toBeGreaterThanOrEqual(firedAtMs - Date.parse(scheduled.fireAt))
    expect(log!.latenessMs).toBeLessThanOrEqual(received!.receivedAtMs + 1 - Date.parse(scheduled.fireAt))
  })

  it('logs what a crash cut short, and sends it again', async () => {
    receiver.respond({ hang: true })
    await start()
    const scheduled = await schedule(50)
    await receiver.waitFor(1)
    server.signal('SIGKILL')
    await server.ended()
    receiver.respond({ status: 200 })
    server = await startServerProcess(folder, SETTINGS)
    const job = await lookUntil(scheduled.id, ended)
    expect(job.logs.map(({ attempt, status }) => [attempt, status])).toEqual([
      [2, 'SUCCESS'],
      [1, 'INTERRUPTED'],
    ])
    expect(job.retryCount).toBe(0)
  })

  it('lets a key read its own jobs, and needs no mail account', async () => {
    await start()
    expect(server.output()).toMatch(/mail\s+off/)
    const scheduled = await schedule(60_000)
    expect(await look(scheduled.id)).toMatchObject({ id: scheduled.id, status: 'SCHEDULED' })
    const list = await request<{ jobs: Job[] }>('GET', api('/jobs'), withKey())
    expect(list.data.jobs.map(({ id }) => id)).toEqual([scheduled.id])
    await expect(post(api('/jobs'), {}, { 'x-api-key': `${project.key}0` })).rejects.toThrow('401')
  })
})
