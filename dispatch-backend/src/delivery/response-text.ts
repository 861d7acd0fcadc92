/** How an endpoint's answer is kept: as text that every database can store, whatever bytes came. */

/** UTF-8 bytes of an answer that are kept. */
export const RESPONSE_LIMIT_BYTES = 65_536

export interface ResponseText {
  /** At most `RESPONSE_LIMIT_BYTES` of UTF-8, without NUL and without half characters. */
  readonly text: string
  /** Something had to be left out. */
  readonly truncated: boolean
}

/**
 * Decodes lossily: what is no UTF-8 becomes U+FFFD, and so does NUL (PostgreSQL's text cannot hold it). Replacements are
 * longer than what they replace, so the limit is applied to the result, at a character boundary.
 */
export function responseText(bytes: Uint8Array): ResponseText {
  const cut = bytes.length > RESPONSE_LIMIT_BYTES
  // In streaming mode the decoder holds back a character whose end was cut off instead of replacing it.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const decoded = decoder.decode(bytes.subarray(0, RESPONSE_LIMIT_BYTES), { stream: cut })
  const text = decoded.replaceAll('\0', '\uFFFD')
  const encoded = Buffer.from(text)
  if (encoded.length <= RESPONSE_LIMIT_BYTES) return { text, truncated: cut }
  return { text: encoded.toString('utf8', 0, boundaryAtOrBefore(encoded, RESPONSE_LIMIT_BYTES)), truncated: true }
}

/** Continuation bytes of UTF-8 are 10xxxxxx; any other byte starts a character. */
function boundaryAtOrBefore(utf8: Buffer, index: number): number {
  let end = index
  while (end > 0 && (utf8[end]! & 0xc0) === 0x80) end -= 1
  return end
}
