/** Rows of CSV as RFC 4180 has them, for spreadsheets. */

/** A spreadsheet tells UTF-8 by it. */
export const BYTE_ORDER_MARK = '\ufeff'

/**
 * Where a spreadsheet would take what follows for a formula (also in the full-width forms that some take for the plain ones): at
 * the beginning of a cell, and behind what ends a cell where it is set to semicolons or tabs instead of commas, which is the
 * rule wherever numbers have a decimal comma.
 */
const BEFORE_FORMULA = /(?<=^|[;\t\r\n])(?="*[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r\n])/g
const SPECIAL = /[",\r\n]/

/**
 * One row with its line end. What a spreadsheet would run as a formula gets an apostrophe before it, which it takes for "this
 * is text" (OWASP, "CSV Injection"): titles and URLs come from elsewhere.
 */
export function csvRow(cells: readonly (string | number | null)[]): string {
  return `${cells.map(renderCell).join(',')}\r\n`
}

function renderCell(cell: string | number | null): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  const text = cell.replaceAll(BEFORE_FORMULA, "'")
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
