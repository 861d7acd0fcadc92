/** One job in the dashboard: scheduled, watched, understood, fired again, called off. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReceiver, type Receiver } from '../../dispatch-backend/src/testing/receiver.js'
import { request, scheduleSoon, signUp, type Project } from '../client.js'
import {
  accessibilityProblems,
  expectBriefly,
  openDashboard,
  useSession,
  type Dashboard,
  type Visitor,
} from './browser.js'
import { holdAnswers } from './hold-answers.js'

let dashboard: Dashboard
let project: Project
let receiver: Receiver
let visitor: Visitor

beforeAll(async () => {
  dashboard = await openDashboard({ RETRY_DELAYS: '1h', DELIVERY_TIMEOUT: '5m', ALLOW_PRIVATE_WEBHOOKS: '127.0.0.0/8' })
  project = await signUp(dashboard.server.url)
  receiver = await startReceiver({ respond: { body: '{"received":true}' } })
  visitor = await dashboard.open({ reducedMotion: 'reduce' })
  await useSession(visitor.page, project.token)
})

afterAll(async () => {
  await receiver.close()
  await dashboard.close()
})

async function expectSound(): Promise<void> {
  expect(await accessibilityProblems(visitor.page)).toEqual([])
  expect(visitor.complaints()).toEqual([])
}

/** A job made by the API, due so many milliseconds from now. */
function schedule(title: string, inMs: number): Promise<{ id: string }> {
  const job = { title, webhookUrl: `${receiver.url}/hook`, payload: { it: "isn't" } }
  return scheduleSoon(dashboard.server.url, project.key, job, inMs)
}

/** Its lamp in the panel of its state; waits for the state to come. */
async function waitForState(state: string): Promise<void> {
  await visitor.page.getByRole('region', { name: 'State' }).getByText(state, { exact: true }).first().waitFor()
  await visitor.page.getByRole('img', { name: `now ${state}` }).waitFor()
}

/** In whole seconds that are not zero: the field shortens `:00`. */
function inputTime(inMs: number): string {
  const ms = Math.ceil((Date.now() + inMs) / 1000) * 1000
  return new Date(ms % 60_000 === 0 ? ms + 1000 : ms).toISOString().slice(0, 19)
}

test('says beside the fields what is wrong, in its own words and the server’s', async () => {
  const { page } = visitor
  await page.goto('/jobs')
  await page.getByRole('link', { name: 'New job' }).first().click()
  await page.getByLabel('Webhook URL').fill('https://10.0.0.1/hook')
  await page.getByText('A private address: refused, unless').waitFor()
  await page.getByLabel('Payload').fill('{\n  "n": 1\n  "f": 2\n}')
  await page.getByRole('button', { name: 'Schedule job' }).click()
  await page.getByText('Enter a title.').waitFor()
  await page.getByText('Expected a comma or } at line 3, column 3').waitFor()
  await page.getByRole('button', { name: 'Go to line 3' }).click()
  const payload = page.getByLabel('Payload')
  await expect
    .poll(() => payload.evaluate((area: HTMLTextAreaElement) => [area === document.activeElement, area.selectionStart]))
    .toEqual([true, 13])
  await expectSound()

  visitor.expects(/status of 400/)
  await page.getByLabel('Title').fill('Refused')
  await payload.fill('{}')
  await page.getByRole('button', { name: 'Schedule job' }).click()
  const url = page.getByLabel('Webhook URL')
  await expect.poll(() => url.getAttribute('aria-invalid')).toBe('true')
  const words = page.locator(`[id="${await url.getAttribute('aria-describedby')}"]`)
  await words.filter({ hasText: 'Set ALLOW_PRIVATE_WEBHOOKS' }).waitFor()
  await expectSound()
})

