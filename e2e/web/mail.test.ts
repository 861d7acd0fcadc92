/** What goes by mail, with a mail server that keeps what it takes: codes, a reset link, a new address. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { codeIn, startMailReceiver, type MailReceiver } from '../../dispatch-backend/src/mail/testing/mail-receiver.js'
import { freePort } from '../../dispatch-backend/src/testing/server-process.js'
import { accessibilityProblems, expectBriefly, openDashboard, type Dashboard, type Visitor } from './browser.js'

const EMAIL = 'ada@example.com'
const NEW_EMAIL = 'ada@example.org'

let mailbox: MailReceiver
let dashboard: Dashboard
let visitor: Visitor
let page: Page

beforeAll(async () => {
  mailbox = await startMailReceiver()
  // Links in mails lead here: the port has to be known before.
  const port = String(await freePort())
  dashboard = await openDashboard({
    PORT: port,
    FRONTEND_URL: `http://localhost:${port}`,
    SMTP_URL: `smtp://127.0.0.1:${mailbox.server.port}`,
    MAIL_FROM: 'Dispatch <dispatch@example.com>',
  })
  visitor = await dashboard.open({ reducedMotion: 'reduce' })
  page = visitor.page
})

afterAll(async () => {
  await dashboard.close()
  await mailbox.close()
})

async function expectSound(): Promise<void> {
  expect(await accessibilityProblems(page)).toEqual([])
  expect(visitor.complaints()).toEqual([])
}

function fillPassword(label: string, password: string): Promise<void> {
  return page.getByLabel(label, { exact: true }).fill(password)
}

async function signIn(email: string, password: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Email' }).fill(email)
  await fillPassword('Password', password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

test('who signs up enters the code from the mail; a wrong one is said, a new one can be had', async () => {
  visitor.expects(/status of 400/)
  await page.goto('/')
  await page.waitForURL(/\/welcome/)
  await page.getByLabel('Email').fill(EMAIL)
  await fillPassword('Password', 'long enough')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Enter your code' }).waitFor()
  const code = codeIn(await mailbox.mailTo(EMAIL))
  await expectSound()

  await page.getByLabel('Code').fill(code === '111111' ? '222222' : '111111')
  await page.getByRole('button', { name: 'Verify' }).click()
  await page.getByRole('alert').filter({ hasText: /code/i }).waitFor()

  await page.getByRole('button', { name: 'Send a new code' }).click()
  const second = codeIn(await mailbox.mailTo(EMAIL, 2))
  await page.getByLabel('Code').fill(second)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  expect(visitor.complaints()).toEqual([])
})

test('a forgotten password: the link from the mail, a new one, and in', async () => {
  visitor.expects(/status of 401/)
  await page.goto('/settings')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('link', { name: 'Forgot your password?' }).click()
  // The page before has a field of that name too.
  await page.getByRole('button', { name: 'Send the link' }).waitFor()
  await page.getByLabel('Email').fill(EMAIL)
  await page.getByRole('button', { name: 'Send the link' }).click()
  const mail = await mailbox.mailTo(EMAIL, 3)
  await page.getByRole('status').filter({ hasText: /link/i }).waitFor()
  await expectSound()

  const [link = ''] = /^http\S+$/m.exec(mail.text) ?? []
  expect(link).toContain(`${dashboard.server.url}/reset-password?token=`)
  await page.goto(link)
  await fillPassword('New password', 'another password')
  await expectSound()
  await page.getByRole('button', { name: 'Change the password' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await signIn(EMAIL, 'long enough')
  await page.getByRole('alert').filter({ hasText: 'Invalid email or password' }).waitFor()
  await signIn(EMAIL, 'another password')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()

  // A link is good for once.
  await page.goto(link)
  await fillPassword('New password', 'yet another one')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').filter({ hasText: /link/i }).waitFor()
  expect(visitor.complaints()).toEqual([])
})

test('a new address counts once the code that was sent to it is entered; the old one is told', async () => {
  await page.goto('/settings')
  await page.getByLabel('New address').fill(NEW_EMAIL)
  await fillPassword('Your password', 'another password')
  await page.getByRole('button', { name: 'Change address' }).click()
  const code = codeIn(await mailbox.mailTo(NEW_EMAIL))
  await page.getByLabel('Code').fill(code)
  await expectSound()
  await expectBriefly(page, 'Email address changed', () => page.getByRole('button', { name: 'Confirm' }).click())
  await page.getByText(NEW_EMAIL, { exact: true }).first().waitFor()
  // After two codes, a link, and that the password was changed.
  expect((await mailbox.mailTo(EMAIL, 5)).subject).toContain('address was changed')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await signIn(NEW_EMAIL, 'another password')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  expect(visitor.complaints()).toEqual([])
})
