/** The choice of theme; `public/theme.js` applies it before the first paint. */
import { Observable } from './observable'
import { onStoredElsewhere, readStored, store } from './storage'

export const THEMES = ['system', 'dark', 'light'] as const
export type Theme = (typeof THEMES)[number]

const prefersLight = matchMedia('(prefers-color-scheme: light)')

export const theme = new Observable<Theme>(toTheme(readStored('theme')))

export function chooseTheme(choice: Theme): void {
  store('theme', choice === 'system' ? null : choice)
  theme.set(choice)
  apply()
}

function toTheme(text: string | null): Theme {
  return THEMES.find((one) => one === text) ?? 'system'
}

function apply(): void {
  const choice = theme.get()
  const shown = choice === 'system' ? (prefersLight.matches ? 'light' : 'dark') : choice
  document.documentElement.dataset['theme'] = shown
}

prefersLight.addEventListener('change', apply)
onStoredElsewhere('theme', (value) => {
  theme.set(toTheme(value))
  apply()
})
