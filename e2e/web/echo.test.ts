/** The page of a project's echo: on, off and moved; told what to answer; what comes, live. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Project, signUp } from '../client.js'
import { accessibilityProblems, openDashboard, useSession, type Dashboard, type Visitor } from './browser.js'

let dashboard: Dashboard
let visitor: Visitor
let project: Project

beforeAll(async () => {
  dashboard = await openDashboard({ ALLOW_PRIVATE_WEBHOOKS: 'false', RETRY_DELAYS: '200ms' })
  project = await signUp(dashboard.server.url)
  visitor = await dashboard.open({ reducedMotion: 'reduce' })
  await useSession(visitor.page, project.token)
})

afterAll(() => dashboard.close())

async function expectSound(): Promise<void> {
  expect(await accessibilityProblems(visitor.page)).toEqual([])
  expect(visitor.complaints()).toEqual([])
}

const addressShown = async (): Promise<string> =>
  (await visitor.page.getByLabel('address', { exact: true }).textContent()) ?? ''

test('is enabled, and shows each request as it arrives', async () => {
  const { page } = visitor
  await page.goto(`/projects/${project.id}/echo`)
  await page.getByRole('button', { name: 'Enable the echo' }).click()
  await page.getByText('Nothing came yet').waitFor()
  await expectSound()
  const url = await addressShown()
  expect(url).toMatch(/\/api\/v1\/echo\/[\w-]{43}$/)

  const body = '<img src=x onerror="document.title=1">'
  await fetch(`${url}?from=elsewhere`, { method: 'PUT', body, headers: { 'content-type': 'text/html' } })
  const requests = page.getByRole('region', { name: 'Requests' })
  const entries = requests.getByRole('list', { name: 'Requests, newest first' }).getByRole('button')
  await entries.filter({ hasText: 'PUT' }).waitFor()
  await requests.getByText('/api/v1/echo/…?from=elsewhere').waitFor()
  // The detail is read after the list.
  await expect.poll(() => requests.getByText('it was not sent by Dispatch').count()).toBe(2)
  await requests.getByRole('tab', { name: 'Body' }).click()
  await expect.poll(() => requests.getByLabel('body', { exact: true }).textContent()).toBe(body)
  await requests.getByRole('tab', { name: /^Headers/ }).click()
  await requests.getByText('text/html').waitFor()
  await expectSound()

  await fetch(url, { method: 'POST' })
  await entries.filter({ hasText: 'POST' }).waitFor()
  // The newest is shown; an older one when it is chosen.
  await entries.filter({ hasText: 'PUT' }).click()
  await requests.getByText('…?from=elsewhere').waitFor()
  await requests.getByRole('button', { name: 'Clear' }).click()
  await page.getByText('Nothing came yet').waitFor()
})

test('answers as it is told, and says what it cannot be told', async () => {
  const { page } = visitor
  await page.getByLabel('Status').fill('600')
  await page.getByRole('button', { name: 'Save answer' }).click()
  await page.getByText('Expected a whole number from 200 to 599').waitFor()
  await page.getByLabel('Delay in ms').fill('')
  await page.getByLabel('Status').fill('503')
  await page.getByRole('button', { name: 'Save answer' }).click()
  await page.getByText('Expected a whole number from 0 to 30000').waitFor()
  await page.getByLabel('Delay in ms').fill('0')
  await page.getByLabel('Body', { exact: true }).fill('closed on Sundays')
  // By keyboard: what is saved is told where it can be heard, and the focus stays.
  const panel = page.getByRole('region', { name: 'Answer' })
  const place = await panel.getByRole('status').elementHandle()
  const save = panel.getByRole('button', { name: 'Save answer' })
  await save.focus()
  await page.keyboard.press('Enter')
  await panel.getByText('Saved: the echo answers so from now on').waitFor()
  expect(await place.evaluate(({ isConnected, textContent }) => [isConnected, textContent])).toEqual([
    true,
    'Saved: the echo answers so from now on',
  ])
  expect(await save.evaluate((button) => button === document.activeElement)).toBe(true)
  // There is nothing more to save: pressed again it sends nothing.
  const sent: string[] = []
  page.on('request', (one) => sent.push(one.method()))
  await page.keyboard.press('Enter')
  await page.getByLabel('Status').press('Enter')
  const answer = await fetch(await addressShown())
  expect([answer.status, await answer.text()]).toEqual([503, 'closed on Sundays'])
  expect(sent).not.toContain('PUT')
  // What says the same in other words is saved too, and stands there as it is kept.
  await page.getByLabel('Status').fill('0503')
  await expect.poll(() => place.textContent()).toBe('')
  await save.click()
  await panel.getByText('Saved: the echo answers so from now on').waitFor()
  expect(await page.getByLabel('Status').inputValue()).toBe('503')
  await expectSound()
})

test('takes a job of another form, whose failure then shows on both pages', async () => {
  const { page } = visitor
  await page.goto(`/jobs/new?projectId=${project.id}`)
  await page.getByRole('button', { name: 'Send to this project’s echo' }).click()
  await expect.poll(() => page.getByLabel('Webhook URL').inputValue()).toContain('/api/v1/echo/')
  await page.getByLabel('Title').fill('On a Sunday')
  await page.getByRole('button', { name: 'In 10 s' }).click()
  await page.getByRole('button', { name: 'Schedule job' }).click()
  await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/)
  await page.getByText('closed on Sundays').first().waitFor()
  await page.goto(`/projects/${project.id}/echo`)
  await page.getByText('signed', { exact: true }).first().waitFor()
  await page.getByText('attempt 1').first().waitFor()
})

test('moves to another address, and goes off', async () => {
  const { page } = visitor
  const before = await addressShown()
  await page.getByRole('button', { name: 'Rotate' }).click()
  await page.getByRole('button', { name: 'Rotate address' }).click()
  await expect.poll(addressShown).not.toBe(before)
  const after = await addressShown()
  expect([(await fetch(before)).status, (await fetch(after)).status]).toEqual([404, 503])
  await page.getByRole('button', { name: 'Disable' }).click()
  await page.getByText('The echo is off').waitFor()
  expect((await fetch(after)).status).toBe(404)
  await expectSound()
})
