/** What was signed, judging by a body that was changed on its way: each guess undoes one thing that happens to bodies. */
import { LAYOUTS, parseJson, sortMembers, SPELLINGS, writeJson } from './json-layouts'

export type BodyChange = 'none' | 'ends' | 'mark' | 'line-ends' | 'charset' | 'escaped' | 'rewritten'

export interface LikelyBody {
  readonly text: string
  readonly change: BodyChange
  /** A sentence about what happened to it, should this be what was signed. */
  readonly words: string
}

/**
 * In the order of how little happened; the first is the body itself. Each once, and not before it is asked for: of a long
 * body each takes a tenth of a second, and most often the first is the right one. `pause` is called between them.
 */
export async function* likelyBodies(given: string, pause: () => Promise<void>): AsyncGenerator<LikelyBody, void> {
  const seen = new Set<string>()
  for (const body of guesses(given)) {
    await pause()
    if (seen.has(body.text)) continue
    seen.add(body.text)
    yield body
  }
}

function* guesses(given: string): Generator<LikelyBody, void> {
  yield { text: given, change: 'none', words: '' }
  const trimmed = given.trim()
  if (given.startsWith('\ufeff')) yield { text: trimmed, change: 'mark', words: MARK }
  yield { text: trimmed, change: 'ends', words: endsWords(given) }
  yield { text: crlf(trimmed), change: 'line-ends', words: 'Its line ends were CRLF and are LF now.' }
  const lf = trimmed.replaceAll('\r\n', '\n')
  yield { text: lf, change: 'line-ends', words: 'Its line ends were LF and are CRLF now.' }
  yield* charsets(trimmed)
  const unwrapped = [unquoted(trimmed), fromHtml(trimmed)].filter((text) => text !== null)
  for (const text of unwrapped) yield { text, change: 'escaped', words: ESCAPED }
  for (const text of [trimmed, ...unwrapped]) yield* rewritten(text)
}

const MARK = 'A byte order mark (U+FEFF) was put before it.'
const ESCAPED = 'It was put into another text (a JSON string, HTML) and is escaped for it.'

function endsWords(given: string): string {
  const tail = given.slice(given.trimEnd().length)
  const what = /\n/.test(tail) ? 'A line break' : 'Space'
  const where = given === given.trimStart() ? 'at its end' : tail === '' ? 'at its beginning' : 'around it'
  return `${what} was added ${where}.`
}

const crlf = (text: string): string => text.replace(/\r?\n/g, '\r\n')

/** UTF-8 that was read as Latin-1 or Windows-1252 and written as UTF-8 again: é became Ã©. Or letters were recomposed. */
function* charsets(text: string): Generator<LikelyBody, void> {
  const composed = 'Letters with accents were composed in another way (Unicode normalisation).'
  for (const form of ['NFC', 'NFD']) yield { text: text.normalize(form), change: 'charset', words: composed }
  const once = readAsLatin(text)
  const words = 'Its UTF-8 was read as Latin-1 (or Windows-1252), so that é became Ã©.'
  if (once !== null) yield { text: once, change: 'charset', words }
}

/** Of the characters that Windows-1252 has where Latin-1 has controls. */
const WINDOWS_1252 = new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 32 }, (_, index) => 128 + index))

function readAsLatin(text: string): string | null {
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0)!
    const special = code < 256 ? -1 : WINDOWS_1252.indexOf(character)
    if (code >= 256 && special < 0) return null
    bytes.push(code < 256 ? code : 128 + special)
  }
  try {
    const decoded = new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes))
    return decoded === text ? null : decoded
  } catch {
    return null
  }
}

/** A text that is a JSON string which holds the body. */
function unquoted(text: string): string | null {
  // Logs print the inside of the string as well.
  const quoted = text.startsWith('"') ? text : /^\{\\"/.test(text) ? `"${text}"` : null
  if (quoted === null) return null
  try {
    const value: unknown = JSON.parse(quoted)
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  quot: '"',
  '#34': '"',
  '#39': "'",
  '#x27': "'",
  lt: '<',
  gt: '>',
  amp: '&',
}

function fromHtml(text: string): string | null {
  const decoded = text.replace(/&(quot|#34|#39|#x27|lt|gt|amp);/g, (_whole, name: string) => ENTITIES[name]!)
  return decoded === text ? null : decoded
}

const MEMBERS = ['jobId', 'title', 'payload', 'firedAt']
const PLAIN = SPELLINGS[1]!
const COMPACT = LAYOUTS[0]!

/** Dispatch writes `{jobId,title,payload,firedAt}` without blanks; only the payload looks as its author wrote it. */
function* rewritten(text: string): Generator<LikelyBody, void> {
  const body = parseJson(text)
  if (body?.kind !== 'object') return
  const members = new Map(body.members.map(([name, value]) => [JSON.parse(name) as string, value]))
  const payload = members.get('payload')
  const write = (payloadText: string): string =>
    `{${MEMBERS.flatMap((name) => {
      const value = members.get(name)
      if (!value) return []
      return [`"${name}":${name === 'payload' ? payloadText : writeJson(value, COMPACT, PLAIN)}`]
    }).join(',')}}`
  if (!payload) {
    yield { text: write(''), change: 'rewritten', words: describe(COMPACT.words, '', false) }
    return
  }
  for (const isSorted of [false, true]) {
    const node = isSorted ? sortMembers(payload) : payload
    for (const spelling of SPELLINGS) {
      for (const layout of LAYOUTS) {
        const words = describe(layout.words, spelling.words, isSorted)
        yield { text: write(writeJson(node, layout, spelling)), change: 'rewritten', words }
      }
    }
  }
}

function describe(layout: string, spelling: string, isSorted: boolean): string {
  const parts = [
    layout,
    ...(isSorted ? ['with its names in alphabetical order'] : []),
    ...(spelling === '' ? [] : [spelling]),
  ]
  return `It was parsed and written anew. What was signed holds the payload ${parts.join(', ')}.`
}
