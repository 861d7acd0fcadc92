/** A project's secret, name and end; the keyboard alone; a phone's width. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { post, request, signUp, type Project } from '../client.js'
import {
  accessibilityProblems,
  expectBriefly,
  expectFocus,
  openDashboard,
  PHONE,
  useSession,
  whatIsTooWide,
  whatStays,
  type Dashboard,
} from './browser.js'
import { settle } from './scenes.js'

let dashboard: Dashboard
let project: Project

beforeAll(async () => {
  dashboard = await openDashboard()
  project = await signUp(dashboard.server.url)
})

afterAll(() => dashboard.close())

test('the signing secret is revealed, copied and rotated; the project is renamed and deleted', async () => {
  const { page, complaints } = await dashboard.open({
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  await useSession(page, project.token)
  const secretRequests: string[] = []
  page.on('request', (sent) => sent.url().includes('signing-secret') && secretRequests.push(sent.method()))
  await page.goto(`/projects/${project.id}`)
  await page.getByRole('button', { name: 'Reveal' }).waitFor()
  expect(secretRequests).toEqual([])
  await page.getByRole('button', { name: 'Reveal' }).click()
  const secret = page.getByLabel('signing secret', { exact: true })
  const first = (await secret.textContent()) ?? ''
  expect(first).toMatch(/^whsec_/)
  await expectBriefly(page, 'Copied', () => page.getByRole('button', { name: 'Copy signing secret' }).click())
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(first)

  await page.getByRole('button', { name: 'Rotate' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('The old one signs along for').click()
  await page.getByRole('option', { name: '1 hour' }).click()
  expect(await accessibilityProblems(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Rotate' }).click()
  await page.getByText('still signs along').waitFor()
  await expect.poll(() => secret.textContent()).not.toBe(first)
  const headers = { authorization: `Bearer ${project.token}` }
  const path = `${dashboard.server.url}/api/v1/projects/${project.id}`
  const { data } = await request<{ secret: string; previous: object[] }>('GET', `${path}/signing-secret`, { headers })
  expect([data.secret, data.previous.length]).toEqual([await secret.textContent(), 1])

  await page.getByLabel('Project name').fill('billing')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'billing', exact: true }).waitFor()
  expect(await accessibilityProblems(page)).toEqual([])

  await page.getByRole('button', { name: 'Delete project' }).click()
  const confirm = dialog.getByRole('button', { name: 'Delete project' })
  await dialog.getByRole('textbox').fill('production')
  await expect.poll(() => confirm.isDisabled()).toBe(true)
  await dialog.getByRole('textbox').fill('billing')
  expect(await accessibilityProblems(page)).toEqual([])
  await expectBriefly(page, 'Project deleted', () => confirm.click())
  await page.waitForURL('**/projects')
  expect((await request('GET', path, { headers })).status).toBe(404)
  expect(complaints()).toEqual([])
  await page.context().close()
})

/** Tab until what has the focus is called so, as somebody without a pointer does. */
async function tabTo(page: Page, name: string): Promise<void> {
  // What comes between two steps would be stepped over.
  await settle(page)
  const names: string[] = []
  while (names.length < 40) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement
      const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : undefined
      return label ?? element.getAttribute('aria-label') ?? element.textContent
    })
    if (focused.trim() === name) return
    names.push(focused)
  }
  throw new Error(`Tab does not lead to ${name}, but to ${names.join(', ')}`)
}

test('by keyboard alone: sign in, make a project, make a key, sign out', async () => {
  const { page, complaints } = await dashboard.open({ reducedMotion: 'reduce' })
  await page.goto('/sign-in')
  // The first field has the focus.
  await expectFocus(page.getByLabel('Email'))
  await page.keyboard.type('owner@example.com')
  await page.keyboard.press('Tab')
  await page.keyboard.type('long enough')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()

  await tabTo(page, 'Skip to content')
  await tabTo(page, 'Projects')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Projects', exact: true }).waitFor()
  await tabTo(page, 'New project')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('New project')
  await page.keyboard.press('Enter')
  await expectFocus(page.getByRole('dialog').getByLabel('Name'))
  await page.keyboard.type('by keyboard')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'by keyboard' }).waitFor()

  await tabTo(page, 'New key')
  await page.keyboard.press('Enter')
  await expectFocus(page.getByRole('dialog').getByLabel('Label'))
  await page.keyboard.type('server')
  await page.keyboard.press('Enter')
  await page.getByLabel('API key', { exact: true }).waitFor()
  await tabTo(page, 'Done')
  await page.keyboard.press('Enter')
  await page.getByRole('cell', { name: 'server', exact: true }).waitFor()

  await page.getByRole('navigation').getByRole('link', { name: 'Settings' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
  await tabTo(page, 'Sign out')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect(complaints()).toEqual([])
  await page.context().close()
})

/** To whoever comes. */
const OPEN_PAGES = [
  ...['/sign-in', '/sign-up', '/verify-email?email=ada@example.com', '/forgot-password'],
  ...['/reset-password?token=abc', '/reset-password', '/nowhere'],
]

test('on a phone no page is wider than the screen, whatever its names are', async () => {
  const long = 'Unbreakable'.repeat(9)
  const headers = { authorization: `Bearer ${project.token}` }
  const api = `${dashboard.server.url}/api/v1`
  await request('PUT', `${api}/me/profile`, { headers, body: { name: long } })
  const { id } = await post<{ id: string }>(`${api}/projects`, { name: long.slice(0, 100) }, headers)
  const { key } = await post<{ key: string }>(`${api}/projects/${id}/api-keys`, { label: long.slice(0, 99) }, headers)
  const fireAt = new Date(Date.now() + 86_400_000).toISOString()
  const webhookUrl = `https://${'sub.'.repeat(20)}example.com/${long}`
  const job = { title: long, webhookUrl, fireAt, payload: { [long]: long } }
  const made = await post<{ id: string }>(`${api}/jobs`, job, { 'x-api-key': key })

  const { page, complaints } = await dashboard.open({ viewport: PHONE, reducedMotion: 'reduce' })
  const visit = async (path: string): Promise<void> => {
    await page.goto(path)
    await page.locator('h1').first().waitFor()
    await settle(page)
    expect([path, await whatStays(() => whatIsTooWide(page))]).toEqual([path, []])
  }
  for (const path of OPEN_PAGES) {
    await visit(path)
    expect([path, await accessibilityProblems(page)]).toEqual([path, []])
  }
  await useSession(page, project.token)
  const pages = ['/', '/jobs', '/jobs/new', `/jobs/${made.id}`, '/projects', `/projects/${id}`, '/settings', '/nowhere']
  for (const path of pages) await visit(path)
  expect(complaints()).toEqual([])
  await page.context().close()
})
