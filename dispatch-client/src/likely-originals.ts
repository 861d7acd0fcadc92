/** What was signed, judging by a body that was changed: the ways in which frameworks and people write JSON anew. */
const MEMBERS = ['jobId', 'title', 'payload', 'firedAt']

/**
 * Texts of which one is probably what was sent: trimmed; compact; compact with the members in Dispatch's order; and that
 * with a payload written with blanks, as people and Python do. None when the body is not a JSON object.
 */
export function likelyOriginals(body: Uint8Array): string[] {
  const text = new TextDecoder().decode(body).trim()
  const value = parseObject(text)
  if (!value) return []
  const ordered = Object.fromEntries(MEMBERS.filter((name) => name in value).map((name) => [name, value[name]]))
  return [text, JSON.stringify(value), JSON.stringify(ordered), ...withSpacedPayload(ordered)]
}

/** The payload is sent as its author wrote it, which is often with blanks; what stands around it never has any. */
function withSpacedPayload(delivery: Record<string, unknown>): string[] {
  // Line breaks can only be the ones that were asked for: within strings JSON escapes them.
  const lines = JSON.stringify(delivery['payload'], null, 1) as string | undefined
  if (lines === undefined) return []
  const onOneLine = lines.replace(/,\n */g, ', ')
  const plain = onOneLine.replace(/\n */g, '')
  const inBraces = onOneLine
    .replace(/\{\n */g, '{ ')
    .replace(/\n *\}/g, ' }')
    .replace(/\n */g, '')
  return [plain, inBraces].map((payload) => {
    const members = Object.entries(delivery).map(
      ([name, value]) => `"${name}":${name === 'payload' ? payload : JSON.stringify(value)}`,
    )
    return `{${members.join(',')}}`
  })
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
