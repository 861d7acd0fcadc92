/** The look of everything that floats over the page: menus, lists of options, tooltips. */
export const POPUP_CLASS =
  'overflow-y-auto rounded-md border border-line-strong bg-panel text-ink shadow-float outline-none transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0'
