/** What the client shows of the real server's doings: statistics, the forecast, requests as sent, live events. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, type Receiver } from '../../dispatch-backend/src/testing/receiver.js'
import { freePort } from '../../dispatch-backend/src/testing/server-process.js'
import { Dispatch, type LiveEvent } from '../../dispatch-client/src/index.js'
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
let settings: Record<string, string>

beforeAll(async () => {
  await withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT))
  folder = await makeFolder()
  receiver = await startReceiver()
  settings = { ALLOW_PRIVATE_WEBHOOKS: 'true', RETRY_DELAYS: '1h', PORT: String(await freePort()) }
  server = await startServerProcess(folder, settings)
  project = await signUp(server.url)
  client = new Dispatch({ url: server.url, apiKey: project.key })
})

afterAll(async () => {
  server.signal('SIGTERM')
  expect(await server.ended()).toBe(0)
  await receiver.close()
  await removeFolder(folder)
})

const hook = (): string => `${receiver.url}/hook`
const NO_PROJECT = '3f6c2b8e-7a41-4c9d-9b21-d5a0c3e8f612'
type Events = AsyncGenerator<LiveEvent, void, undefined>

/** Reads on until an event is as wanted. */
async function until(events: Events, isWanted: (event: LiveEvent) => boolean): Promise<LiveEvent> {
  for (;;) {
    const { value, done } = await events.next()
    if (done) throw new Error('the events have ended')
    if (isWanted(value)) return value
  }
}
const isJob =
  (id: string, status: string) =>
  (event: LiveEvent): boolean =>
    event.type === 'job' && event.jobId === id && event.status === status

async function openEvents(options: Parameters<Dispatch['events']>[0] = {}): Promise<Events> {
  const events = client.events(options)
  expect((await events.next()).value).toEqual({ type: 'open' })
  return events
}

test('jobs are told as they change; statistics, the forecast and the request agree with them', async () => {
  receiver.respond({ status: 503, body: 'no' })
  const events = await openEvents({ projectId: project.id })
  const payloadText = '{ "one": 1.0 }'
  const job = { title: 'watched', webhookUrl: hook(), payloadText }
  const { id } = await dueSoon(500, (fireAt) => client.schedule({ ...job, fireAt }))
  // States that last less than a round of telling may be passed over; this one lasts an hour.
  const failed = await until(events, isJob(id, 'FAILED'))
  const { nextAttemptAt } = await client.get(id)
  expect(failed).toMatchObject({ projectId: project.id, attempt: 1, nextAttemptAt })
  await client.cancel(id, { retrying: true })
  expect(await until(events, isJob(id, 'CANCELLED'))).toMatchObject({ nextAttemptAt: null })
  await events.return()

  const { range, states, totals, endpoints, latestFailures, deliveries } = await client.stats({ range: '1h' })
  expect([range.name, states.CANCELLED, deliveries.length]).toEqual(['1h', { count: 1, isExact: true }, 60])
  expect(totals).toMatchObject({ attempts: 1, succeeded: 0, failed: 1 })
  expect(endpoints).toMatchObject([{ endpoint: receiver.url, failed: 1, failureRate: 1 }])
  expect(latestFailures).toMatchObject([{ jobId: id, responseCode: 503 }])
  expect((await client.stats({ projectId: project.id })).range.name).toBe('24h')

  const shown = await client.getRequest(id, { attempt: 1 })
  const [received] = await receiver.waitFor(1)
  expect(shown).toMatchObject({ method: 'POST', url: hook(), attempt: 1, signed: 'hidden' })
  expect(shown.body).toBe(received?.rawBody.toString())
  expect(await client.getRequest(id)).toEqual(shown)
  await expect(client.getRequest(id, { attempt: 2 })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(client.getRequest(id, { attempt: 0 })).rejects.toThrow(/^attempt: /)
})

test('the forecast counts what comes due', async () => {
  const { id } = await client.schedule({ title: 'soon', webhookUrl: hook(), fireAt: { inMs: 1_800_000 } })
  const { minutes, hours, isExact } = await client.forecast({ projectId: project.id })
  const sum = (buckets: readonly { due: number }[]): number => buckets.reduce((all, { due }) => all + due, 0)
  expect([minutes.length, hours.length, sum(minutes), sum(hours), isExact]).toEqual([60, 24, 1, 1, true])
  await client.cancel(id)
})

test("a project that is not the key's, and a wrong key, are refused with the typed error", async () => {
  const refused = { name: 'DispatchApiError', status: 404, code: 'NOT_FOUND' }
  await expect(client.events({ projectId: NO_PROJECT }).next()).rejects.toMatchObject(refused)
  await expect(client.stats({ projectId: NO_PROJECT })).rejects.toMatchObject(refused)
  await expect(client.forecast({ projectId: NO_PROJECT })).rejects.toMatchObject(refused)
  const stranger = new Dispatch({ url: server.url, apiKey: 'sk_wrong' })
  await expect(stranger.events().next()).rejects.toMatchObject({ status: 401, code: 'API_KEY_INVALID' })
})

test('events go on when the server is killed and started again, and say that some may be missed', async () => {
  const events = await openEvents()
  const next = until(events, ({ type }) => type !== 'job')
  server.signal('SIGKILL')
  await server.ended()
  server = await startServerProcess(folder, settings)
  expect(await next).toEqual({ type: 'refresh', reason: 'missed' })
  const { id } = await client.schedule({ title: 'after', webhookUrl: hook(), fireAt: { inMs: 3_600_000 } })
  await until(events, isJob(id, 'SCHEDULED'))
  await events.return()
})

test('a key that is revoked ends its events with 401', async () => {
  const keys = `${server.url}/api/v1/projects/${project.id}/api-keys`
  const headers = { authorization: `Bearer ${project.token}` }
  const { id, key } = await post<{ id: string; key: string }>(keys, { label: 'short' }, headers)
  const events = new Dispatch({ url: server.url, apiKey: key }).events()
  await events.next()
  const ended = until(events, () => false)
  const refused = expect(ended).rejects.toMatchObject({ status: 401, code: 'API_KEY_INVALID' })
  await request('DELETE', `${keys}/${id}`, { headers })
  // The server looks at the credentials of an open stream every ten to fifteen seconds.
  await refused
})
