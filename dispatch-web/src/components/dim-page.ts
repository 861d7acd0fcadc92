/**
 * Holds the page still for as long as the scrim is there. The scrollbar is measured before it goes, so that the page does not
 * move. See `styles.css`. A `ref` of a dialog's backdrop.
 */
export function dimPage(scrim: HTMLElement | null): (() => void) | undefined {
  const page = document.documentElement
  // One dialog over another: the first one keeps it.
  if (scrim === null || page.dataset['dimmed'] !== undefined) return undefined
  page.style.setProperty('--scrollbar-place', `${innerWidth - document.body.clientWidth}px`)
  page.dataset['dimmed'] = ''
  return () => page.removeAttribute('data-dimmed')
}
