/**
 * JSON as text: where it is wrong, and the same tokens laid out for reading. Nothing goes through `JSON.parse`, which would
 * lose digits of large numbers, the `.0` of `1.0`, and members that come twice. Grammar: RFC 8259.
 */

export interface JsonProblem {
  /** What could have stood there: `a comma or }`. */
  readonly expected: string
  readonly got: string
  /** Offset into the text, in UTF-16 units as text fields count. */
  readonly at: number
  /** Both from 1. */
  readonly line: number
  readonly column: number
}

export type JsonScan =
  | { readonly problem: null; readonly tokens: readonly string[] }
  | { readonly problem: JsonProblem; readonly tokens: null }

type Expecting = 'value' | 'first-item' | 'first-key' | 'key' | 'colon' | 'next' | 'end'
type Opening = '{' | '['

const SPACE = /[ \t\n\r]*/y
const PLAIN_TOKEN = /[{}[\],:]|true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const CLOSING: Readonly<Record<Opening, string>> = { '{': '}', '[': ']' }
const INDENT = '  '
/** Deeper levels are not moved further in: a payload of brackets only would otherwise grow to its square. */
const DEEPEST_INDENT = 40

/** The tokens of one JSON value, or the first thing that is wrong. Iterative: no nesting is too deep for it. */
export function scanJson(text: string): JsonScan {
  const tokens: string[] = []
  const open: Opening[] = []
  let expecting: Expecting = 'value'
  for (let at = skipSpace(text, 0); ;) {
    if (at === text.length && expecting === 'end') return { problem: null, tokens }
    const end = text[at] === '"' ? endOfString(text, at) : endOfPlain(text, at)
    if (typeof end !== 'number') return wrong(text, end.at, end.expected)
    const token = text.slice(at, end)
    const next: Expecting | null = token === '' ? null : follow(expecting, token, open)
    if (next === null) return wrong(text, at, words(expecting, open))
    tokens.push(token)
    expecting = next
    at = skipSpace(text, end)
  }
}

/** The same tokens on lines of their own, moved in by their depth; null when the text is no JSON. */
export function formatJson(text: string): string | null {
  const { tokens } = scanJson(text)
  if (!tokens) return null
  let depth = 0
  const lines: string[] = []
  let line = ''
  const breakLine = (): void => {
    lines.push(line)
    line = INDENT.repeat(Math.min(depth, DEEPEST_INDENT))
  }
  tokens.forEach((token, index) => {
    const isEmpty = isOpening(tokens[index - 1]) && isClosing(token)
    if (isClosing(token) && !isEmpty) {
      depth -= 1
      breakLine()
    }
    line += token === ':' ? ': ' : token
    if (isOpening(token) && !isClosing(tokens[index + 1])) {
      depth += 1
      breakLine()
    } else if (token === ',') breakLine()
  })
  return [...lines, line].join('\n')
}

/** `a comma or } at line 3, column 7, got “x”`: goes on after "Expected". */
export function describeProblem({ expected, line, column, got }: JsonProblem): string {
  return `${expected} at line ${line}, column ${column}, got ${got}`
}

function skipSpace(text: string, from: number): number {
  SPACE.lastIndex = from
  SPACE.test(text)
  return SPACE.lastIndex
}

/** `from` itself when no token begins there. */
function endOfPlain(text: string, from: number): number {
  PLAIN_TOKEN.lastIndex = from
  return PLAIN_TOKEN.test(text) ? PLAIN_TOKEN.lastIndex : from
}

/** Where the string that begins at `from` ends, or what is wrong in it. A loop: a pattern would need a stack for long ones. */
function endOfString(text: string, from: number): number | { at: number; expected: string } {
  for (let at = from + 1; at < text.length; at += 1) {
    const character = text[at]!
    if (character === '"') return at + 1
    if (character < ' ') return { at, expected: 'line ends and tabs inside of a text written as \\n and \\t' }
    if (character !== '\\') continue
    const escape = /^(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(text.slice(at + 1, at + 6))
    if (!escape) return { at, expected: 'an escape such as \\n, \\" or \\u00e9' }
    at += escape[0].length
  }
  return { at: text.length, expected: 'a closing quote' }
}

/** What may come after the token, or null when the token itself may not come. */
function follow(expecting: Expecting, token: string, open: Opening[]): Expecting | null {
  const isText = token.startsWith('"')
  switch (expecting) {
    case 'end':
      return null
    case 'colon':
      return token === ':' ? 'value' : null
    case 'first-key':
      if (token === '}') return close(open)
      return isText ? 'colon' : null
    case 'key':
      return isText ? 'colon' : null
    case 'next':
      if (token === ',') return open.at(-1) === '{' ? 'key' : 'value'
      return token === closingOf(open) ? close(open) : null
    case 'first-item':
      return token === ']' ? close(open) : followValue(token, open)
    case 'value':
      return followValue(token, open)
  }
}

function followValue(token: string, open: Opening[]): Expecting | null {
  if (isOpening(token)) {
    open.push(token)
    return token === '{' ? 'first-key' : 'first-item'
  }
  return '}],:'.includes(token) ? null : afterValue(open)
}

function close(open: Opening[]): Expecting {
  open.pop()
  return afterValue(open)
}

const afterValue = (open: readonly Opening[]): Expecting => (open.length === 0 ? 'end' : 'next')

function closingOf(open: readonly Opening[]): string {
  const last = open.at(-1)
  return last === undefined ? '' : CLOSING[last]
}

const isOpening = (token: string | undefined): token is Opening => token === '{' || token === '['
const isClosing = (token: string | undefined): boolean => token === '}' || token === ']'

function words(expecting: Expecting, open: readonly Opening[]): string {
  switch (expecting) {
    case 'value':
      return 'a value'
    case 'first-item':
      return 'a value or ]'
    case 'first-key':
      return 'a name in double quotes or }'
    case 'key':
      return 'a name in double quotes'
    case 'colon':
      return 'a colon'
    case 'next':
      return `a comma or ${closingOf(open)}`
    case 'end':
      return 'nothing more'
  }
}

function wrong(text: string, at: number, expected: string): JsonScan {
  const before = text.slice(0, at).split(/\r\n|\n|\r/)
  const column = (before.at(-1)?.length ?? 0) + 1
  return { tokens: null, problem: { expected, got: gotAt(text, at), at, line: before.length, column } }
}

function gotAt(text: string, at: number): string {
  if (at >= text.length) return 'the end'
  const [word] = /^[\p{L}\p{N}_.+-]{1,20}|^[\p{P}\p{S}]/u.exec(text.slice(at, at + 40)) ?? []
  if (word !== undefined) return `“${word}”`
  // A non-breaking space or the like looks like nothing.
  return `U+${text.codePointAt(at)!.toString(16).toUpperCase().padStart(4, '0')}`
}
