/** The code of pages that were never opened, while the server is away: they open all the same, or say why they cannot. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { freePort } from '../../dispatch-backend/src/testing/server-process.js'
import { signUp } from '../client.js'
import { makeFolder, removeFolder, startServerProcess, type ServerProcess } from '../server-process.js'
import {
  accessibilityProblems,
  buildDashboard,
  launchChromium,
  openVisitor,
  saveData,
  useSession,
  type Visitor,
} from './browser.js'

/** Of requests to a server that is away, and of React about the page that could not be loaded. */
const AWAY =
  /ERR_CONNECTION_|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|ERR_NETWORK|dynamically imported module|CodeUnreachableError/

let folder: string
let port: string
let server: ServerProcess
let browser: Browser
let token: string

beforeAll(async () => {
  await buildDashboard()
  folder = await makeFolder()
  port = String(await freePort())
  server = await startServerProcess(folder, { PORT: port })
  token = (await signUp(server.url)).token
  browser = await launchChromium()
})

afterAll(async () => {
  await browser.close()
  await stop()
  await removeFolder(folder)
})

async function stop(): Promise<void> {
  server.signal('SIGKILL')
  await server.ended()
}

async function openProjects(prepare?: (page: Page) => Promise<unknown>): Promise<Visitor> {
  const visitor = await openVisitor(browser, { baseURL: server.url })
  visitor.expects(AWAY)
  await useSession(visitor.page, token)
  await prepare?.(visitor.page)
  await visitor.page.goto('/projects')
  await visitor.page.getByRole('link', { name: 'production' }).waitFor()
  return visitor
}

function openSettings(page: Page): Promise<void> {
  return page.getByRole('link', { name: 'Settings', exact: true }).first().click()
}

test('a page whose code was fetched in idle time opens while the server is away', async () => {
  const { page, complaints } = await openProjects()
  // With all that it imports, which is asked for at the same moment.
  await page.waitForFunction(() => {
    const fetched = performance.getEntriesByType('resource').map(({ name }) => name)
    const links = [...document.querySelectorAll<HTMLLinkElement>('link[rel=modulepreload], link[rel=stylesheet]')]
    return (
      fetched.some((name) => /\/settings-[^/]*\.js$/.test(name)) && links.every(({ href }) => fetched.includes(href))
    )
  })
  await stop()
  await openSettings(page)
  await page.getByRole('heading', { name: 'Settings', exact: true }).waitFor()
  await page.getByText('Dispatch cannot be reached.', { exact: true }).waitFor()
  expect(complaints()).toEqual([])
  await page.context().close()
  server = await startServerProcess(folder, { PORT: port })
})

test('one whose code is missing says so, offers another try, and opens by itself when the server is back', async () => {
  const { page, complaints } = await openProjects(saveData)
  await stop()
  await openSettings(page)
  await page.getByRole('heading', { name: 'This page could not be loaded' }).waitFor()
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('Still no answer').waitFor()
  expect(new URL(page.url()).pathname).toBe('/settings')
  expect(await accessibilityProblems(page)).toEqual([])

  server = await startServerProcess(folder, { PORT: port })
  await page.getByRole('heading', { name: 'Settings', exact: true }).waitFor()
  await page.getByLabel('Theme').waitFor()
  expect(complaints()).toEqual([])
  await page.context().close()
})
