// Before the first paint, so that the page never flashes in the other theme, and as the system changes. A file of its own: the
// content security policy takes no inline script. `src/lib/theme.ts`, once it is loaded, also knows a choice that could not be
// stored.
;(() => {
  const light = matchMedia('(prefers-color-scheme: light)')
  const apply = () => {
    let choice = null
    try {
      choice = localStorage.getItem('dispatch.theme')
    } catch {
      // Storage is forbidden: the system's preference will do.
    }
    const theme = choice === 'light' || choice === 'dark' ? choice : light.matches ? 'light' : 'dark'
    document.documentElement.dataset.theme = theme
  }
  apply()
  light.addEventListener('change', apply)
})()
