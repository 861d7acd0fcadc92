/** What the build leaves: how much a first visit loads, and the same answers from both servers of the dashboard. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Request } from 'playwright-core'
import { ROOT } from '../../scripts/ensure.mjs'
import { signUp } from '../client.js'
import { openDashboard, saveData, useSession, type Dashboard } from './browser.js'

/** Compressed script until the first page stands. Charts, menus, dialogs and toasts come after it, when they are needed. */
const FIRST_LOAD_BYTES = 190_000
const ON_DEMAND = /\/assets\/plot-/
/** So long without a new script, and the first load is over. */
const SETTLED_MS = 1000

let dashboard: Dashboard
let alone: ChildProcess
let aloneUrl: string

beforeAll(async () => {
  dashboard = await openDashboard()
  alone = spawn(process.execPath, [join(ROOT, 'dispatch-web', 'serve.mjs')], {
    env: { PATH: process.env['PATH'] ?? '', PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: alone.stdout! })) {
    aloneUrl = /listens on (\S+)/.exec(line)?.[1] ?? ''
    break
  }
})

afterAll(async () => {
  alone.kill('SIGTERM')
  await once(alone, 'exit')
  await dashboard.close()
})

test('the first page loads less than 190 kB of compressed script', async () => {
  const { token } = await signUp(dashboard.server.url)
  const { page, complaints } = await dashboard.open()
  await useSession(page, token)
  // The others follow in idle time; they are not part of it.
  await saveData(page)
  const isOfFirstLoad = (request: Request): boolean =>
    request.resourceType() === 'script' && !ON_DEMAND.test(request.url())
  let asked = 0
  const scripts: Promise<number>[] = []
  page.on('request', (request) => void (asked += Number(isOfFirstLoad(request))))
  page.on('requestfinished', (request) => {
    if (isOfFirstLoad(request)) scripts.push(request.sizes().then(({ responseBodySize }) => responseBodySize))
  })
  await page.goto('/')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await page.getByRole('heading', { name: 'First steps' }).waitFor()
  // It is told of them a little later than the page has them: all that were asked for have come, and no more follow.
  let before: number
  do {
    before = asked
    await pause(SETTLED_MS)
  } while (asked !== before || scripts.length !== asked)
  expect(asked).toBeGreaterThan(2)
  const sizes = await Promise.all(scripts)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  console.log(`first load: ${total} bytes of compressed script in ${sizes.length} files`)
  expect(total).toBeLessThan(FIRST_LOAD_BYTES)
  expect(complaints()).toEqual([])
})

const HEADERS = ['content-security-policy', 'cache-control', 'referrer-policy', 'x-content-type-options', 'vary']

test('the server of its own answers as the API does', async () => {
  const html = await (await fetch(`${dashboard.server.url}/`)).text()
  const [script = ''] = /\/assets\/[^"]+\.js/.exec(html) ?? []
  for (const path of ['/', '/jobs', '/projects/0199', script, '/theme.js', '/icon.svg']) {
    const answers = await Promise.all([dashboard.server.url, aloneUrl].map((url) => fetch(url + path)))
    const [served, own] = await Promise.all(
      answers.map(async (answer) => ({
        status: answer.status,
        type: answer.headers.get('content-type')?.replace('application/javascript', 'text/javascript'),
        encoding: answer.headers.get('content-encoding'),
        headers: HEADERS.map((name) => [name, answer.headers.get(name)]),
        body: await answer.text(),
      })),
    )
    expect(own).toEqual(served)
    expect(own?.status).toBe(200)
  }
  for (const path of [
    '/assets/gone.js',
    '/.build.json',
    '/api/v1/jobs',
    '/%2e%2e%2fserve.mjs',
    '/assets/..%2f..%2fserve.mjs',
  ]) {
    expect([path, (await fetch(aloneUrl + path)).status]).toEqual([path, 404])
  }
  const head = await fetch(`${aloneUrl}/jobs`, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
  expect((await fetch(aloneUrl, { method: 'POST' })).status).toBe(405)
})
