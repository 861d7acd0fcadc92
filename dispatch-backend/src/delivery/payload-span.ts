/**
 * Finds the `payload` of a request body as the bytes the user sent, so that it can be delivered and shown unchanged:
 * key order, `1.0` and `12345678901234567890` survive. `JSON.parse` (iterative in V8) decides whether the text is JSON;
 * only then a scanner walks the top-level members, and of their values it follows nothing but strings and brackets. One
 * pass, no recursion: a million nested brackets cost a million steps and no stack.
 */
import { isUtf8 } from 'node:buffer'

export type PayloadSpanErrorKind = 'byte-order-mark' | 'not-utf8' | 'not-json' | 'not-object' | 'duplicate-member'

/** The body cannot be a job. `message` are words for the caller; they may quote the body, so they are not for logs. */
export class PayloadSpanError extends Error {
  readonly kind: PayloadSpanErrorKind

  constructor(kind: PayloadSpanErrorKind, message: string) {
    super(message)
    this.name = 'PayloadSpanError'
    this.kind = kind
  }
}

export interface JobBody {
  /** What `JSON.parse` makes of the body. `value.payload` has lost digits and key order: use `payloadText`. */
  readonly value: Readonly<Record<string, unknown>>
  /** The source text of the top-level `payload` (whatever its type), without the white space around it; null = no such member. */
  readonly payloadText: string | null
}

/**
 * Reads a JSON object as it came over the wire. Throws `PayloadSpanError` on invalid UTF-8, a byte order mark (RFC 8259
 * forbids sending one), what is not JSON or not an object, and on top-level members that occur twice: which of them
 * counts differs between parsers. Members within the payload are the user's own business.
 */
export function parseJobBody(raw: Buffer): JobBody {
  const value = parseObject(raw)
  return { value, payloadText: scanMembers(raw) }
}

function parseObject(raw: Buffer): Readonly<Record<string, unknown>> {
  if (raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf) {
    throw new PayloadSpanError('byte-order-mark', 'The body starts with a byte order mark; send UTF-8 without one')
  }
  // Decoding would silently turn bad bytes into U+FFFD.
  if (!isUtf8(raw)) throw new PayloadSpanError('not-utf8', 'The body is not valid UTF-8')
  let value: unknown
  try {
    value = JSON.parse(raw.toString('utf8'))
  } catch (error) {
    throw new PayloadSpanError('not-json', `The body is not valid JSON: ${(error as SyntaxError).message}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PayloadSpanError('not-object', 'The body must be a JSON object, such as {"title":"…"}')
  }
  return value as Readonly<Record<string, unknown>>
}

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** Walks the members of an object that is known to be valid JSON. Bytes under 0x80 are never part of a longer character. */
function scanMembers(json: Buffer): string | null {
  const seen = new Set<string>()
  let payloadText: string | null = null
  let at = json.indexOf(OPEN_BRACE) + 1
  for (;;) {
    at = skipSpace(json, at)
    if (json[at] === CLOSE_BRACE) return payloadText
    if (json[at] === COMMA) at = skipSpace(json, at + 1)
    const keyEnd = stringEnd(json, at)
    const key = unescapeKey(json.toString('utf8', at, keyEnd))
    if (seen.has(key)) throw duplicate(key)
    seen.add(key)
    // Behind the key: white space and the colon.
    const start = skipSpace(json, skipSpace(json, keyEnd) + 1)
    at = valueEnd(json, start)
    if (key === 'payload') payloadText = json.toString('utf8', start, at)
  }
}

function duplicate(key: string): PayloadSpanError {
  const shown = key.length > 64 ? `${key.slice(0, 64)}…` : key
  return new PayloadSpanError(
    'duplicate-member',
    `The body has the member ${JSON.stringify(shown)} twice; send it once`,
  )
}

/** `"pay\u006coad"` and `"payload"` are the same member. */
function unescapeKey(literal: string): string {
  return literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1)
}

function skipSpace(json: Buffer, from: number): number {
  let at = from
  while (isSpace(json[at])) at += 1
  return at
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

/** Index behind the closing quote of the string that starts at `from`. */
function stringEnd(json: Buffer, from: number): number {
  let at = from + 1
  while (json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1
  return at + 1
}

/** Index behind the value that starts at `from`. */
function valueEnd(json: Buffer, from: number): number {
  let depth = 0
  let at = from
  do {
    const byte = json[at]
    if (byte === QUOTE) {
      at = stringEnd(json, at)
      continue
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1
    at += 1
  } while (depth > 0 || !endsScalar(json[at]))
  return at
}

/** At depth 0 a value is over where white space, a comma or the end of the object follows. */
function endsScalar(next: number | undefined): boolean {
  return next === COMMA || next === CLOSE_BRACE || isSpace(next)
}
