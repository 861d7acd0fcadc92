/** A table for the pages in `docs/`, padded as Prettier pads it, so that they pass the check of all others. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_title, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)))
  const line = (cells: readonly string[], fill = ' '): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, fill)).join(' | ')} |\n`
  return [head, [], ...rows].map((row, index) => line(row, index === 1 ? '-' : ' ')).join('')
}
