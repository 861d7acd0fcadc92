/** One's own account without mail: theme, zone, password, sessions, and leaving. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { post, request, signUp } from '../client.js'
import { accessibilityProblems, expectBriefly, openDashboard, type Dashboard, type Visitor } from './browser.js'

const EMAIL = 'ada@example.com'

let dashboard: Dashboard
let visitor: Visitor
let page: Page

beforeAll(async () => {
  dashboard = await openDashboard()
  visitor = await dashboard.open({ colorScheme: 'dark', timezoneId: 'Asia/Tokyo', reducedMotion: 'reduce' })
  page = visitor.page
  const { token } = await signUp(dashboard.server.url, EMAIL)
  await page.goto('/sign-in')
  // Once: an init script would come again after the account is gone.
  await page.evaluate((value) => localStorage.setItem('dispatch.token', value), token)
  await page.goto('/settings')
})

afterAll(() => dashboard.close())

async function expectSound(): Promise<void> {
  expect(await accessibilityProblems(page)).toEqual([])
  expect(visitor.complaints()).toEqual([])
}

async function choose(label: string, option: string | RegExp): Promise<void> {
  await page.getByLabel(label).click()
  await page.getByRole('option', { name: option }).click()
}

function expectTheme(name: string): Promise<void> {
  return expect.poll(() => page.evaluate(() => document.documentElement.dataset['theme'])).toBe(name)
}

test('theme and zone are as chosen, at once and after a reload', async () => {
  await expectTheme('dark')
  await choose('Theme', 'Light')
  await choose('Times in', /Asia\/Tokyo/)
  await expectTheme('light')
  await page.reload()
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  await expectTheme('light')
  await expect.poll(() => page.getByLabel('Theme').textContent()).toBe('Light')
  await page.getByLabel('Times in').filter({ hasText: 'Asia/Tokyo' }).waitFor()
  await choose('Theme', 'Same as the system')
  await expectTheme('dark')
  await expectSound()
})

test('sessions are listed and ended; a changed password ends the others', async () => {
  const api = `${dashboard.server.url}/api/v1`
  const credentials = { email: EMAIL, password: 'long enough' }
  const login = async (): Promise<Record<string, string>> => {
    const { token } = await post<{ token: string }>(`${api}/auth/login`, credentials)
    return { authorization: `Bearer ${token}` }
  }
  const statusOf = async (headers: Record<string, string>): Promise<number> =>
    (await request('GET', `${api}/me`, { headers })).status
  const [first, second] = [await login(), await login()]

  await page.reload()
  const rows = page.getByRole('table', { name: 'Sessions' }).getByRole('row')
  await expect.poll(() => rows.count()).toBe(4)
  await page.getByRole('button', { name: 'End', exact: true }).first().click()
  await expect.poll(() => rows.count()).toBe(3)
  expect([await statusOf(first), await statusOf(second)].toSorted()).toEqual([200, 401])

  await page.getByLabel('Current password').fill('wrong password')
  await page.getByLabel('New password').fill('another password')
  visitor.expects(/status of 401/)
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.getByText('The current password is not right').waitFor()
  await page.getByLabel('Current password').fill('long enough')
  await expectBriefly(page, 'Password changed', () => page.getByRole('button', { name: 'Change password' }).click())
  await expect.poll(() => rows.count()).toBe(2)
  expect([await statusOf(first), await statusOf(second)]).toEqual([401, 401])
  await expectSound()
})

test('an account is deleted with its password; the install is empty again', async () => {
  await page.getByRole('button', { name: 'Delete account' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Your password').fill('wrong password')
  await dialog.getByRole('button', { name: 'Delete account' }).click()
  await dialog.getByText('The current password is not right').waitFor()
  await expectSound()
  await dialog.getByLabel('Your password').fill('another password')
  await dialog.getByRole('button', { name: 'Delete account' }).click()
  await page.getByRole('heading', { name: 'Welcome to Dispatch' }).waitFor()
  expect(await page.evaluate(() => localStorage.getItem('dispatch.token'))).toBeNull()
  expect(visitor.complaints()).toEqual([])
})

test('from elsewhere, the first account takes the set-up token that was printed', async () => {
  // As a proxy passes a stranger on. The token of the start is void: its owner has left.
  const stranger = await dashboard.open({ extraHTTPHeaders: { 'x-forwarded-for': '203.0.113.7' } })
  stranger.expects(/status of 403/)
  await stranger.page.goto('/')
  await stranger.page.getByLabel('Set-up token').fill('0123456789abcdef')
  await stranger.page.getByLabel('Email').fill('grace@example.com')
  await stranger.page.getByLabel('Password', { exact: true }).fill('long enough')
  expect(await accessibilityProblems(stranger.page)).toEqual([])
  await stranger.page.keyboard.press('Enter')
  await stranger.page.getByRole('alert').filter({ hasText: /token/i }).waitFor()
  const printed = (): RegExpExecArray[] => [...dashboard.server.output().matchAll(/set-up token: (\w+)/g)]
  await expect.poll(() => printed().length).toBe(2)
  await stranger.page.getByLabel('Set-up token').fill(printed().at(-1)?.[1] ?? '')
  await stranger.page.keyboard.press('Enter')
  await stranger.page.getByRole('heading', { name: 'Overview' }).waitFor()
  expect(stranger.complaints()).toEqual([])
})
