/** What must hold on every page and in every dialog, on a desktop and a phone, in both themes. */
import { expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { accessibilityProblems, whatIsTooWide, whatStays } from './browser.js'
import { onEachStage } from './stages.js'
import { visitScenes } from './visits.js'

/** Some sixty scenes in four looks, each looked through by axe: minutes, and ten times that on a slow machine. */
const TIMEOUT_MS = 1_800_000

test(
  'no page has a problem of accessibility, width, heading, title or console',
  async () => {
    const problems: string[] = []
    await onEachStage((stage) =>
      visitScenes(stage, async ({ page, scene, look: { screen, theme }, complaints }) => {
        const found = [
          ...complaints,
          ...(await whatStays(() => frameProblems(page))),
          ...(await accessibilityProblems(page, [theme])),
        ]
        problems.push(...found.map((problem) => `${scene.name}, ${screen}, ${theme}: ${problem}`))
      }),
    )
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
    const scrim = above.find((element) => getComputedStyle(element).backgroundColor !== 'rgba(0, 0, 0, 0)')
    // The place of the scrollbar too.
    return scrim === undefined || scrim.getBoundingClientRect().right < innerWidth
  })
}
