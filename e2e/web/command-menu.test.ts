/** The command menu by keyboard and on a phone, and the code beside the form of a new job. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { post, signUp, type Project } from '../client.js'
import {
  accessibilityProblems,
  expectFocus,
  openDashboard,
  PHONE,
  saveData,
  useSession,
  type Dashboard,
  type Visitor,
} from './browser.js'
import { settle } from './scenes.js'

let dashboard: Dashboard
let project: Project
let jobId: string

beforeAll(async () => {
  dashboard = await openDashboard()
  project = await signUp(dashboard.server.url)
  const body = { title: 'Renewal of Ada', webhookUrl: 'http://127.0.0.1:9/x', fireAt: '2100-01-01T00:00:00Z' }
  jobId = (await post<{ id: string }>(`${dashboard.server.url}/api/v1/jobs`, body, { 'x-api-key': project.key })).id
})

afterAll(() => dashboard.close())

async function open(path: string, viewport?: typeof PHONE): Promise<Visitor> {
  const visitor = await dashboard.open(viewport ? { viewport } : {})
  await useSession(visitor.page, project.token)
  await visitor.page.goto(path)
  await visitor.page.locator('h1').first().waitFor()
  // A key that comes before the frame listens is lost.
  await settle(visitor.page)
  return visitor
}

const field = (page: Page) => page.getByRole('combobox', { name: 'Command, project or job' })

test('opens by key, leads to a page, a project and a job, and gives the focus back', async () => {
  const { page, complaints } = await open('/projects')
  const link = page.getByRole('link', { name: 'Jobs', exact: true }).first()
  await link.focus()
  await page.keyboard.press('Control+k')
  await field(page).waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.keyboard.press('Escape')
  await field(page).waitFor({ state: 'detached' })
  await expectFocus(link)

  await page.keyboard.press('Meta+k')
  await field(page).fill('setti')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Settings', exact: true }).waitFor()

  await page.keyboard.press('Control+k')
  await field(page).fill('produc')
  await page.getByRole('option', { name: 'production' }).click()
  await page.waitForURL(`**/projects/${project.id}`)

  for (const text of [jobId.slice(0, 8), 'renewal']) {
    await page.keyboard.press('Control+k')
    await field(page).fill(text)
    await page.getByRole('option', { name: 'Renewal of Ada' }).waitFor()
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/jobs/${jobId}`)
    await field(page).waitFor({ state: 'detached' })
  }
  expect(complaints()).toEqual([])
})

test('one request for a text, after a pause; arrows walk around; what is not there is said', async () => {
  const { page, complaints } = await open('/settings')
  const asked: string[] = []
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.pathname === '/api/v1/jobs') asked.push(url.searchParams.get('q') ?? '')
  })
  await page.keyboard.press('Control+k')
  await page.getByRole('option', { name: 'production' }).waitFor()
  await expectFocus(field(page))
  await page.keyboard.press('ArrowUp')
  await page.getByRole('option', { name: 'production', selected: true }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.getByRole('option', { name: 'New job', selected: true }).waitFor()
  // By the page's own timers: keys from here may come further apart than the pause is long.
  await field(page).evaluate(async (input: HTMLInputElement) => {
    const keys = ['z', 'zz', 'zzz', 'zzzz'].map(async (text, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 20))
      // React does not hear of what is set at the element itself.
      Reflect.set(HTMLInputElement.prototype, 'value', text, input)
      input.dispatchEvent(new Event('input', { bubbles: true }))
    })
    await Promise.all(keys)
  })
  await page.getByText('Nothing is called so.').waitFor()
  expect(asked).toEqual(['zzzz'])
  expect(complaints()).toEqual([])
})

