/** Visits to scenes: on a desktop and a phone, in both themes. */
import type { Page } from 'playwright-core'
import { DESKTOP, PHONE } from './browser.js'
import { showScene, type Role, type Scene } from './scenes.js'
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
export const LOOKS: readonly Look[] = SCREENS.flatMap((screen) =>
  (['dark', 'light'] as const).map((theme) => ({ ...screen, theme })),
)
const ROLES: readonly Role[] = ['stranger', 'newcomer', 'owner']

/** `see` is called with each scene as it is shown, and with what its page complained of until then. */
export async function visitScenes(
  { dashboard, scenes, become }: Stage,
  { viewport, theme }: Look,
  see: (page: Page, scene: Scene, complaints: readonly string[]) => Promise<void>,
): Promise<void> {
  for (const role of ROLES) {
    const theirs = scenes.filter(({ as }) => as === role)
    if (theirs.length === 0) continue
    const { page, complaints } = await dashboard.open({ viewport, colorScheme: theme, reducedMotion: 'reduce' })
    await become(page, role)
    for (const scene of theirs) {
      await page.setViewportSize(viewport)
      await showScene(page, scene)
      await see(page, scene, complaints())
    }
    await page.context().close()
  }
}
