/** Every page and dialog of the dashboard, as the screenshots and the test of every page visit them. */
import type { Page } from 'playwright-core'
import { expectFocus, saveData } from './browser.js'
import { VERIFY_SCENES } from './verify-scenes.js'

/** A stranger has no session, a newcomer an account without a project; the owner has everything. */
export type Role = 'stranger' | 'newcomer' | 'owner'

export interface Scene {
  readonly name: string
  readonly path: string
  readonly as: Role
  /** What is done before the page is opened. */
  readonly before?: (page: Page) => Promise<unknown>
  /** What is done on the page before it is looked at. */
  readonly act?: (page: Page) => Promise<void>
  /** Where it can be seen, when not on both. */
  readonly screen?: 'desktop' | 'phone'
  /** It breaks something, so it has a browser of its own; complaints like these are expected. */
  readonly breaks?: RegExp
}

/** Jobs by their state, the project they are of, and one whose echo is off. */
export interface Furniture {
  readonly projectId: string
  readonly otherProjectId: string
  readonly delivered: string
  readonly failing: string
  readonly scheduled: string
}

/** On an install without any account. */
export const EMPTY_INSTALL: readonly Scene[] = [{ name: 'welcome', path: '/', as: 'stranger' }]

/** While the owner's project has no job. */
export const FIRST_STEPS: readonly Scene[] = [{ name: 'overview-first-steps', path: '/', as: 'owner' }]

/** Of requests to a server that is away, and of React about a page that could not be loaded. */
const AWAY =
  /ERR_INTERNET_DISCONNECTED|ERR_NETWORK|load preload assets|dynamically imported module|CodeUnreachableError/

export function furnishedScenes(furniture: Furniture): readonly Scene[] {
  return [
    ...ENTRY,
    ...EMPTY,
    ...overviews(),
    ...jobs(furniture),
    ...projects(furniture),
    ...DOCS,
    ...VERIFY_SCENES,
    ...OTHERS,
  ]
}

const ENTRY: readonly Scene[] = [
  { name: 'sign-in', path: '/sign-in', as: 'stranger' },
  { name: 'sign-in-expired', path: '/sign-in?expired=true', as: 'stranger' },
  { name: 'sign-in-refused', path: '/sign-in', as: 'stranger', act: submit('Sign in') },
  { name: 'sign-up', path: '/sign-up', as: 'stranger' },
  { name: 'verify-email', path: '/verify-email?email=ada@example.com', as: 'stranger' },
  { name: 'forgot-password', path: '/forgot-password', as: 'stranger' },
  { name: 'reset-password', path: '/reset-password?token=abc', as: 'stranger' },
  { name: 'reset-password-no-token', path: '/reset-password', as: 'stranger' },
]

const EMPTY: readonly Scene[] = [
  { name: 'overview-no-project', path: '/', as: 'newcomer' },
  { name: 'jobs-empty', path: '/jobs', as: 'newcomer' },
  { name: 'job-new-no-project', path: '/jobs/new', as: 'newcomer' },
  { name: 'projects-empty', path: '/projects', as: 'newcomer' },
]

const DOCS: readonly Scene[] = [
  { name: 'docs-signed-out', path: '/docs/using', as: 'stranger' },
  { name: 'docs-using', path: '/docs/using', as: 'owner' },
  { name: 'docs-section', path: '/docs/using#receiving-a-webhook', as: 'owner' },
  { name: 'docs-prompt', path: '/docs/using', as: 'owner', act: (page) => page.getByText('Read it first').click() },
  { name: 'docs-search', path: '/docs/using', as: 'stranger', act: searchDocs },
  { name: 'docs-self-hosting', path: '/docs/self-hosting', as: 'owner' },
  { name: 'docs-configuration', path: '/docs/configuration', as: 'owner' },
  { name: 'docs-differences', path: '/docs/differences', as: 'owner' },
]

