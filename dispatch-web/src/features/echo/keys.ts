/** What every query of echoes begins with, but for single requests. */
export const ECHOES = ['echo'] as const
