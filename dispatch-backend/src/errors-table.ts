import { ERRORS } from './errors.js'
import { markdownTable } from './markdown-table.js'

const BEGIN = '<!-- error codes: written by `npm run docs` from dispatch-backend/src/errors.ts -->'
const END = '<!-- end of error codes -->'

/** The page with the table of all error codes between its two marks. Throws when it lacks them. */
export function withErrorsTable(page: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`the page has to hold ${BEGIN} and, after it, ${END}`)
  return `${page.slice(0, begin)}${BEGIN}\n\n${renderErrorsTable()}\n${page.slice(end)}`
}

function renderErrorsTable(): string {
  const rows = Object.entries(ERRORS).map(([code, { status, message }]) => [`\`${code}\``, String(status), message])
  return markdownTable(['`x-error-code`', 'Status', 'Usual words'], rows)
}
