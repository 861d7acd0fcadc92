/** The list of jobs: filtered, paged, followed live, many called off at once. */
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, type Receiver } from '../../dispatch-backend/src/testing/receiver.js'
import { post, scheduleSoon, signUp, type Project } from '../client.js'
import {
  accessibilityProblems,
  expectBriefly,
  openDashboard,
  PHONE,
  useSession,
  type Dashboard,
  type Visitor,
} from './browser.js'
import { holdAnswers } from './hold-answers.js'
import { settle } from './scenes.js'

const HOUR_MS = 3_600_000

let dashboard: Dashboard
let project: Project
let receiver: Receiver
let visitor: Visitor

beforeAll(async () => {
  dashboard = await openDashboard({ RETRY_DELAYS: '1h', DELIVERY_TIMEOUT: '5m' })
  project = await signUp(dashboard.server.url)
  receiver = await startReceiver()
  visitor = await dashboard.open({ reducedMotion: 'reduce' })
  await useSession(visitor.page, project.token)
})

afterAll(async () => {
  await receiver.close()
  await dashboard.close()
})

async function expectSound({ page, complaints }: Visitor = visitor): Promise<void> {
  expect(await accessibilityProblems(page)).toEqual([])
  expect(complaints()).toEqual([])
}

function schedule(title: string, inMs = HOUR_MS, webhookUrl = `${receiver.url}/hook`): Promise<{ id: string }> {
  return scheduleSoon(dashboard.server.url, project.key, { title, webhookUrl }, inMs)
}

/** Waits for the lamp in the job's row; the one for another width is in the page too, and hidden. */
async function waitForLamp(page: Page, title: string, state: string): Promise<void> {
  const row = page.getByRole('row').filter({ hasText: title })
  await row.getByText(state).filter({ visible: true }).waitFor()
}

/** The titles of the list, once there are so many. */
async function expectTitles(page: Page, titles: readonly string[]): Promise<void> {
  await expect.poll(() => page.locator('tbody').getByRole('link').allTextContents()).toEqual(titles)
}

test('an empty list leads to the first job', async () => {
  const { page } = visitor
  await page.goto('/jobs')
  await page.getByText('No jobs yet').waitFor()
  await expectSound()
})

test('a lamp of the list turns green without a reload', async () => {
  const { page } = visitor
  const answer = holdAnswers(receiver)
  await schedule('Fires while one looks', 3000)
  await page.goto('/jobs')
  await waitForLamp(page, 'Fires while one looks', 'FIRING')
  await page.evaluate(() => (document.documentElement.dataset['sameDocument'] = 'yes'))
  answer()
  await waitForLamp(page, 'Fires while one looks', 'SUCCESS')
  expect(await page.evaluate(() => document.documentElement.dataset['sameDocument'])).toBe('yes')
  await expectSound()
})

test('filters stand in the address, and a reload keeps them', async () => {
  const { page } = visitor
  await schedule('Invoice 12', 2 * HOUR_MS)
  await schedule('Invoice 13', HOUR_MS, 'https://hooks.example.com/invoice')
  await page.goto('/jobs')
  await expectTitles(page, ['Invoice 13', 'Invoice 12', 'Fires while one looks'])

  await page.getByLabel('Title, host or beginning of an id').fill('invoice')
  await page.waitForURL(/q=invoice/)
  await expectTitles(page, ['Invoice 13', 'Invoice 12'])
  await page.getByText('Looked among 3 jobs of this list.').waitFor()
  await page.getByLabel('Order').click()
  await page.getByRole('option', { name: 'Latest due first' }).click()
  await page.waitForURL(/sort=due/)
  await expectTitles(page, ['Invoice 12', 'Invoice 13'])
  await page.getByRole('button', { name: 'Filters' }).click()
  await page.getByLabel('Endpoint').fill('hooks.example.com/anything')
  await page.keyboard.press('Enter')
  await page.waitForURL(/endpoint=https%3A%2F%2Fhooks\.example\.com(&|$)/)
  await expectTitles(page, ['Invoice 13'])
  await page.reload()
  await expectTitles(page, ['Invoice 13'])
  await expect.poll(() => page.getByLabel('Title, host or beginning of an id').inputValue()).toBe('invoice')
  await expectSound()

  await page.getByRole('button', { name: 'Clear' }).click()
  await page.getByRole('group', { name: 'Status' }).getByRole('button', { name: 'SUCCESS' }).click()
  await page.waitForURL(/status=SUCCESS/)
  await expectTitles(page, ['Fires while one looks'])
  await page.getByLabel(/^Due from/).fill('2030-01-01T00:00')
  await page.keyboard.press('Enter')
  await page.waitForURL(/from=2030-01-01T00%3A00%3A00\.000Z/)
  await page.getByText('No such jobs').waitFor()
  await expectSound()
})

