/** The session ends, the server goes away: nothing is lost, and one goes on where one was. */
import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../dispatch-backend/src/testing/server-process.js'
import { post, request, signUp, type Project } from '../client.js'
import { makeFolder, startServerProcess, type ServerProcess } from '../server-process.js'
import { launchChromium, openDashboard, openVisitor, useSession, type Dashboard, type Visitor } from './browser.js'

let dashboard: Dashboard
let project: Project

beforeAll(async () => {
  dashboard = await openDashboard()
  project = await signUp(dashboard.server.url, 'ada@example.com')
})

afterAll(() => dashboard.close())

async function signIn({ page }: Visitor): Promise<void> {
  await page.getByLabel('Email').fill('ada@example.com')
  await page.getByLabel('Password', { exact: true }).fill('long enough')
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test('wrong credentials are said in the form; the right ones lead to where one wanted to go', async () => {
  const visitor = await dashboard.open()
  visitor.expects(/status of 401/)
  const { page } = visitor
  await page.goto(`/projects/${project.id}`)
  await page.waitForURL(/\/sign-in\?from=/)
  await page.getByLabel('Email').fill('ada@example.com')
  await page.getByLabel('Password', { exact: true }).fill('wrong password')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.getByRole('alert').textContent()).toBe('Invalid email or password')
  await signIn(visitor)
  await page.getByRole('heading', { name: 'production' }).waitFor()
  expect(new URL(page.url()).pathname).toBe(`/projects/${project.id}`)
  expect(visitor.complaints()).toEqual([])
  await page.context().close()
})

test('a session that was ended elsewhere leads to the sign-in, and back', async () => {
  const visitor = await dashboard.open()
  visitor.expects(/status of 40[14]/)
  const { page } = visitor
  // Live events would find out by themselves after some seconds, and leave before the click.
  await page.route('**/api/v1/events', (route) => route.fulfill({ status: 404 }))
  await page.goto('/projects')
  await signIn(visitor)
  await page.getByRole('link', { name: 'production' }).waitFor()
  const ended = await request('DELETE', `${dashboard.server.url}/api/v1/me/sessions`, {
    headers: { authorization: `Bearer ${project.token}` },
  })
  expect(ended.status).toBe(200)
  await page.getByRole('link', { name: 'Settings', exact: true }).first().click()
  await page.getByText('Your session is over').waitFor()
  await signIn(visitor)
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  expect(visitor.complaints()).toEqual([])
  await page.context().close()
})

test('what another tab does to the session shows in this one: another account, then none', async () => {
  const visitor = await dashboard.open()
  const { page } = visitor
  await page.goto('/projects')
  await signIn(visitor)
  await page.getByRole('link', { name: 'production' }).waitFor()
  const other = await page.context().newPage()
  await other.goto('/docs/using')
  const account = { email: 'grace@example.com', password: 'long enough' }
  const { token } = await post<{ token: string }>(`${dashboard.server.url}/api/v1/auth/register`, account)
  await other.evaluate((value) => localStorage.setItem('dispatch.token', value), token)
  await page.getByRole('link', { name: 'production' }).waitFor({ state: 'detached' })
  await other.evaluate(() => localStorage.removeItem('dispatch.token'))
  await page.waitForURL('**/sign-in?from=%2Fprojects')
  // Signed in there, one is signed in here.
  await other.evaluate((value) => localStorage.setItem('dispatch.token', value), token)
  await page.getByRole('heading', { name: 'Projects', exact: true }).waitFor()
  expect(visitor.complaints()).toEqual([])
  await page.context().close()
})

test('an address of another site is nowhere to go on to', async () => {
  const visitor = await dashboard.open()
  const { page } = visitor
  await page.goto('/sign-in?from=%2F%2Fevil.example.com%2F')
  await signIn(visitor)
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  expect(new URL(page.url()).origin).toBe(dashboard.server.url)
  await page.context().close()
})

test('while the server is away a banner says so, and goes by itself when it is back', async () => {
  const folder = await makeFolder()
  const port = String(await freePort())
  const browser = await launchChromium()
  let server: ServerProcess = await startServerProcess(folder, { PORT: port })
  const { token } = await signUp(server.url, 'ada@example.com')
  const visitor = await openVisitor(browser, { baseURL: server.url })
  visitor.expects(
    /ERR_CONNECTION_|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|ERR_NETWORK|network error|dynamically imported module/,
  )
  const { page } = visitor
  await useSession(page, token)
  await page.goto('/projects')
  await page.getByRole('link', { name: 'production' }).waitFor()

  server.signal('SIGKILL')
  await server.ended()
  const banner = page.getByText('Dispatch cannot be reached.', { exact: true })
  await banner.waitFor()

  server = await startServerProcess(folder, { PORT: port })
  await post(`${server.url}/api/v1/projects`, { name: 'made meanwhile' }, { authorization: `Bearer ${token}` })
  await banner.waitFor({ state: 'hidden' })
  await page.getByRole('link', { name: 'made meanwhile' }).waitFor()
  expect(visitor.complaints()).toEqual([])

  await browser.close()
  server.signal('SIGTERM')
  await server.ended()
  await rm(folder, { recursive: true })
})
