/**
 * `npm run screenshots`: every page, on a desktop and a phone, in both themes, into `.cache/screenshots`. Words after it
 * narrow the pages: `npm run screenshots -- project sign-in`.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { ROOT } from '../../scripts/ensure.mjs'
import { settle } from './scenes.js'
import { onEachStage } from './stages.js'
import { visitScenes, type Look } from './visits.js'

const FOLDER = join(ROOT, '.cache', 'screenshots')
const FLOATING = '[role=dialog], [role=alertdialog], [role=menu], [role=listbox]'

const only = process.argv.slice(2)
if (only.length === 0) await rm(FOLDER, { recursive: true, force: true })
await mkdir(FOLDER, { recursive: true })

await onEachStage(async (stage) => {
  const scenes = stage.scenes.filter(({ name }) => only.length === 0 || only.includes(name))
  await visitScenes({ ...stage, scenes }, async ({ page, scene: { name }, look, complaints }) => {
    await showAll(page, look.viewport)
    await page.screenshot({ path: join(FOLDER, `${name}-${look.screen}-${look.theme}.png`) })
    for (const complaint of complaints) process.stderr.write(`${name}: ${complaint}\n`)
  })
})
process.stdout.write(`${FOLDER}\n`)

/**
 * A window as high as the page: a full-page screenshot would leave bars that are fixed to the window in its middle. What
 * floats over the page is shown in the window as it is.
 */
async function showAll(page: Page, { width, height }: Look['viewport']): Promise<void> {
  if ((await page.locator(FLOATING).count()) > 0) return
  const needed = await page.evaluate(() => document.documentElement.scrollHeight)
  await page.setViewportSize({ width, height: Math.max(height, needed) })
  await settle(page)
}
