/** The overview of a new account, of a working one, and of one whose endpoint fails. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Locator, Page, Route } from 'playwright-core'
import { startReceiver, type Receiver } from '../../dispatch-backend/src/testing/receiver.js'
import { post, scheduleSoon } from '../client.js'
import { accessibilityProblems, openDashboard, useSession, type Dashboard, type Visitor } from './browser.js'
import { holdAnswers } from './hold-answers.js'
import { settle } from './scenes.js'

let dashboard: Dashboard
let receiver: Receiver
let visitor: Visitor
let key: string
let projectId: string
let token: string

beforeAll(async () => {
  dashboard = await openDashboard({ MAX_ATTEMPTS: '1', DELIVERY_TIMEOUT: '5m' })
  receiver = await startReceiver()
  visitor = await dashboard.open({ reducedMotion: 'reduce' })
  // By this test's own look at the pixels of a chart.
  visitor.expects(/willReadFrequently/)
  const account = await post<{ token: string }>(`${dashboard.server.url}/api/v1/auth/register`, {
    email: 'owner@example.com',
    password: 'long enough',
  })
  token = account.token
  await useSession(visitor.page, token)
})

afterAll(async () => {
  await receiver.close()
  await dashboard.close()
})

async function expectSound(): Promise<void> {
  expect(await accessibilityProblems(visitor.page)).toEqual([])
  expect(visitor.complaints()).toEqual([])
}

function schedule(title: string, inMs: number): Promise<{ id: string }> {
  return scheduleSoon(dashboard.server.url, key, { title, webhookUrl: `${receiver.url}/hook` }, inMs)
}

test('the first steps lead to the first delivery, and go when it has come', async () => {
  const { page } = visitor
  await page.goto('/')
  const steps = page.getByRole('region', { name: 'First steps' })
  await steps.getByRole('button', { name: 'New project' }).click()
  await page.getByLabel('Name').fill('production')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'production' }).waitFor()
  projectId = new URL(page.url()).pathname.split('/').at(-1)!

  await page.getByRole('link', { name: 'Overview', exact: true }).first().click()
  await steps.getByRole('link', { name: 'Make an API key' }).click()
  await page.getByRole('button', { name: 'New key' }).click()
  await page.getByLabel('Label').fill('server')
  await page.keyboard.press('Enter')
  key = (await page.getByLabel('API key', { exact: true }).textContent()) ?? ''
  await page.getByRole('button', { name: 'Done' }).click()

  await page.getByRole('link', { name: 'Overview', exact: true }).first().click()
  await steps.waitFor()
  await expectSound()
  const answer = holdAnswers(receiver)
  await schedule('Trial expiry reminder', 4000)
  await steps.getByRole('link', { name: 'Watch it' }).waitFor()
  await receiver.waitFor(1)
  answer()
  await steps.waitFor({ state: 'detached' })
  await page.getByRole('link', { name: /SUCCESS\s*1$/ }).waitFor()
  const drawing = page.getByRole('img', { name: /^Deliveries/ }).locator('canvas')
  await expect.poll(() => countPixels(drawing, '--success')).toBeGreaterThan(20)
  expect(await countPixels(drawing, '--failed')).toBe(0)
  await expectSound()
})

test('a failure shows with its endpoint and its reason, and leads to its job', async () => {
  const { page } = visitor
  receiver.respond({ status: 500, body: 'no such table' })
  const { id } = await schedule('Invoice 2041', 300)
  const failures = page.getByRole('region', { name: 'Latest failures' })
  await failures.getByText('Invoice 2041').waitFor()
  await failures.getByText(/500/).waitFor()
  await failures.getByText(/given up/).waitFor()
  const row = page.getByRole('region', { name: 'Endpoints that fail' }).getByRole('row', { name: receiver.url })
  await row.filter({ hasText: '50.0 %' }).waitFor()
  await expectSound()
  await failures.getByRole('link', { name: 'Invoice 2041' }).click()
  await page.waitForURL(`**/jobs/${id}`)
  await page.goBack()
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
})

/** How many pixels of a drawing have the colour of that token. */
function countPixels(canvas: Locator, token: string): Promise<number> {
  return canvas.evaluate((element: HTMLCanvasElement, name) => {
    const colour = getComputedStyle(element).getPropertyValue(name)
    const wanted = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
    const { data } = element.getContext('2d')!.getImageData(0, 0, element.width, element.height)
    let count = 0
    for (let at = 0; at < data.length; at += 4)
      if (wanted.every((value, index) => data[at + index] === value)) count += 1
    return count
  }, token)
}

/** The table of a chart without its times: a row for each stretch of time, of which another may begin at any moment. */
function rowsOf(panel: Locator): Promise<string[][]> {
  return panel
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].slice(1).map(({ textContent }) => textContent)))
}

async function sumsOf(panel: Locator): Promise<number[]> {
  const rows = await rowsOf(panel)
  return (rows[0] ?? []).map((_, column) => rows.reduce((sum, row) => sum + Number(row[column]), 0))
}

async function sizeOf(page: Page, panel: Locator): Promise<unknown> {
  const box = await panel.boundingBox()
  return { panel: box?.height, page: await page.evaluate(() => document.documentElement.scrollHeight) }
}

test('each chart has its table, by keyboard', async () => {
  const { page } = visitor
  await schedule('Monthly report', 3_000_000)
  for (const [title, sums] of [
    ['Coming up', [1]],
    ['Deliveries', [1, 1]],
    ['Lateness', null],
  ] as const) {
    const panel = page.getByRole('region', { name: title, exact: true })
    await panel
      .getByRole('img', { name: new RegExp(title) })
      .locator('canvas')
      .waitFor()
    await settle(page)
    const before = await sizeOf(page, panel)
    await panel.getByRole('button', { name: `Table of ${title}` }).focus()
    await page.keyboard.press('Enter')
    const duration = expect.stringMatching(/ms|s$/)
    if (sums) await expect.poll(() => sumsOf(panel)).toEqual(sums)
    else await expect.poll(async () => (await rowsOf(panel)).at(-1)).toEqual([duration, duration])
    // Nothing jumps.
    expect(await sizeOf(page, panel)).toEqual(before)
  }
  await expectSound()
})

const atMinute = (minute: number): string => new Date(Date.UTC(2031, 5, 13, 12, minute)).toISOString()

/** The server's answer, with other data in it. */
async function fulfillWith(route: Route, data: object): Promise<void> {
  const response = await route.fetch()
  const answer = (await response.json()) as { data: object }
  await route.fulfill({ response, json: { ...answer, data: { ...answer.data, ...data } } })
}

/** Put into the page: how far texts that were drawn reach, and how far they could. */
declare const drawn: { text: string; right: number; width: number }[]

test('no label of a chart is cut off; endpoints stand in the order of the rate that is shown', async () => {
  const { page, complaints } = await dashboard.open({ timezoneId: 'Etc/UTC' })
  await useSession(page, token)
  await page.addInitScript(() => {
    const texts: typeof drawn = []
    Object.assign(globalThis, { drawn: texts })
    const canvas = CanvasRenderingContext2D.prototype
    const draw = Reflect.get(canvas, 'fillText')
    canvas.fillText = function (this: CanvasRenderingContext2D, ...given: Parameters<typeof draw>) {
      const [text, x, y] = given
      const { x: right } = this.getTransform().transformPoint({
        x: x + this.measureText(text).actualBoundingBoxRight,
        y,
      })
      texts.push({ text, right, width: this.canvas.width })
      draw.apply(this, given)
    }
  })
  await page.route('**/api/v1/stats/forecast*', async (route) => {
    // An hour whose end, the last tick, is the edge of the drawing.
    const minutes = Array.from({ length: 60 }, (_, minute) => ({ at: atMinute(minute), due: 1 }))
    await fulfillWith(route, { minutes })
  })
  const endpoints = [
    ['surely', 198, 400],
    ['half', 2, 4],
    ['hardly', 1, 300],
    ['once', 1, 1],
  ] as const
  await page.route('**/api/v1/stats?*', async (route) => {
    const all = endpoints.map(([name, failed, attempts]) => ({
      ...{ endpoint: `https://${name}.example`, failed, attempts, failureRate: failed / attempts },
      ...{ lastError: 'The endpoint answered 500', lastFailedAt: atMinute(0) },
    }))
    await fulfillWith(route, { endpoints: all })
  })
  await page.goto('/')
  await page.waitForFunction(() => drawn.some(({ text }) => text === '13:00'))
  expect(await page.evaluate(() => drawn.filter(({ right, width }) => right > width))).toEqual([])
  const rows = page.getByRole('region', { name: 'Endpoints that fail' }).getByRole('row')
  await rows.filter({ hasText: 'half' }).waitFor()
  const rates = (await rows.allTextContents()).flatMap((row) => /[\d.]+ %/.exec(row)?.[0] ?? [])
  expect(rates).toEqual(['100 %', '50.0 %', '49.5 %', '0.3 %'])
  expect(complaints()).toEqual([])
})

test('range, forecast and project are in the address', async () => {
  const { page } = visitor
  await post(`${dashboard.server.url}/api/v1/projects`, { name: 'billing' }, { authorization: `Bearer ${token}` })
  await page.reload()
  await page.getByText('7 d', { exact: true }).click()
  await page.getByText('Next 24 h').click()
  await page.getByRole('combobox', { name: 'Project' }).click()
  await page.getByRole('option', { name: 'production' }).click()
  await page.waitForURL((url) => url.searchParams.get('projectId') === projectId)
  expect(new URL(page.url()).search).toContain('range=7d&ahead=24h')
  await page.reload()
  for (const name of ['7 d', 'Next 24 h']) {
    await page.getByRole('radio', { name, checked: true }).waitFor({ state: 'attached' })
  }
  await page.getByRole('combobox', { name: 'Project' }).filter({ hasText: 'production' }).waitFor()
  await page.goto('/?range=99y&ahead=never')
  await page.getByRole('radio', { name: '24 h', exact: true, checked: true }).waitFor({ state: 'attached' })
  await expectSound()
})
