/** Rows of CSV as RFC 4180 has them, for spreadsheets. */

/** A spreadsheet tells UTF-8 by it. */
export const BYTE_ORDER_MARK = '\ufeff'

/** What makes a spreadsheet take a cell for a formula, also in the full-width forms that some take for the plain ones. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/
const SPECIAL = /[",\r\n]/

/**
 * One row with its line end. A text that a spreadsheet would run as a formula gets an apostrophe before it, which a
 * spreadsheet takes for "this is text" (OWASP, "CSV Injection"): titles and URLs come from elsewhere.
 */
export function csvRow(cells: readonly (string | number | null)[]): string {
  return `${cells.map(renderCell).join(',')}\r\n`
}

function renderCell(cell: string | number | null): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  const text = FORMULA.test(cell) ? `'${cell}` : cell
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
