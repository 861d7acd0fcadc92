/** The guides in the dashboard: for who is signed in and who is not, on screen and on paper, from each server of it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { DOCS } from '../../dispatch-web/src/pages/docs/document.js'
import { ROOT } from '../../scripts/ensure.mjs'
import { post, signUp, type Project } from '../client.js'
import {
  accessibilityProblems,
  expectBriefly,
  expectFocus,
  openDashboard,
  openVisitor,
  useSession,
  type Dashboard,
  type Visitor,
} from './browser.js'
import { settle } from './scenes.js'

let dashboard: Dashboard
let owner: Project
let staging: string

beforeAll(async () => {
  dashboard = await openDashboard()
  owner = await signUp(dashboard.server.url)
  const headers = { authorization: `Bearer ${owner.token}` }
  staging = (await post<{ id: string }>(`${dashboard.server.url}/api/v1/projects`, { name: 'staging' }, headers)).id
})

afterAll(() => dashboard.close())

/** Allowed to use the clipboard, as a person's click allows it. */
async function visit(path: string, token?: string): Promise<Visitor> {
  const visitor = await dashboard.open({ permissions: ['clipboard-read', 'clipboard-write'], reducedMotion: 'reduce' })
  if (token !== undefined) await useSession(visitor.page, token)
  await visitor.page.goto(path)
  await visitor.page.getByRole('heading', { level: 1 }).waitFor()
  await settle(visitor.page)
  return visitor
}

const copied = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText())

/** Types into the field of the search, which the key leads to. */
async function search(page: Page, text: string): Promise<void> {
  await page.keyboard.press('/')
  await expectFocus(page.getByRole('combobox', { name: 'Search the docs' }))
  await page.keyboard.type(text)
}

/** The names of the chosen tabs, once they are these. */
async function expectChosen(page: Page, names: readonly string[]): Promise<void> {
  await expect.poll(() => page.getByRole('tab', { selected: true }).allTextContents()).toEqual(names)
}

function isInSight(page: Page, id: string): Promise<boolean> {
  return page.evaluate((name) => {
    const { top, bottom } = document.getElementById(name)!.getBoundingClientRect()
    return top >= 0 && bottom <= innerHeight
  }, id)
}

