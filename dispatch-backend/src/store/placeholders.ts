/** `?, ?, ?` */
export function placeholders(count: number): string {
  return Array<string>(count).fill('?').join(', ')
}

/** `(?, ?), (?, ?)` */
export function placeholderRows(columnCount: number, rowCount: number): string {
  return Array<string>(rowCount)
    .fill(`(${placeholders(columnCount)})`)
    .join(', ')
}