test('pages', async () => {
  const { page } = visitor
  for (let number = 1; number <= 20; number += 1) await schedule(`Report ${number}`)
  await page.goto('/jobs?q=report')
  await page.getByText('20 in all').waitFor()
  await page.goto('/jobs')
  await page.getByText('23 in all').waitFor()
  await page.getByRole('button', { name: 'Next page' }).click()
  await page.waitForURL(/page=2/)
  await expectTitles(page, ['Invoice 13', 'Invoice 12', 'Fires while one looks'])
  await expectSound()
})

test('many are cancelled at once, and what is refused says why', async () => {
  const { page } = visitor
  const last = (await schedule('Report that somebody else cancels')).id
  await page.goto('/jobs?q=report')
  await waitForLamp(page, 'Report that somebody else cancels', 'SCHEDULED')
  await page.getByLabel('Select all jobs').check()
  await page.getByText('20 jobs selected').waitFor()
  await page.getByLabel('Select Report 20').uncheck()
  await page.getByRole('button', { name: 'Cancel 19 jobs' }).click()
  await page.getByRole('heading', { name: 'Cancel 19 jobs?' }).waitFor()
  await expectSound()
  await post(`${dashboard.server.url}/api/v1/jobs/${last}/cancel`, undefined, { 'x-api-key': project.key })
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel jobs' }).click()
  await page.getByRole('heading', { name: '1 job could not be cancelled' }).waitFor()
  const dialog = page.getByRole('dialog')
  await expect
    .poll(() => dialog.textContent())
    .toMatch(/18 jobs cancelled.*Report that somebody else cancels.*Only scheduled jobs/)
  await expectSound()
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  await waitForLamp(page, 'Report 19', 'CANCELLED')
  await waitForLamp(page, 'Report 20', 'SCHEDULED')
  await page.getByText('jobs selected').waitFor({ state: 'detached' })
  await expectSound()
})

test('all jobs of the list in the address are saved as a file, and what goes wrong is said', async () => {
  const { page } = visitor
  await page.goto('/jobs?q=report+1&order=asc')
  const save = async (format: RegExp): Promise<string> => {
    await page.getByRole('button', { name: 'Export' }).click()
    const saved = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: format }).click()
    const download = await saved
    expect(download.suggestedFilename()).toMatch(/^dispatch-jobs-\d{8}T\d{6}Z\.(csv|jsonl)$/)
    return readFile(await download.path(), 'utf8')
  }
  let csv = ''
  await expectBriefly(page, 'Jobs exported', async () => (csv = await save(/CSV/)))
  const rows = csv.trimEnd().split('\r\n')
  expect(rows.slice(1).map((row) => row.split(',')[3])).toEqual(
    [1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19].map((number) => `Report ${number}`),
  )
  expect((await save(/JSON lines/)).trimEnd().split('\n').length).toBe(11)
  await expectSound()

  await page.route('**/api/v1/jobs/export?*', (route) => route.abort('connectionreset'))
  visitor.expects(/ERR_CONNECTION_RESET/)
  await page.getByRole('button', { name: 'Export' }).click()
  await expectBriefly(page, 'The export failed', () => page.getByRole('menuitem', { name: /CSV/ }).click())
  await page.unroute('**/api/v1/jobs/export?*')

  // By keyboard alone: the button that stops it stands where the menu's was, and the other way round.
  await page.route('**/api/v1/jobs/export?*', () => undefined)
  await page.getByRole('button', { name: 'Export' }).focus()
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.closest('[role=menu]') !== null)
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  const focused = page.locator(':focus')
  await expect.poll(() => focused.getAttribute('aria-label')).toBe('Stop the export')
  await expectBriefly(page, 'Export stopped', () => page.keyboard.press('Enter'))
  await expect.poll(() => focused.textContent()).toBe('Export')
  await page.unroute('**/api/v1/jobs/export?*')
})

test('on a phone nothing is cut off, and the same can be done', async () => {
  const phone = await dashboard.open({ viewport: PHONE, reducedMotion: 'reduce', hasTouch: true })
  const { page } = phone
  await useSession(page, project.token)
  const { id } = await schedule('Report for a narrow screen, with a title that is a good deal longer than it is wide')
  for (const path of ['/jobs?projectId=', '/jobs/new', `/jobs/${id}`]) {
    await page.goto(path)
    await page.locator('main').getByText('Report').or(page.getByLabel('Payload')).first().waitFor()
    await settle(page)
    const cut = await page.evaluate(
      () =>
        [...document.querySelectorAll('main input, main button, main a, main textarea')].filter(
          (element) => element.getBoundingClientRect().right > innerWidth,
        ).length,
    )
    expect([path, cut]).toEqual([path, 0])
    await expectSound(phone)
  }
  await page.goto('/jobs')
  await page.getByLabel(/^Select Report for a narrow/).check()
  await page.getByRole('button', { name: 'Cancel 1 job' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click()
  await waitForLamp(page, 'Report for a narrow', 'CANCELLED')
  await expectSound(phone)
  await page.context().close()
})