test('every guide is readable without signing in; /docs leads to the first', async () => {
  const { page, complaints } = await visit('/docs')
  await page.waitForURL('**/docs/using')
  for (const name of DOCS) {
    const markdown = await readFile(join(ROOT, 'docs', `${name}.md`), 'utf8')
    const title = /^# (.*)$/m.exec(markdown)?.[1] ?? ''
    await page.goto(`/docs/${name}`)
    await page.getByRole('heading', { level: 1, name: title }).waitFor()
    const sections = markdown.replace(/^```[^]*?^```$/gm, '').match(/^## /gm)?.length ?? 0
    await expect.poll(() => page.locator('article > section h2').count()).toBe(sections)
    // The program's own form, at the same address.
    expect(await (await fetch(`${dashboard.server.url}/docs/${name}.md`)).text()).toBe(markdown)
  }
  expect(complaints()).toEqual([])
  await page.goto('/docs/nothing')
  await page.getByText('There is nothing at this address').waitFor()
  await page.goto('/sign-in')
  await page.getByRole('link', { name: 'Docs', exact: true }).click()
  await page.waitForURL('**/docs/using')
  await page.context().close()
})

test('nothing stands in the way of who reads without eyes, or without a mouse', async () => {
  const { page, complaints } = await visit('/docs/using', owner.token)
  await page.getByText('Read it first').click()
  expect(await accessibilityProblems(page)).toEqual([])
  await page.goto('/docs/configuration')
  await page.getByRole('heading', { level: 1, name: 'Configuration' }).waitFor()
  await search(page, 'retry')
  await page.getByRole('option').first().waitFor()
  expect(await accessibilityProblems(page)).toEqual([])
  expect(complaints()).toEqual([])
  await page.context().close()
})

test('a session that is over leaves who reads where they are', async () => {
  const { page, expects } = await visit('/docs/self-hosting', 'no session')
  expects(/401/)
  await page.getByRole('link', { name: 'Sign in' }).waitFor()
  expect(new URL(page.url()).pathname).toBe('/docs/self-hosting')
  await page.context().close()
})

test('the chosen language is shown everywhere, and after a reload', async () => {
  const { page, complaints } = await visit('/docs/using')
  await expectChosen(page, ['Node', 'curl'])
  await page.getByRole('tab', { name: 'Python' }).first().click()
  await expectChosen(page, ['Python', 'Python'])
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await expectChosen(page, ['Go', 'Go'])
  await page.getByRole('navigation', { name: 'Docs' }).getByRole('link', { name: 'Self-hosting' }).click()
  await page.getByRole('heading', { level: 1, name: 'Running Dispatch yourself' }).waitFor()
  await page.goto('/docs/using')
  await expectChosen(page, ['Go', 'Go'])
  // An example that is not there in the chosen language shows its first.
  await page.getByRole('tab', { name: 'curl' }).click()
  await expectChosen(page, ['Node', 'curl'])
  expect(complaints()).toEqual([])
  await page.context().close()
})

test('the language chosen in the guides is that of the form of a new job, and the other way round', async () => {
  const { page, complaints } = await visit('/docs/using', owner.token)
  await page.getByRole('tab', { name: 'Python' }).first().click()
  await page.goto('/jobs/new')
  await page.getByText('import json, os').waitFor()
  await page.getByText('Go', { exact: true }).click()
  await page.goto('/docs/using')
  await expectChosen(page, ['Go', 'Go'])
  expect(complaints()).toEqual([])
  await page.context().close()
})

test('who signs in from a guide comes back to its section', async () => {
  const { page } = await visit('/docs/using#limits')
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('Email').fill('owner@example.com')
  await page.getByLabel('Password', { exact: true }).fill('long enough')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/docs/using#limits')
  await page.getByRole('link', { name: 'Overview' }).waitFor()
  await page.context().close()
})

test('search finds sections of all guides, by keyboard alone', async () => {
  const { page, complaints } = await visit('/docs/using')
  await search(page, 'retry_delays')
  const options = page.getByRole('option')
  await expect.poll(() => options.first().locator('mark').allTextContents()).toContain('RETRY_DELAYS')
  const chosen = page.getByRole('option', { selected: true })
  await chosen.filter({ hasText: 'Configuration' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await chosen.filter({ hasNotText: 'Configuration' }).waitFor()
  await page.keyboard.press('ArrowUp')
  await chosen.filter({ hasText: 'Configuration' }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/docs/configuration#retry_delays')
  await expect.poll(() => isInSight(page, 'retry_delays')).toBe(true)
  await search(page, '')
  await page.getByRole('combobox', { name: 'Search the docs' }).fill('zebra')
  await page.getByText('Nothing has all of these words.').waitFor()
  await page.keyboard.press('Escape')
  await page.getByText('Nothing has all of these words.').waitFor({ state: 'hidden' })
  expect(complaints()).toEqual([])
  await page.context().close()
})

test('a link to a section opens there, and the contents mark what is read', async () => {
  const { page, complaints } = await visit('/docs/using#verifying-the-sender')
  await expect.poll(() => isInSight(page, 'verifying-the-sender')).toBe(true)
  const current = page.locator('[aria-current=location]')
  await expect.poll(() => current.textContent()).toBe('Verifying the sender')
  await page.evaluate(() => document.getElementById('errors')!.scrollIntoView())
  await expect.poll(() => current.textContent()).toBe('Errors')

  await expectBriefly(page, 'Link copied', () => page.getByRole('link', { name: 'Copy the link to “Limits”' }).click())
  expect(await copied(page)).toBe(`${dashboard.server.url}/docs/using#limits`)
  await page.waitForURL(`${dashboard.server.url}/docs/using#limits`)
  await expect.poll(() => current.textContent()).toBe('Limits')

  await page.getByRole('article').getByRole('link', { name: 'Configuration' }).first().click()
  await page.getByRole('heading', { level: 1, name: 'Configuration' }).waitFor()
  expect(complaints()).toEqual([])
  await page.context().close()
})

test('examples hold the address of this server, and the project of who is signed in', async () => {
  const stranger = await visit('/docs/using')
  const text = await stranger.page.getByRole('article').textContent()
  expect(text).toContain(`curl -s ${dashboard.server.url}/api/v1/jobs`)
  expect(text).not.toContain('http://localhost:4000')
  expect(text).toContain('PROJECT=$(curl')
  await stranger.page.context().close()

  const { page, complaints } = await visit('/docs/using', owner.token)
  await page.getByRole('link', { name: 'Overview' }).waitFor()
  const select = page.getByRole('combobox', { name: 'Project of the examples' })
  for (const [name, id] of [
    ['staging', staging],
    ['production', owner.id],
  ] as const) {
    await select.click()
    await page.getByRole('option', { name }).click()
    await expect.poll(() => page.getByRole('article').textContent()).toContain(`PROJECT=${id}`)
  }
  await page.reload()
  await expect.poll(() => page.getByRole('article').textContent()).toContain(`"projectId": "${owner.id}"`)

  const example = page.getByRole('tabpanel').first()
  await expectBriefly(page, 'Copied', () => example.getByRole('button', { name: 'Copy Node example' }).click())
  expect(await copied(page)).toMatch(/^\/\/ receive\.mjs\n/)
  expect(complaints()).toEqual([])
  await page.context().close()
})

test('a prompt is copied by one click, with the address of this server', async () => {
  for (const [path, file] of [
    ['/docs/using', 'integrate'],
    ['/docs/self-hosting', 'self-host'],
  ] as const) {
    const { page, complaints } = await visit(path)
    await page.getByRole('article').getByRole('link', { name: 'give it this prompt' }).click()
    await page.waitForURL((url) => url.hash === '#ai-setup')
    await expectBriefly(page, 'Copied', () => page.getByRole('button', { name: 'Copy prompt' }).first().click())
    const prompt = await readFile(join(ROOT, 'docs', 'prompts', `${file}.md`), 'utf8')
    const expected = file === 'integrate' ? prompt.replaceAll('http://localhost:4000', dashboard.server.url) : prompt
    expect(await copied(page)).toBe(expected)
    expect(complaints()).toEqual([])
    await page.context().close()
  }
})

test('on paper: no navigation, dark on white, the chosen language, addresses of links', async () => {
  const { page } = await visit('/docs/using', owner.token)
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  for (const hidden of [
    page.getByRole('navigation'),
    page.getByRole('search'),
    page.getByRole('button', { name: /^Copy/ }),
    page.getByRole('tab', { selected: false }),
  ]) {
    for (const element of await hidden.all()) expect(await element.isVisible()).toBe(false)
  }
  await expectChosen(page, ['Node', 'curl'])
  const colours = await page.evaluate(() => {
    const { color, backgroundColor } = getComputedStyle(document.body)
    const link = document.querySelector('.docs a[href^="https://www.standardwebhooks.com"]')!
    return { color, backgroundColor, after: getComputedStyle(link, '::after').content }
  })
  expect(colours.color).toBe('rgb(0, 0, 0)')
  expect(colours.backgroundColor).toBe('rgb(255, 255, 255)')
  expect(colours.after).toContain('https://www.standardwebhooks.com')
  const pdf = await page.pdf({ format: 'A4' })
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  await page.context().close()
})

test.each([
  ['its own server', [join('dispatch-web', 'serve.mjs')], { PORT: '0' }, /listens on (\S+)/],
  [
    "Vite's server for development",
    [join('node_modules', 'vite', 'bin', 'vite.js'), 'dispatch-web', '--port', '0', '--strictPort', 'false'],
    { VITE_API_URL: 'http://localhost:9' },
    /Local: +(\S+?)\/?$/,
  ],
])(
  'the guides are there from %s too',
  async (_name, args, env, pattern) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      let url = ''
      for await (const line of createInterface({ input: child.stdout })) {
        url = pattern.exec(line)?.[1] ?? ''
        if (url !== '') break
      }
      const { page } = await openVisitor(dashboard.browser, { baseURL: url })
      await page.goto('/docs/using#errors')
      await page.getByRole('heading', { name: 'Errors', exact: true }).waitFor({ timeout: 120_000 })
      await page.getByRole('tab', { name: 'Go' }).first().waitFor()
      expect(await (await fetch(`${url}/docs/using.md`)).text()).toMatch(/^# Using Dispatch\n/)
      await page.context().close()
    } finally {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
  },
  300_000,
)
