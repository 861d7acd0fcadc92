/** One JSON text in the ways in which languages and people write it. Tokens are kept: no number loses a digit. */
import { scanJson } from '../../lib/json-text'

export type JsonNode =
  | { readonly kind: 'object'; readonly members: readonly (readonly [name: string, value: JsonNode])[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  /** `token`: as it was written. */
  | { readonly kind: 'one'; readonly token: string }

/** Deeper ones are not laid out: every level is a call. */
const DEEPEST = 500

/** null: no JSON, or nested deeper than is laid out here. */
export function parseJson(text: string): JsonNode | null {
  const { tokens } = scanJson(text)
  if (!tokens || depthOf(tokens) > DEEPEST) return null
  let at = 0
  const next = (): JsonNode => {
    const token = tokens[at++]!
    if (token === '[') {
      const items: JsonNode[] = []
      while (tokens[at] !== ']') {
        items.push(next())
        if (tokens[at] === ',') at += 1
      }
      at += 1
      return { kind: 'array', items }
    }
    if (token !== '{') return { kind: 'one', token }
    const members: [string, JsonNode][] = []
    while (tokens[at] !== '}') {
      const name = tokens[at]!
      at += 2
      members.push([name, next()])
      if (tokens[at] === ',') at += 1
    }
    at += 1
    return { kind: 'object', members }
  }
  return next()
}

function depthOf(tokens: readonly string[]): number {
  let depth = 0
  let deepest = 0
  for (const token of tokens) {
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
    deepest = Math.max(deepest, depth)
  }
  return deepest
}

/** Blanks between tokens. */
export interface Layout {
  /** Goes on after "signed was a payload …". */
  readonly words: string
  readonly colon: ':' | ': '
  readonly comma: ',' | ', '
  /** Inside of the braces of an object, on one line. */
  readonly brace: '' | ' '
  /** Each member on a line of its own, moved in by this for each level. */
  readonly indent: string | null
}

const ON_ONE_LINE = { brace: '', indent: null } as const
const indented = (words: string, indent: string): Layout => ({ words, colon: ': ', comma: ',', brace: '', indent })

export const LAYOUTS: readonly Layout[] = [
  { words: 'compact, without blanks', colon: ':', comma: ',', ...ON_ONE_LINE },
  { words: 'with a blank after each comma and colon', colon: ': ', comma: ', ', ...ON_ONE_LINE },
  {
    words: 'with blanks after commas and colons and inside of braces',
    colon: ': ',
    comma: ', ',
    brace: ' ',
    indent: null,
  },
  indented('indented by two blanks', '  '),
  indented('indented by four blanks', '    '),
  indented('indented by tabs', '\t'),
]

/** How strings are written; `words` go on after "strings". */
export interface Spelling {
  readonly words: string
  readonly write: (token: string) => string
}

const plain = (token: string): string => JSON.stringify(JSON.parse(token))
const ascii = (token: string): string =>
  plain(token).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

export const SPELLINGS: readonly Spelling[] = [
  { words: '', write: (token) => token },
  { words: 'with letters such as é written as they are', write: plain },
  { words: 'with letters such as é written as \\u00e9', write: ascii },
  { words: 'with / written as \\/', write: (token) => plain(token).replaceAll('/', '\\/') },
  {
    words: 'with letters such as é written as \\u00e9 and / as \\/',
    write: (token) => ascii(token).replaceAll('/', '\\/'),
  },
]

export function writeJson(node: JsonNode, layout: Layout, spelling: Spelling, depth = 0): string {
  if (node.kind === 'one') return node.token.startsWith('"') ? spelling.write(node.token) : node.token
  const parts =
    node.kind === 'array'
      ? node.items.map((item) => writeJson(item, layout, spelling, depth + 1))
      : node.members.map(
          ([name, value]) => spelling.write(name) + layout.colon + writeJson(value, layout, spelling, depth + 1),
        )
  const [open, close] = node.kind === 'array' ? ['[', ']'] : ['{', '}']
  if (parts.length === 0) return open + close
  if (layout.indent === null) {
    const brace = node.kind === 'object' ? layout.brace : ''
    return open + brace + parts.join(layout.comma) + brace + close
  }
  const inner = `\n${layout.indent.repeat(depth + 1)}`
  return `${open}${inner}${parts.join(`,${inner}`)}\n${layout.indent.repeat(depth)}${close}`
}

/** Members of all objects in the order of their names. */
export function sortMembers(node: JsonNode): JsonNode {
  if (node.kind === 'one') return node
  if (node.kind === 'array') return { kind: 'array', items: node.items.map(sortMembers) }
  const members = node.members.map(([name, value]) => [name, sortMembers(value)] as const)
  return { kind: 'object', members: members.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)) }
}
