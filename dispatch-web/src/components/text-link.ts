/** The look of a link in running text. */
export const LINK_CLASS = 'text-accent-text underline decoration-accent/40 underline-offset-3 hover:decoration-accent'
/** The same in a bar, among other controls. */
export const HEADER_LINK_CLASS = 'text-base text-muted hover:text-ink'
