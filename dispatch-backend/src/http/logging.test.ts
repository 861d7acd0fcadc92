/** What requests leave in the log: one line with their id each, and nothing that was secret in them. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { systemClock } from '../clock.js'
import { createLog, logEvents } from '../log.js'
import { DatabaseAwayError } from '../store/store.js'
import type { RouteName } from './openapi/document.js'
import { makeWorld, SUCCESSES, type World } from './openapi/testing/successes.js'
import type { Answer, Call, TestApi } from './testing/test-api.js'

let world: World & { close(): Promise<void> }
const lines: string[] = []
beforeAll(async () => {
  world = await makeWorld()
  const log = createLog({ level: 'DEBUG', clock: systemClock, write: (line) => lines.push(line), pretty: false })
  for (const api of [world.api, world.mailed]) logEvents(api.events, log)
})
afterAll(() => world.close())

const TELLTALE = 'telltale7Zq'

function linesOf(answer: Answer): Record<string, unknown>[] {
  const id = answer.headers['x-request-id']
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line['requestId'] === id)
}

/** The call with something secret wherever it takes something, in turn. */
function variantsOf(call: Call): Call[] {
  const { method = 'GET', path, body, ...credentials } = call
  const secretBody = Object.fromEntries(Object.keys(body ?? { none: 0 }).map((name) => [name, TELLTALE]))
  return [
    { method, path, ...credentials, body: secretBody },
    { method, path, ...credentials, body: `{"password":"${TELLTALE}` },
    { method, path: `${path}?token=${TELLTALE}&status=${TELLTALE}`, ...credentials, body },
    { method, path: `${path}/${TELLTALE}`, ...credentials, body },
    { method, path: path.replace(/[0-9a-f-]{36}/, TELLTALE), ...credentials, body },
    { method, path, key: `sk_${TELLTALE}`, body },
    { method, path, token: `${TELLTALE}.${TELLTALE}.${TELLTALE}`, body },
    { method, path, headers: secretHeaders(), body },
    { method: 'PATCH', path, headers: secretHeaders(), body: secretBody },
  ]
}

function secretHeaders(): Record<string, string> {
  const names = [
    'cookie',
    'x-setup-token',
    'idempotency-key',
    'referer',
    'user-agent',
    'x-forwarded-for',
    'x-request-id ',
  ]
  return Object.fromEntries(names.map((name) => [name.trim(), `${TELLTALE} ${name}`]))
}

/** Fails as a driver does: with the statement and its values hanging on the error. */
function failOnce(api: TestApi): void {
  const values = { sql: `select '${TELLTALE}'`, parameters: [TELLTALE], detail: `Key (email)=(${TELLTALE})` }
  for (const verb of ['findSession', 'findApiKey', 'findUserByEmail', 'createUser'] as const) {
    vi.spyOn(api.store, verb).mockRejectedValueOnce(Object.assign(new Error('duplicate key'), values))
  }
}

test('no secret, key, token, payload or body comes into the log, whatever the route', async () => {
  for (const makeCall of Object.values(SUCCESSES)) {
    const { withMail = false, ...call } = await makeCall(world)
    const api = withMail ? world.mailed : world.api
    for (const variant of variantsOf(call)) await api.call(variant)
    failOnce(api)
    await api.call(call)
    vi.restoreAllMocks()
    const answer = await api.call(call)
    const shown: unknown = answer.json?.data
    // What only this answer holds: a new key, a signing secret, a session token.
    for (const secret of JSON.stringify(shown ?? null).match(/"(sk_|whsec_|eyJ)[^"]+/g) ?? []) {
      expect(lines.join('')).not.toContain(secret.slice(8))
    }
  }
  const text = lines.join('')
  expect(lines.length).toBeGreaterThan(300)
  expect(text).not.toContain(TELLTALE)
  const { account, project } = world
  for (const secret of [account.password, account.token.split('.')[2]!, project.key.slice(3)]) {
    expect(text).not.toContain(secret)
  }
})

test('each answer has its line, with the id that it carries', async () => {
  const call = SUCCESSES['GET /api/v1/projects' satisfies RouteName](world) as Call
  const good = await world.api.call(call)
  const fields = { method: 'GET', route: '/api/v1/projects', durationMs: expect.any(Number), msg: 'answered' }
  expect(linesOf(good)).toMatchObject([{ level: 'INFO', status: 200, ...fields }])
  const unknown = await world.api.call({ path: '/nothing', headers: { 'x-request-id': 'mine-1' } })
  expect(linesOf(unknown)).toMatchObject([{ level: 'INFO', requestId: 'mine-1', status: 404, route: 'unknown' }])
  const undecodable = await world.api.call({ path: '/jobs/%ff%' })
  expect(linesOf(undecodable)).toMatchObject([{ level: 'INFO', status: 400, route: 'unknown' }])

  vi.spyOn(world.api.store, 'listProjects').mockRejectedValueOnce(new DatabaseAwayError('refused'))
  expect(linesOf(await world.api.call(call))).toMatchObject([{ level: 'WARNING', status: 503, ...fields }])

  vi.spyOn(world.api.store, 'listProjects').mockRejectedValueOnce(new Error('bug'))
  const bug = await world.api.call(call)
  expect(bug.json.message).toContain(bug.headers['x-request-id'])
  expect(linesOf(bug)).toMatchObject([
    { level: 'ERROR', where: 'GET /api/v1/projects', error: { message: 'bug' } },
    { level: 'ERROR', status: 500, ...fields },
  ])
})

test('an id that could mislead who reads the log is replaced', async () => {
  for (const given of ['a b', 'x'.repeat(65), 'x"}', '']) {
    const answer = await world.api.call({ path: '/healthcheck', headers: { 'x-request-id': given } })
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  }
})
