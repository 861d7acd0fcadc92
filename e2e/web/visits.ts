/** Visits to scenes: on a desktop and a phone, in both themes. */
import type { Page } from 'playwright-core'
import { DESKTOP, PHONE } from './browser.js'
import { settle, showScene, type Role, type Scene } from './scenes.js'
import type { Stage } from './stages.js'

export interface Look {
  readonly screen: 'desktop' | 'phone'
  readonly viewport: { readonly width: number; readonly height: number }
  readonly theme: 'dark' | 'light'
}

const SCREENS = [
  { screen: 'desktop', viewport: DESKTOP },
  { screen: 'phone', viewport: PHONE },
] as const
const LOOKS: readonly Look[] = SCREENS.flatMap((screen) =>
  (['dark', 'light'] as const).map((theme) => ({ ...screen, theme })),
)
const ROLES: readonly Role[] = ['stranger', 'newcomer', 'owner']

/** A scene in one of its looks, and what its page complained of since the look before. */
export interface Sight {
  readonly page: Page
  readonly scene: Scene
  readonly look: Look
  readonly complaints: readonly string[]
}

/**
 * Calls `see` with each scene in each look. A scene is opened once, because opening takes most of the time; its page then
 * changes size and theme as a window and a system do.
 */
export async function visitScenes(stage: Stage, see: (sight: Sight) => Promise<void>): Promise<void> {
  for (const role of ROLES) {
    const theirs = stage.scenes.filter(({ as }) => as === role)
    const shared = theirs.filter(({ breaks }) => breaks === undefined)
    if (shared.length > 0) await visitTogether(stage, shared, see)
    for (const scene of theirs) if (scene.breaks !== undefined) await visitTogether(stage, [scene], see)
  }
}

/** Scenes of one role, in one browser. */
async function visitTogether(
  { dashboard, become }: Stage,
  scenes: readonly Scene[],
  see: (sight: Sight) => Promise<void>,
): Promise<void> {
  const { page, complaints, expects } = await dashboard.open({ reducedMotion: 'reduce' })
  await become(page, scenes[0]!.as)
  for (const scene of scenes) {
    if (scene.breaks !== undefined) expects(scene.breaks)
    const looks = LOOKS.filter(({ screen }) => scene.screen === undefined || scene.screen === screen)
    await wear(page, looks[0]!)
    await showScene(page, scene)
    for (const look of looks) {
      await wear(page, look)
      await settle(page)
      await see({ page, scene, look, complaints: complaints() })
    }
  }
  await page.context().close()
}

/** The page itself hears of another theme a little later. */
async function wear(page: Page, { viewport, theme }: Look): Promise<void> {
  await page.setViewportSize(viewport)
  await page.emulateMedia({ colorScheme: theme })
  if (page.url() === 'about:blank') return
  await page.waitForFunction((name) => document.documentElement.dataset['theme'] === name, theme)
}
