/**
 * `npm run screenshots`: every page, on a desktop and a phone, in both themes, into `.cache/screenshots`. Words after it
 * narrow the pages: `npm run screenshots -- project sign-in`.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { startReceiver } from '../../dispatch-backend/src/testing/receiver.js'
import { ROOT } from '../../scripts/ensure.mjs'
import { post, request, signUp, type Project } from '../client.js'
import { makeFolder, removeFolder } from '../server-process.js'
import { DESKTOP, openDashboard, PHONE, useSession, type Dashboard } from './browser.js'
import { writeHistory } from './history.js'

interface Shot {
  readonly name: string
  readonly path: string
  readonly isSignedIn?: boolean
  /** What is done on the page before it is taken. */
  readonly act?: (page: Page) => Promise<void>
}

const FOLDER = join(ROOT, '.cache', 'screenshots')
const SCREENS = { desktop: DESKTOP, phone: PHONE }

const only = process.argv.slice(2)
const isWanted = ({ name }: Shot): boolean => only.length === 0 || only.includes(name)
if (only.length === 0) await rm(FOLDER, { recursive: true, force: true })
await mkdir(FOLDER, { recursive: true })

const folder = await makeFolder()
const databaseFile = join(folder, 'dispatch.db')
const settings = { DATABASE_URL: `sqlite://${databaseFile}`, RETRY_DELAYS: '100ms,2h' }
const receiver = await startReceiver({
  respond: ({ path }) =>
    path === '/hooks/down'
      ? { status: 503, body: '{"error":"maintenance until 18:00"}' }
      : { body: '{"received":true}' },
})
try {
  const project = await onDashboard(async (dashboard) => {
    await take(dashboard, [{ name: 'welcome', path: '/' }])
    const found = await signUp(dashboard.server.url)
    await take(dashboard, [{ name: 'overview-first-steps', path: '/', isSignedIn: true }], found.token)
    return { ...found, apiKeyId: await readKeyId(dashboard, found) }
  })
  const { id: projectId, apiKeyId } = project
  await writeHistory({ databaseFile, projectId, scope: { kind: 'apiKey', projectId, apiKeyId } })
  await onDashboard(async (dashboard) => take(dashboard, await furnish(dashboard, project), project.token))
} finally {
  await receiver.close()
  await removeFolder(folder)
}
process.stdout.write(`${FOLDER}\n`)

/** One server after the other on the same database: history is written while none runs. */
async function onDashboard<Result>(work: (dashboard: Dashboard) => Promise<Result>): Promise<Result> {
  const dashboard = await openDashboard(settings)
  try {
    return await work(dashboard)
  } finally {
    await dashboard.close()
  }
}

async function readKeyId({ server }: Dashboard, { id, token }: Project): Promise<string> {
  const headers = { authorization: `Bearer ${token}` }
  const keys = await request<{ id: string }[]>('GET', `${server.url}/api/v1/projects/${id}/api-keys`, { headers })
  return keys.data[0]!.id
}

/** Jobs in several states beside those of the history, and where to look at them. */
async function furnish({ server }: Dashboard, { id, token, key }: Project): Promise<Shot[]> {
  const bearer = { authorization: `Bearer ${token}` }
  const schedule = (title: string, path: string, inMs: number): Promise<{ id: string }> => {
    const fireAt = new Date(Date.now() + inMs).toISOString()
    const body = { title, webhookUrl: `${receiver.url}${path}`, fireAt, payload: { userId: 'usr_812', plan: 'pro' } }
    return post(`${server.url}/api/v1/jobs`, body, { 'x-api-key': key })
  }
  await post(`${server.url}/api/v1/projects`, { name: 'billing, with a name that is rather long for a table' }, bearer)
  const delivered = receiver.waitFor(4)
  const job = await schedule('Trial expiry reminder', '/hooks/trial-expiry', 300)
  await schedule('Invoice 2041', '/hooks/invoice', 300)
  const failing = await schedule('Sync with the warehouse, which answers 503 today', '/hooks/down', 300)
  const scheduled = await schedule('Monthly report', '/hooks/report', 3_600_000)
  await schedule('Renewal of the yearly plan', '/hooks/renewal', 86_400_000 * 12)
  await delivered
  const shots: readonly Shot[] = [
    { name: 'sign-in', path: '/sign-in' },
    { name: 'sign-up', path: '/sign-up' },
    { name: 'verify-email', path: '/verify-email?email=ada@example.com' },
    { name: 'forgot-password', path: '/forgot-password' },
    { name: 'reset-password', path: '/reset-password?token=abc' },
    { name: 'overview', path: '/', isSignedIn: true },
    { name: 'overview-week', path: '/?range=7d&ahead=24h', isSignedIn: true },
    { name: 'overview-tables', path: '/', isSignedIn: true, act: showTables },
    { name: 'jobs', path: '/jobs', isSignedIn: true },
    {
      name: 'jobs-filtered',
      path: '/jobs?status=SCHEDULED,FAILED&q=re&from=2020-01-01T00:00:00.000Z',
      isSignedIn: true,
    },
    { name: 'jobs-selected', path: '/jobs', isSignedIn: true, act: selectJobs },
    { name: 'job', path: `/jobs/${job.id}`, isSignedIn: true },
    { name: 'job-scheduled', path: `/jobs/${scheduled.id}`, isSignedIn: true },
    { name: 'job-failed', path: `/jobs/${failing.id}`, isSignedIn: true },
    { name: 'job-cancel', path: `/jobs/${scheduled.id}`, isSignedIn: true, act: clickButton('Cancel job') },
    { name: 'job-again', path: `/jobs/${job.id}`, isSignedIn: true, act: clickButton('Schedule again') },
    { name: 'job-new', path: '/jobs/new', isSignedIn: true },
    { name: 'job-new-refused', path: '/jobs/new', isSignedIn: true, act: submitWrong },
    { name: 'projects', path: '/projects', isSignedIn: true },
    { name: 'project', path: `/projects/${id}`, isSignedIn: true },
    { name: 'project-delete', path: `/projects/${id}`, isSignedIn: true, act: clickButton('Delete project') },
    { name: 'project-new-key', path: `/projects/${id}`, isSignedIn: true, act: makeKey },
    { name: 'settings', path: '/settings', isSignedIn: true },
    { name: 'not-found', path: '/nowhere', isSignedIn: true },
  ]
  return [...shots]
}

