/** Real Chromium against the real server. What a page complains of in its console fails the test that opened it. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core'
import { installPackages } from '../../dispatch-backend/src/testing/install-server.js'
import { ensureBuilt } from '../../scripts/compile.mjs'
import { ROOT } from '../../scripts/ensure.mjs'
import { withLock } from '../../scripts/lock.mjs'
import { makeFolder, removeFolder, startServerProcess, type ServerProcess } from '../server-process.js'

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
/** Nothing leaves this machine; as root, Chromium has no sandbox of its own. */
const ARGUMENTS = [
  ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-dev-shm-usage', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-default-apps'],
]
export const DESKTOP = { width: 1440, height: 900 } as const
export const PHONE = { width: 390, height: 844 } as const
/** For whatever a page is waited for, so that what does not come is named before the test's own time is over. */
const WAIT_MS = 60_000
const MOST_LOOKS = 3
const LOOK_AGAIN_MS = 1000

export interface Dashboard {
  readonly server: ServerProcess
  readonly browser: Browser
  /** A fresh visitor: no storage, no cookies. */
  readonly open: (options?: BrowserContextOptions) => Promise<Visitor>
  readonly close: () => Promise<void>
}

export interface Visitor {
  readonly page: Page
  /** What the page complained of since the last call: errors and warnings of the console, exceptions. */
  readonly complaints: () => string[]
  /** Complaints that match are expected: a refusal of the API shows in the console as well. */
  readonly expects: (pattern: RegExp) => void
}

/** Builds what changed since the last time, the server as well. */
export function buildDashboard(): Promise<void> {
  return withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT))
}

/** The server on an empty SQLite database, and a browser. */
export async function openDashboard(settings: Record<string, string> = {}): Promise<Dashboard> {
  await buildDashboard()
  const folder = await makeFolder()
  const server = await startServerProcess(folder, { ALLOW_PRIVATE_WEBHOOKS: 'true', ...settings })
  const browser = await launchChromium()
  return {
    server,
    browser,
    open: (options = {}) => openVisitor(browser, { baseURL: server.url, viewport: DESKTOP, ...options }),
    async close() {
      await browser.close()
      server.signal('SIGTERM')
      await server.ended()
      await removeFolder(folder)
    },
  }
}

const findChromium = (): string | undefined =>
  [process.env['TEST_CHROMIUM'] ?? '', ...PROGRAMS].find((file) => existsSync(file))

/** Installed as the file is loaded: in a hook a slow mirror would use up the hook's time. */
const chromiumProgram = findChromium() ?? (installPackages(['chromium']) ? findChromium() : undefined)

/** Debian's Chromium, or what `TEST_CHROMIUM` names; installed when it is missing and we may. */
export function launchChromium(): Promise<Browser> {
  if (chromiumProgram === undefined) {
    throw new Error('no Chromium found: install the package chromium, or name the program in TEST_CHROMIUM')
  }
  return chromium.launch({
    executablePath: chromiumProgram,
    args: ARGUMENTS,
    chromiumSandbox: process.getuid?.() !== 0,
    timeout: WAIT_MS,
  })
}

export async function openVisitor(browser: Browser, options: BrowserContextOptions): Promise<Visitor> {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(WAIT_MS)
  const page = await context.newPage()
  let heard: string[] = []
  const expected: RegExp[] = []
  const hear = (text: string): void => {
    if (!expected.some((pattern) => pattern.test(text))) heard.push(text)
  }
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) hear(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => hear(`exception: ${error.message}`))
  return {
    page,
    complaints() {
      const all = heard
      heard = []
      return all
    },
    expects: (pattern) => void expected.push(pattern),
  }
}

/** Every page that is opened from now on starts with this session. */
export function useSession(page: Page, token: string): Promise<unknown> {
  return page.context().addInitScript((value) => localStorage.setItem('dispatch.token', value), token)
}

/** As in a browser that is told to save data: no page is fetched before it is opened. */
export function saveData(page: Page): Promise<unknown> {
  return page.addInitScript(() =>
    Object.defineProperty(navigator, 'connection', { value: { saveData: true }, configurable: true }),
  )
}

/**
 * Does `act`, then waits until the page has shown `text`, which it must not show before. The page itself looks out for it: a toast is gone after seconds, and
 * this process may sleep through them.
 */
export async function expectBriefly(page: Page, text: string, act: () => Promise<unknown>): Promise<void> {
  const shown = await page.evaluateHandle((wanted) => {
    const isThere = (): boolean => document.body.innerText.includes(wanted)
    if (isThere()) throw new Error(`the page shows “${wanted}” already`)
    const state = { isSeen: false }
    const look = (): void => {
      if (isThere()) state.isSeen = true
    }
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true })
    return state
  }, text)
  await act()
  await page.waitForFunction(({ isSeen }) => isSeen, shown)
}

/** Waits until the focus is in `field`: it follows what is opened a little later, and what is typed before is lost. */
export async function expectFocus(field: Locator): Promise<void> {
  await field.and(field.page().locator(':focus')).waitFor()
}

/** What `look` finds, and finds again: a page that still changes is not yet what is looked for. */
export async function whatStays(look: () => Promise<string[]>): Promise<string[]> {
  for (let looks = 1; ; looks += 1) {
    const found = await look()
    if (found.length === 0 || looks === MOST_LOOKS) return found
    await sleep(LOOK_AGAIN_MS)
  }
}

/** What makes the page scroll sideways, as HTML; nothing when it does not. */
export function whatIsTooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    if (scrollWidth <= clientWidth) return []
    const wide = [...document.querySelectorAll('*')].filter(
      (element) => element.getBoundingClientRect().right > clientWidth,
    )
    return wide.map((element) => element.outerHTML.slice(0, 200))
  })
}

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * What axe finds on the page as it is, in words; in both themes unless one is given. Between themes only colours change, so
 * after the first its other rules have nothing new to see.
 */
export async function accessibilityProblems(
  page: Page,
  themes: readonly string[] = ['dark', 'light'],
): Promise<string[]> {
  return whatStays(() => lookWithAxe(page, themes))
}

async function lookWithAxe(page: Page, themes: readonly string[]): Promise<string[]> {
  const problems: string[] = []
  const before = await page.evaluate(() => document.documentElement.dataset['theme'])
  for (const [index, theme] of themes.entries()) {
    await page.evaluate((name) => (document.documentElement.dataset['theme'] = name), theme)
    // The content security policy takes no script from outside; the debugger's own evaluation is not subject to it.
    await page.evaluate(await axeSource)
    const found = await page.evaluate(async (onlyColours) => {
      const { axe } = globalThis as unknown as { axe: { run(on: Document, options: object): Promise<AxeAnswer> } }
      await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined)))
      if (onlyColours) return (await axe.run(document, { runOnly: ['color-contrast'] })).violations
      // A menu or list floats outside of the landmarks; it is reached from its button, which stands in one.
      const floats = document.querySelector('[role=menu], [role=listbox]') !== null
      return (await axe.run(document, { rules: { region: { enabled: !floats } } })).violations
    }, index > 0)
    for (const { id, nodes } of found) {
      for (const { html, failureSummary } of nodes) problems.push(`${theme}: ${id}: ${html}: ${failureSummary}`)
    }
  }
  await page.evaluate((name) => (document.documentElement.dataset['theme'] = name), before)
  return problems
}

interface AxeAnswer {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
  }[]
}
