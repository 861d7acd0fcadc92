/** Texts are few and come again and again; a bound keeps batches of odd sizes from filling the memory. */
const CAPACITY = 512

const numbered = new Map<string, string>()

/** `where a = ? and b = '?'` -> `where a = $1 and b = '?'`: quoted text, names and comments stay as they are. */
export function numberParameters(sql: string): string {
  const known = numbered.get(sql)
  if (known !== undefined) return known
  let count = 0
  const result = sql.replace(/'(?:[^']|'')*'|"[^"]*"|--[^\n]*|\?/g, (found) => (found === '?' ? `$${++count}` : found))
  if (numbered.size >= CAPACITY) numbered.clear()
  numbered.set(sql, result)
  return result
}