function clickButton(name: string): (page: Page) => Promise<void> {
  return (page) => page.getByRole('button', { name }).first().click()
}

async function showTables(page: Page): Promise<void> {
  for (const button of await page.getByRole('button', { name: /^Table of/ }).all()) await button.click()
}

async function selectJobs(page: Page): Promise<void> {
  await page.getByLabel('Select all jobs').check()
  await page.getByRole('group', { name: 'Selected jobs' }).waitFor()
}

async function submitWrong(page: Page): Promise<void> {
  await page.getByLabel('Webhook URL').fill('https://hooks.example.com/a b')
  await page.getByLabel('Payload').fill('{\n  "userId": "usr_812",\n  "plan": pro\n}')
  await clickButton('Schedule job')(page)
}

async function makeKey(page: Page): Promise<void> {
  await clickButton('New key')(page)
  await page.getByLabel('Label').fill('CI')
  await page.keyboard.press('Enter')
  await page.getByLabel('API key', { exact: true }).waitFor()
}

async function take(dashboard: Dashboard, shots: readonly Shot[], token?: string): Promise<void> {
  const wanted = shots.filter(isWanted)
  for (const screen of ['desktop', 'phone'] as const) {
    for (const theme of ['dark', 'light'] as const) {
      for (const isSignedIn of [false, true]) {
        const taken = wanted.filter((shot) => (shot.isSignedIn ?? false) === isSignedIn)
        await takeAs(dashboard, taken, { screen, theme, ...(isSignedIn && { token }) })
      }
    }
  }
}

interface Visit {
  readonly screen: keyof typeof SCREENS
  readonly theme: 'dark' | 'light'
  readonly token?: string | undefined
}

/** All by one visitor; without a token, by a stranger. */
async function takeAs({ open }: Dashboard, shots: readonly Shot[], { screen, theme, token }: Visit): Promise<void> {
  if (shots.length === 0) return
  const viewport = SCREENS[screen]
  const { page, complaints } = await open({ viewport, colorScheme: theme, reducedMotion: 'reduce' })
  if (token !== undefined) await useSession(page, token)
  for (const { name, path, act } of shots) {
    await page.setViewportSize(viewport)
    await page.goto(path)
    await page.locator('h1').first().waitFor()
    await page.getByLabel('Loading').first().waitFor({ state: 'detached' })
    await act?.(page)
    await page.evaluate(() => document.fonts.ready.then(() => undefined))
    if (act === undefined) await showAll(page, viewport)
    await page.screenshot({ path: join(FOLDER, `${name}-${screen}-${theme}.png`) })
  }
  for (const complaint of complaints()) process.stderr.write(`${complaint}\n`)
  await page.context().close()
}

/** A window as high as the page: a full-page screenshot would leave bars that are fixed to the window in its middle. */
async function showAll(page: Page, { width, height }: { width: number; height: number }): Promise<void> {
  const needed = await page.evaluate(() => document.documentElement.scrollHeight)
  await page.setViewportSize({ width, height: Math.max(height, needed) })
}
