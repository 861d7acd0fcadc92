/**
 * As somebody new meets it: from an empty install to the first green lamp with nothing but the dashboard, no server of
 * their own, and private addresses not allowed. Pictures of the way go to NEW_USER_PICTURES, a folder, if that is given.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { accessibilityProblems, DESKTOP, openDashboard, type Dashboard, type Visitor } from './browser.js'

const PICTURES = process.env['NEW_USER_PICTURES']

let dashboard: Dashboard
let visitor: Visitor

beforeAll(async () => {
  dashboard = await openDashboard({ ALLOW_PRIVATE_WEBHOOKS: 'false' })
  visitor = await dashboard.open({ reducedMotion: 'reduce', viewport: DESKTOP })
})

afterAll(() => dashboard.close())

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return
  await mkdir(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, `${name}.png`) })
}

test('an empty install becomes a green lamp by clicks alone', async () => {
  const { page } = visitor
  const startedMs = performance.now()
  await page.goto('/')
  await page.getByLabel('Email').fill('owner@example.com')
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery')
  await picture(page, '1-welcome')
  await page.getByRole('button', { name: "Create the owner's account" }).click()

  const steps = page.getByRole('region', { name: 'First steps' })
  await steps.getByRole('button', { name: 'New project' }).click()
  await picture(page, '2-first-steps')
  await page.getByLabel('Name').fill('production')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'production' }).waitFor()
  await picture(page, '3-project')

  await page.getByRole('link', { name: 'Overview', exact: true }).first().click()
  await steps.getByRole('button', { name: 'Send it to the echo' }).waitFor()
  await picture(page, '4-second-step')
  await steps.getByRole('button', { name: 'Send it to the echo' }).click()
  await page.waitForURL(/\/jobs\/new\?/)
  await expect
    .poll(() => page.getByLabel('Webhook URL').inputValue())
    .toMatch(/^http:\/\/localhost:\d+\/api\/v1\/echo\/[\w-]{43}$/)
  await page.getByText('it arrives without leaving this server').waitFor()
  await page.getByRole('button', { name: 'In 10 s' }).click()
  await picture(page, '5-new-job')
  await page.getByRole('button', { name: 'Schedule job' }).click()
  await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/)
  await picture(page, '6-scheduled')
  const clickedMs = performance.now()

  // The lamp of the job; below it the way through the states names all of them.
  const lamp = page.getByRole('region', { name: 'State' }).locator('header').getByText('SUCCESS')
  await lamp.waitFor()
  const greenMs = performance.now()
  await picture(page, '7-delivered')
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
  process.stdout.write(
    `new user: ${seconds(clickedMs - startedMs)} of clicks and pages, green ${seconds(greenMs - startedMs)} after the start\n`,
  )
  expect(visitor.complaints()).toEqual([])

  await page.getByRole('link', { name: 'Overview', exact: true }).first().click()
  await page.getByRole('link', { name: /SUCCESS\s*1$/ }).waitFor()
  await steps.waitFor({ state: 'detached' })
  await picture(page, '8-overview')
})

test('the echo shows what came: its signatures, its body, and the way back to the job', async () => {
  const { page } = visitor
  await page.getByRole('link', { name: 'Projects', exact: true }).first().click()
  await page.getByRole('link', { name: 'production' }).first().click()
  await page.getByRole('link', { name: 'Open the echo' }).click()
  const requests = page.getByRole('region', { name: 'Requests' })
  const signatures = requests.getByText('Rightly signed with the current secret')
  await expect.poll(() => signatures.count()).toBe(2)
  await requests.getByRole('tab', { name: 'Body' }).click()
  const body = requests.getByLabel('body', { exact: true })
  await body.filter({ hasText: '"title":"My first webhook"' }).waitFor()
  await requests.getByRole('link', { name: 'The job, attempt 1' }).waitFor()
  await picture(page, '9-echo')
  expect(await accessibilityProblems(page)).toEqual([])
  expect(visitor.complaints()).toEqual([])
})