test('a job is scheduled, fires, and turns green without a reload; two clicks make one', async () => {
  const { page } = visitor
  const payload = '{"n": 12345678901234567890, "f": 1.0,  "list": []}'
  const answer = holdAnswers(receiver, { body: '{"received":true}' })
  await page.goto(`/jobs/new?projectId=${project.id}`)
  await page.getByLabel('Title').fill('Seen to fire')
  await page.getByLabel('Webhook URL').fill(`${receiver.url}/hook`)
  await page.getByLabel('Payload').fill(payload)
  await page.getByLabel('Fire at').fill(inputTime(10_000))
  await page.evaluate(() => (document.documentElement.dataset['sameDocument'] = 'yes'))
  await page.getByRole('button', { name: 'Schedule job' }).dblclick()
  await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/)
  const [delivered] = await receiver.waitFor(1)
  await waitForState('FIRING')
  answer()
  await waitForState('SUCCESS')
  expect(await page.evaluate(() => document.documentElement.dataset['sameDocument'])).toBe('yes')
  expect(delivered!.rawBody.toString()).toContain(`"payload":${payload},`)
  const attempts = page.getByRole('list', { name: 'Attempts' })
  await attempts.getByText('Attempt 1').waitFor()
  await expect.poll(() => attempts.textContent()).toMatch(/Answered200.*\{"received":true\}/)
  const expectPayload = (text: string): Promise<void> =>
    expect.poll(() => page.getByLabel('payload', { exact: true }).textContent()).toBe(text)
  await expectPayload('{\n  "n": 12345678901234567890,\n  "f": 1.0,\n  "list": []\n}')
  await page.getByText('Raw', { exact: true }).click()
  await expectPayload(payload)
  const { data } = await request<{ pagination: { total: number } }>('GET', `${dashboard.server.url}/api/v1/jobs`, {
    headers: { 'x-api-key': project.key },
  })
  expect(data.pagination.total).toBe(1)
  await expectSound()
})

test('the request as it was sent, as a curl command that sends it again', async () => {
  const { page } = visitor
  const sent = receiver.requests.length
  const { id } = await schedule('Sent again by hand', 200)
  const original = (await receiver.waitFor(sent + 1)).at(-1)!
  await page.goto(`/jobs/${id}`)
  await waitForState('SUCCESS')
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await expectBriefly(page, 'Copied', () => page.getByRole('button', { name: 'Copy as curl' }).click())
  const command = await page.evaluate(() => navigator.clipboard.readText())
  await promisify(execFile)('sh', ['-c', command])
  const again = (await receiver.waitFor(sent + 2)).at(-1)!
  expect(again.rawBody.toString()).toBe(original.rawBody.toString())
  const names = ['content-type', 'webhook-id', 'webhook-signature', 'x-dispatch-signature', 'x-dispatch-attempt']
  for (const name of names) expect(again.headers[name]).toBe(original.headers[name])
  for (const tab of ['Body', 'curl']) await page.getByRole('tab', { name: tab }).click()
  await expect.poll(() => page.getByLabel('curl command', { exact: true }).textContent()).toBe(command)
  await expectSound()
})

test('a job that failed says why; fired again it is delivered; its retry can be called off', async () => {
  const { page } = visitor
  receiver.respond({ status: 500, body: '<b>out of paper</b>' })
  const { id } = await schedule('Fails at first', 200)
  await page.goto(`/jobs/${id}`)
  await waitForState('FAILED')
  const attempts = page.getByRole('list', { name: 'Attempts' })
  await attempts.getByText('Answered 500: the endpoint failed; see its own log').waitFor()
  const answer = page.getByLabel('Answer to attempt 1', { exact: true })
  await expect.poll(() => answer.textContent()).toBe('<b>out of paper</b>')
  await attempts.getByText('Attempt 2 in').waitFor()
  await expectSound()

  receiver.respond({ body: 'printed' })
  await page.getByRole('button', { name: 'Fire again now' }).click()
  await expectSound()
  await page.getByRole('button', { name: 'Fire now' }).click()
  await page.waitForURL((url) => /^\/jobs\/[0-9a-f-]{36}$/.test(url.pathname) && !url.pathname.endsWith(id))
  await waitForState('SUCCESS')
  await page.getByRole('link', { name: id }).click()

  await waitForState('FAILED')
  await page.getByRole('button', { name: 'Cancel job' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click()
  await waitForState('CANCELLED')
  await page.getByRole('button', { name: 'Cancel job' }).waitFor({ state: 'detached' })
  await expectSound()
})

test('a scheduled job is called off, and scheduled again as another one', async () => {
  const { page } = visitor
  const { id } = await schedule('Called off', 3_600_000)
  await page.goto(`/jobs/${id}`)
  await waitForState('SCHEDULED')
  await page.getByRole('timer').first().waitFor()
  await expectSound()
  await page.getByRole('button', { name: 'Cancel job' }).click()
  await expectSound()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click()
  await waitForState('CANCELLED')
  await page.getByText('Never tried').waitFor()
  await expectSound()

  await page.getByRole('button', { name: 'Schedule a copy' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Schedule', exact: true }).click()
  await page.getByText('Expected a date and a time').waitFor()
  await page.getByRole('button', { name: 'In 1 h' }).click()
  await expectSound()
  await page.getByRole('dialog').getByRole('button', { name: 'Schedule', exact: true }).click()
  await page.waitForURL((url) => !url.pathname.endsWith(id))
  await waitForState('SCHEDULED')
  await page.getByRole('link', { name: id }).waitFor()
  await expectSound()
})