const OTHERS: readonly Scene[] = [
  { name: 'command-menu', path: '/', as: 'owner', act: openDialog('Command menu') },
  { name: 'settings', path: '/settings', as: 'owner' },
  { name: 'settings-delete', path: '/settings', as: 'owner', act: openDialog('Delete account') },
  { name: 'settings-theme', path: '/settings', as: 'owner', act: openList('Theme') },
  { name: 'account-menu', path: '/settings', as: 'owner', screen: 'desktop', act: openAccountMenu },
  { name: 'not-found', path: '/nowhere', as: 'owner' },
  { name: 'not-found-signed-out', path: '/nowhere', as: 'stranger' },
  { name: 'api-down', path: '/projects', as: 'owner', breaks: AWAY, act: loseServer },
  { name: 'page-unreachable', path: '/projects', as: 'owner', breaks: AWAY, before: saveData, act: openUnreachable },
  { name: 'page-broke', path: '/settings', as: 'owner', breaks: /made to break/, before: breakSettings },
]

function overviews(): readonly Scene[] {
  return [
    { name: 'overview', path: '/', as: 'owner' },
    { name: 'overview-week', path: '/?range=7d&ahead=24h', as: 'owner' },
    { name: 'overview-tables', path: '/', as: 'owner', act: showTables },
    { name: 'overview-project-list', path: '/', as: 'owner', act: openList('Project') },
  ]
}

function jobs({ projectId, delivered, failing, scheduled }: Furniture): readonly Scene[] {
  const filter = 'status=SCHEDULED,FAILED&q=re&from=2020-01-01T00:00:00.000Z'
  return [
    { name: 'jobs', path: '/jobs', as: 'owner' },
    { name: 'jobs-filtered', path: `/jobs?${filter}`, as: 'owner' },
    { name: 'jobs-none', path: '/jobs?q=nothing+is+called+so', as: 'owner' },
    { name: 'jobs-export', path: '/jobs', as: 'owner', act: openMenu('Export') },
    { name: 'jobs-order-list', path: '/jobs', as: 'owner', act: openList('Order') },
    { name: 'jobs-selected', path: '/jobs', as: 'owner', act: selectJobs },
    { name: 'jobs-cancel', path: '/jobs', as: 'owner', act: cancelSelected },
    { name: 'job', path: `/jobs/${delivered}`, as: 'owner' },
    { name: 'job-scheduled', path: `/jobs/${scheduled}`, as: 'owner' },
    { name: 'job-failed', path: `/jobs/${failing}`, as: 'owner' },
    { name: 'job-cancel', path: `/jobs/${scheduled}`, as: 'owner', act: openDialog('Cancel job') },
    { name: 'job-again', path: `/jobs/${delivered}`, as: 'owner', act: openDialog('Schedule again') },
    { name: 'job-fire', path: `/jobs/${delivered}`, as: 'owner', act: openDialog('Fire again now') },
    { name: 'job-new', path: '/jobs/new', as: 'owner' },
    { name: 'job-new-echo', path: `/jobs/new?projectId=${projectId}&to=echo`, as: 'owner' },
    { name: 'job-new-project-list', path: '/jobs/new', as: 'owner', act: openList('Project') },
    { name: 'job-new-refused', path: '/jobs/new', as: 'owner', act: submitWrong },
  ]
}

function projects({ projectId, otherProjectId }: Furniture): readonly Scene[] {
  const path = `/projects/${projectId}`
  return [
    { name: 'projects', path: '/projects', as: 'owner' },
    { name: 'projects-new', path: '/projects', as: 'owner', act: openDialog('New project') },
    { name: 'project', path, as: 'owner' },
    { name: 'project-secret', path, as: 'owner', act: revealSecret },
    { name: 'project-rotate', path, as: 'owner', act: openDialog('Rotate') },
    { name: 'project-revoke', path, as: 'owner', act: openDialog('Revoke test') },
    { name: 'project-delete', path, as: 'owner', act: openDialog('Delete project') },
    { name: 'echo', path: `${path}/echo`, as: 'owner' },
    { name: 'echo-headers', path: `${path}/echo`, as: 'owner', act: clickTab(/^Headers/) },
    { name: 'echo-rotate', path: `${path}/echo`, as: 'owner', act: openDialog('Rotate') },
    { name: 'echo-off', path: `/projects/${otherProjectId}/echo`, as: 'owner' },
    { name: 'project-new-key', path, as: 'owner', act: makeKey },
  ]
}

function clickButton(name: string | RegExp): (page: Page) => Promise<void> {
  return (page) => page.getByRole('button', { name }).first().click()
}

