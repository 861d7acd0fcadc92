/** The dashboard by itself, built for an API on another origin: CORS, the content security policy, and live events. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser } from 'playwright-core'
import { freePort } from '../../dispatch-backend/src/testing/server-process.js'
import { ROOT } from '../../scripts/ensure.mjs'
import { makeFolder, removeFolder, startServerProcess, type ServerProcess } from '../server-process.js'
import { buildDashboard, launchChromium, openVisitor } from './browser.js'

const WEB = join(ROOT, 'dispatch-web')
const { PATH = '' } = process.env

let folder: string
let webUrl: string
let server: ServerProcess
let web: ChildProcess
let browser: Browser

beforeAll(async () => {
  // The contract's compiled form, and the API.
  await buildDashboard()
  folder = await makeFolder()
  const [apiPort, webPort] = [String(await freePort()), String(await freePort())]
  const outDir = join(folder, 'dashboard')
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js')
  const build = spawn(process.execPath, [vite, 'build', '--outDir', outDir, '--logLevel', 'warn'], {
    cwd: WEB,
    env: { PATH, NEXT_PUBLIC_API_URL: `http://localhost:${apiPort}` },
    stdio: 'inherit',
  })
  expect(await once(build, 'exit')).toEqual([0, null])

  web = spawn(process.execPath, [join(WEB, 'serve.mjs'), outDir], {
    env: { PATH, PORT: webPort },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: web.stdout! })) {
    webUrl = /listens on (\S+)/.exec(line)?.[1] ?? ''
    break
  }
  // In production only the listed origins may call.
  const settings = { PORT: apiPort, STATIC_DIR: '', CORS_ORIGINS: webUrl, NODE_ENV: 'production' }
  server = await startServerProcess(folder, settings)
  browser = await launchChromium()
})

afterAll(async () => {
  await browser.close()
  web.kill('SIGTERM')
  await once(web, 'exit')
  server.signal('SIGTERM')
  await server.ended()
  await removeFolder(folder)
})

test('from the first account to a project, over two origins', async () => {
  expect(webUrl).not.toBe(server.url)
  expect((await fetch(server.url)).status).toBe(404)
  expect(server.output()).toContain('make it with POST')
  const { page, complaints, expects } = await openVisitor(browser, { baseURL: webUrl, reducedMotion: 'reduce' })
  const isStream = (url: string): boolean => url === `${server.url}/api/v1/events`
  const stream = page.waitForResponse((answer) => isStream(answer.url()) && answer.request().method() === 'GET')
  await page.goto('/projects')
  await page.waitForURL(/\/welcome/)
  await page.getByLabel('Email').fill('owner@example.com')
  await page.getByLabel('Password', { exact: true }).fill('long enough')
  await page.keyboard.press('Enter')
  expect((await stream).status()).toBe(200)
  await page.getByRole('link', { name: 'Projects', exact: true }).first().click()
  await page.getByRole('button', { name: 'New project' }).first().click()
  await page.getByLabel('Name').fill('production')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'production' }).waitFor()

  expects(/status of 401/)
  // The clock of the frame goes by this header; what the API refuses shows its stable code.
  const seen = await page.evaluate(async (url) => {
    const { headers } = await fetch(`${url}/api/v1/me`)
    return [headers.get('date'), headers.get('x-error-code')]
  }, server.url)
  expect(seen).toEqual([expect.stringMatching(/GMT$/), expect.any(String)])
  expect(complaints()).toEqual([])
})
