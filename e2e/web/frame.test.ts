/** What stands around every page: the account's menu and toasts, whose code is loaded when it is asked for. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { signUp } from '../client.js'
import { expectBriefly, expectFocus, openDashboard, saveData, useSession, type Dashboard } from './browser.js'

let dashboard: Dashboard
let token: string

beforeAll(async () => {
  dashboard = await openDashboard()
  token = (await signUp(dashboard.server.url)).token
})

afterAll(() => dashboard.close())

async function openOverview(): Promise<{ page: Page; complaints: () => string[] }> {
  const visitor = await dashboard.open()
  await useSession(visitor.page, token)
  // Nothing is fetched before somebody asks for it.
  await saveData(visitor.page)
  await visitor.page.goto('/')
  await visitor.page.getByRole('heading', { name: 'Overview' }).waitFor()
  return visitor
}

test('the menu of the account opens by keyboard, walks by arrows, and gives the focus back', async () => {
  const { page, complaints } = await openOverview()
  const button = page.getByRole('button', { name: /^Account/ })
  for (const key of ['ArrowDown', 'Enter']) {
    await button.focus()
    await page.keyboard.press(key)
    await page.getByRole('menu').waitFor()
    await page.waitForFunction(() => document.activeElement?.closest('[role=menu]') !== null)
    await page.keyboard.press('End')
    await page.waitForFunction(() => document.activeElement?.textContent === 'Sign out')
    await page.keyboard.press('Escape')
    await page.getByRole('menu').waitFor({ state: 'detached' })
    await expectFocus(button)
  }
  expect(complaints()).toEqual([])
})

test('a toast is shown though its code was not loaded yet', async () => {
  const { page, complaints } = await openOverview()
  await page.goto('/settings')
  await page.getByLabel('Name', { exact: true }).fill('Ada Lovelace')
  await expectBriefly(page, 'Name saved', () => page.getByRole('button', { name: 'Save', exact: true }).first().click())
  expect(complaints()).toEqual([])
})

// The last one: it ends the session.
test('the first click on the account opens its menu, and the items work', async () => {
  const { page, complaints } = await openOverview()
  await page.getByRole('button', { name: /^Account/ }).click()
  await page.getByRole('menuitem', { name: 'Settings' }).click()
  await page.getByRole('heading', { name: 'Settings', exact: true }).waitFor()
  await page.getByRole('button', { name: /^Account/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  expect(complaints()).toEqual([])
})