test('while the API is slow the old request is cancelled; when it fails, that is said and pages are still found', async () => {
  const { page, complaints, expects } = await open('/settings')
  expects(/status of 500|ERR_FAILED/)
  await page.route('**/api/v1/jobs?*', async (route) => {
    const q = new URL(route.request().url()).searchParams.get('q')
    if (q === 'slow') return
    if (q === 'renewal') await route.continue()
    else await route.abort()
  })
  await page.keyboard.press('Control+k')
  const slow = page.waitForRequest(/q=slow/)
  await field(page).fill('slow')
  const request = await slow
  await page.getByText('Looking for jobs…').waitFor()
  const cancelled = page.waitForEvent('requestfailed', (failed) => failed === request)
  await field(page).fill('renewal')
  expect((await cancelled).failure()?.errorText).toBe('net::ERR_ABORTED')
  await page.getByRole('option', { name: 'Renewal of Ada' }).waitFor()

  await field(page).fill('settin')
  await page.getByText('Jobs could not be looked for.').waitFor()
  await page.getByRole('option', { name: 'Settings', selected: true }).waitFor()
  const refused = page.waitForEvent('requestfailed', (failed) => failed.url().includes('q=nowhere'))
  await field(page).fill('nowhere')
  await refused
  await page.getByText('Jobs could not be looked for.').waitFor()
  expect(await page.getByText('Nothing is called so.').count()).toBe(0)
  expect(complaints()).toEqual([])
})

test('the code stands in its place as soon as the form does, which does not grow', async () => {
  const visitor = await dashboard.open()
  await useSession(visitor.page, project.token)
  // Code that is fetched before would be there in time by chance.
  await saveData(visitor.page)
  await visitor.page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      const first = document.querySelector('textarea[name=payload]')?.closest('form')
      if (!first) return
      observer.disconnect()
      document.documentElement.dataset['firstForm'] = first.textContent
    }).observe(document, { childList: true, subtree: true })
  })
  await visitor.page.goto('/jobs/new')
  await visitor.page.getByRole('region', { name: 'The same as code' }).waitFor()
  expect(await visitor.page.evaluate(() => document.documentElement.dataset['firstForm'])).toContain('The same as code')
  expect(visitor.complaints()).toEqual([])
})

test('the form of a new job shows itself as code, in the language chosen last', async () => {
  const { page, complaints } = await open('/jobs/new')
  await page.getByLabel('Title').fill(`It's "so"`)
  await page.getByLabel('Webhook URL').fill('https://example.com/hook')
  await page.getByLabel('Payload').fill('{"n": 12345678901234567890}')
  const code = page.getByLabel('code', { exact: true })
  await page.getByRole('region', { name: 'The same as code' }).waitFor()
  const expectCode = (text: string) => expect.poll(() => code.textContent()).toContain(text)
  await expectCode(`'{"title":"It'\\''s \\"so\\"","webhookUrl":"https://example.com/hook"`)
  await expectCode('"payload":{"n": 12345678901234567890}')
  await page.getByText('Python', { exact: true }).click()
  await expectCode('os.environ["DISPATCH_API_KEY"]')
  await page.reload()
  await page.getByText('import json, os').waitFor()
  expect(await page.evaluate(() => localStorage.getItem('dispatch.code-language'))).toBe('python')
  expect(await accessibilityProblems(page)).toEqual([])
  expect(complaints()).toEqual([])
})

// The last one: it ends the session.
test('on a phone by its button: theme, new job, sign-out', async () => {
  const { page, complaints } = await open('/', PHONE)
  await page.getByRole('button', { name: 'Command menu' }).click()
  await page.getByRole('option', { name: 'Theme: light' }).click()
  await page.waitForFunction(() => document.documentElement.dataset['theme'] === 'light')
  await page.getByRole('button', { name: 'Command menu' }).click()
  await field(page).fill('new job')
  await page.getByRole('option', { name: 'New job' }).click()
  await page.waitForURL('**/jobs/new')
  await page.getByRole('button', { name: 'Command menu' }).click()
  await field(page).fill('sign out')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect(complaints()).toEqual([])
})
