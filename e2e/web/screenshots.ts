/**
 * `npm run screenshots`: every page, on a desktop and a phone, in both themes, into `.cache/screenshots`. Words after it
 * narrow the pages: `npm run screenshots -- project sign-in`.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { ROOT } from '../../scripts/ensure.mjs'
import { LOOKS, visitScenes } from './visits.js'
import { onEachStage } from './stages.js'

const FOLDER = join(ROOT, '.cache', 'screenshots')

const only = process.argv.slice(2)
if (only.length === 0) await rm(FOLDER, { recursive: true, force: true })
await mkdir(FOLDER, { recursive: true })

await onEachStage(async (stage) => {
  const scenes = stage.scenes.filter(({ name }) => only.length === 0 || only.includes(name))
  for (const look of LOOKS) {
    await visitScenes({ ...stage, scenes }, look, async (page, { name, act }, complaints) => {
      if (act === undefined) await showAll(page, look.viewport)
      await page.screenshot({ path: join(FOLDER, `${name}-${look.screen}-${look.theme}.png`) })
      for (const complaint of complaints) process.stderr.write(`${name}: ${complaint}\n`)
    })
  }
})
process.stdout.write(`${FOLDER}\n`)

/** A window as high as the page: a full-page screenshot would leave bars that are fixed to the window in its middle. */
async function showAll(page: Page, { width, height }: { width: number; height: number }): Promise<void> {
  const needed = await page.evaluate(() => document.documentElement.scrollHeight)
  await page.setViewportSize({ width, height: Math.max(height, needed) })
}