/** A form with something wrong in it, which is then said. */
function submit(button: string): (page: Page) => Promise<void> {
  return async (page) => {
    await clickButton(button)(page)
    await page.locator('[aria-invalid=true]').first().waitFor()
  }
}

function openMenu(button: string): (page: Page) => Promise<void> {
  return async (page) => {
    await clickButton(button)(page)
    await page.getByRole('menu').waitFor()
  }
}

async function revealSecret(page: Page): Promise<void> {
  await clickButton('Reveal')(page)
  await page.getByLabel('signing secret', { exact: true }).waitFor()
}

function clickTab(name: string | RegExp): (page: Page) => Promise<void> {
  return async (page) => {
    await page.getByRole('tab', { name }).click()
    await page.getByRole('tab', { name, selected: true }).waitFor()
  }
}

function openDialog(button: string | RegExp): (page: Page) => Promise<void> {
  return async (page) => {
    await clickButton(button)(page)
    await page.locator('[role=dialog], [role=alertdialog]').waitFor()
  }
}

async function searchDocs(page: Page): Promise<void> {
  await page.keyboard.press('/')
  await expectFocus(page.getByRole('combobox', { name: 'Search the docs' }))
  await page.keyboard.type('retry delay')
  await page.getByRole('option').first().waitFor()
}

function openList(label: string | RegExp): (page: Page) => Promise<void> {
  return async (page) => {
    await page.getByRole('combobox', { name: label }).first().click()
    await page.getByRole('listbox').waitFor()
  }
}

async function openAccountMenu(page: Page): Promise<void> {
  await clickButton(/^Account/)(page)
  await page.getByRole('menuitem', { name: 'Sign out' }).waitFor()
}

async function loseServer(page: Page): Promise<void> {
  await page.context().setOffline(true)
  await page.getByText('Dispatch cannot be reached.', { exact: true }).waitFor()
}

async function openUnreachable(page: Page): Promise<void> {
  await page.context().setOffline(true)
  await page.getByRole('link', { name: 'Settings', exact: true }).first().click()
  await page.getByRole('heading', { name: 'This page could not be loaded' }).waitFor()
}

/** As a bug in a page would: its code throws. */
function breakSettings(page: Page): Promise<unknown> {
  const body = "throw new Error('made to break: the page has no list of sessions')"
  return page.route(/\/assets\/settings-[^/]*\.js$/, (route) => route.fulfill({ contentType: 'text/javascript', body }))
}

async function showTables(page: Page): Promise<void> {
  for (const button of await page.getByRole('button', { name: /^Table of/ }).all()) await button.click()
}

async function selectJobs(page: Page): Promise<void> {
  await page.getByLabel('Select all jobs').check()
  await page.getByRole('group', { name: 'Selected jobs' }).waitFor()
}

async function cancelSelected(page: Page): Promise<void> {
  await selectJobs(page)
  await openDialog(/^Cancel \d/)(page)
}

async function submitWrong(page: Page): Promise<void> {
  await page.getByLabel('Webhook URL').fill('https://hooks.example.com/a b')
  await page.getByLabel('Payload').fill('{\n  "userId": "usr_812",\n  "plan": pro\n}')
  await submit('Schedule job')(page)
}

async function makeKey(page: Page): Promise<void> {
  await openDialog('New key')(page)
  await page.getByLabel('Label').fill('CI')
  await page.keyboard.press('Enter')
  await page.getByLabel('API key', { exact: true }).waitFor()
}

/** Opens a scene and waits until nothing of it is still on its way. */
export async function showScene(page: Page, { name, path, before, act }: Scene): Promise<void> {
  try {
    await before?.(page)
    await page.goto(path)
    await page.locator('h1').first().waitFor()
    await settle(page)
    await act?.(page)
    await settle(page)
  } catch (error) {
    throw new Error(`the scene ${name} could not be shown`, { cause: error })
  }
}

/** Waits for answers, fonts, and two frames: charts are drawn anew in the one after their size changed. */
export async function settle(page: Page): Promise<void> {
  await page.getByLabel('Loading').first().waitFor({ state: 'detached' })
  await page.evaluate(async () => {
    await document.fonts.ready
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame)
  })
}
