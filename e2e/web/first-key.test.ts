/** An empty install: its owner, a project, a key that is shown once and revoked. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessibilityProblems, expectFocus, openDashboard, type Dashboard, type Visitor } from './browser.js'

let dashboard: Dashboard
let visitor: Visitor

beforeAll(async () => {
  dashboard = await openDashboard()
  visitor = await dashboard.open({ reducedMotion: 'reduce' })
})

afterAll(() => dashboard.close())

/** Nothing in the console, nothing for axe to find, in either theme. */
async function expectSound(): Promise<void> {
  expect(await accessibilityProblems(visitor.page)).toEqual([])
  expect(visitor.complaints()).toEqual([])
}

test('an empty install leads to making its owner, and says what is wrong beside the field', async () => {
  const { page } = visitor
  await page.goto('/projects')
  await page.waitForURL(/\/welcome/)
  await page.getByLabel('Email').fill('owner@example.com')
  await page.getByLabel('Password', { exact: true }).fill('short')
  await page.getByRole('button', { name: "Create the owner's account" }).click()
  const password = page.getByLabel('Password', { exact: true })
  await expect.poll(() => password.getAttribute('aria-invalid')).toBe('true')
  await expectFocus(password)
  await page.getByText('Expected a password of at least 8 characters').waitFor()
  await expectSound()

  await password.fill('correct horse battery')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await expectSound()
})

test('a project, and a key that is shown once', async () => {
  const { page } = visitor
  await page.getByRole('link', { name: 'Projects', exact: true }).first().click()
  await page.getByRole('button', { name: 'New project' }).first().click()
  await page.getByLabel('Name').fill('production')
  await expectSound()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'production' }).waitFor()

  await page.getByRole('button', { name: 'New key' }).click()
  await page.getByLabel('Label').fill('server')
  await page.keyboard.press('Enter')
  const shown = page.getByLabel('API key', { exact: true })
  const key = (await shown.textContent()) ?? ''
  expect(key).toMatch(/^sk_[0-9a-f]{64}$/)
  await expectSound()
  // A click beside it must not lose it.
  await page.mouse.click(5, 5)
  expect(await shown.isVisible()).toBe(true)
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('cell', { name: `sk_…${key.slice(-4)}` }).waitFor()
  await expect.poll(() => page.content()).not.toContain(key)
  await expectSound()

  const headers = { 'x-api-key': key }
  expect((await page.request.get('/api/v1/jobs', { headers })).status()).toBe(200)
  await page.getByRole('button', { name: 'Revoke server' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke key' }).click()
  await page.getByText('No key yet').waitFor()
  expect((await page.request.get('/api/v1/jobs', { headers })).status()).toBe(401)
  await expectSound()
})
