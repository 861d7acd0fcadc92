/** What must hold on every page and in every dialog, on a desktop and a phone, in both themes. */
import { expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { accessibilityProblems, DESKTOP, PHONE, whatIsTooWide } from './browser.js'
import { onEachStage } from './stages.js'
import { visitScenes, type Look } from './visits.js'

const DESKTOP_LOOK: Look = { screen: 'desktop', viewport: DESKTOP, theme: 'dark' }
const PHONE_LOOK: Look = { screen: 'phone', viewport: PHONE, theme: 'light' }
/** About a hundred visits, half of them looked through by axe twice. */
const TIMEOUT_MS = 300_000

test(
  'no page has a problem of accessibility, width, heading, title or console',
  async () => {
    const problems: string[] = []
    await onEachStage(async (stage) => {
      const note = async (look: Look, check: (page: Page) => Promise<string[]>): Promise<void> => {
        await visitScenes(stage, look, async (page, { name }, complaints) => {
          const found = [...complaints, ...(await check(page))]
          problems.push(...found.map((problem) => `${name}, ${look.screen}: ${problem}`))
        })
      }
      await note(DESKTOP_LOOK, async (page) => [...(await frameProblems(page)), ...(await accessibilityProblems(page))])
      // What axe looks at differs little on a phone, and takes the most time.
      await note(PHONE_LOOK, frameProblems)
    })
    expect(problems).toEqual([])
  },
  TIMEOUT_MS,
)

async function frameProblems(page: Page): Promise<string[]> {
  const problems = (await whatIsTooWide(page)).map((html) => `too wide: ${html}`)
  const headings = await page.locator('h1').allTextContents()
  if (headings.length !== 1) problems.push(`${headings.length} headings of the first level: ${headings.join(', ')}`)
  if (await isUndimmed(page)) problems.push('the page behind the dialog is not dimmed')
  const title = await page.title()
  if (!/^\S.* · Dispatch$/.test(title)) problems.push(`called “${title}” in the browser's tab`)
  return problems
}

/** Whether a dialog is open before a page that looks as if it still took clicks. */
function isUndimmed(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    if (document.querySelector('[role=dialog], [role=alertdialog]') === null) return false
    const root = document.querySelector('#root')
    const above = document
      .elementsFromPoint(1, 1)
      .filter((element) => !element.contains(root) && !root?.contains(element))
    return above.every((element) => getComputedStyle(element).backgroundColor === 'rgba(0, 0, 0, 0)')
  })
}
