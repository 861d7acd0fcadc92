/** A request as people have it at hand: as it went over the wire, as a log printed it, or as a `curl` command. */
import { shellWords } from './shell-words'

export interface Header {
  /** As it was written. */
  readonly name: string
  readonly value: string
}

export interface GivenRequest {
  readonly headers: readonly Header[]
  /** Text fields make every line end `\n`. */
  readonly body: string
}

/** Something that cannot be read; the message says what was expected. */
export class UnreadableError extends Error {}

/** `text` holds all of it. Throws an `UnreadableError`. */
export function readRequest(text: string): GivenRequest {
  const trimmed = text.replace(/^\s+/, '')
  if (/^\$?\s*curl\s/.test(trimmed)) return readCurl(trimmed)
  const [, head = trimmed, body] = /^(.*?)\n[ \t]*\n(.*)$/s.exec(trimmed) ?? splitAtBody(trimmed)
  const headers = readHeaders(head)
  if (body === undefined) {
    throw new UnreadableError('Expected an empty line between the headers and the body. Is the body missing?')
  }
  return { headers, body }
}

/** Logs often leave the empty line out: the body begins with the first line that looks like JSON. */
function splitAtBody(text: string): readonly [string, string, string?] {
  const at = /\n(?=[{["])/.exec(text)?.index
  return at === undefined ? [text, text] : [text, text.slice(0, at), text.slice(at + 1)]
}

/** Lines `name: value`, also as `curl -v` prints them, or an object as JSON, Node or Python print it. */
export function readHeaders(text: string): Header[] {
  const trimmed = text.trim()
  const headers = trimmed.startsWith('{') ? readObject(trimmed) : trimmed.split(/\r?\n/).flatMap(readLine)
  if (headers.length > 0) return headers
  throw new UnreadableError('Expected headers, one on each line: “webhook-id: 0199…”. Found none.')
}

function readLine(line: string): Header[] {
  const [, name, value = ''] = /^\s*(?:[<>*]\s+)?"?([\w-]+)"?\s*[:=](.*)$/.exec(line) ?? []
  return name === undefined || /^https?$/i.test(name) ? [] : [{ name, value: withoutQuotes(value.trim()) }]
}

/** `"…",` as a log of JSON lines has it. */
function withoutQuotes(value: string): string {
  return /^(["'])(.*)\1,?$/.exec(value)?.[2] ?? value
}

function readObject(text: string): Header[] {
  // Names begin at the beginning of a word: from inside of a long one there is nothing to look for.
  const entry = /(?<![\w-])["']?([\w-]+)["']?\s*:\s*(?:\[\s*)?(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')/g
  return [...text.matchAll(entry)].map(([, name = '', double, single = '']) => ({
    name,
    value: (double ?? single).replace(/\\(["'\\/])/g, '$1'),
  }))
}

const BODY_OPTIONS = /^(?:-d|--data|--data-raw|--data-binary|--data-ascii|--json)$/

function readCurl(command: string): GivenRequest {
  const words = shellWords(command)
  const headers: Header[] = []
  const bodies: string[] = []
  words.forEach((word, index) => {
    const [, option = word, joined] = /^(--[a-z-]+)=(.*)$/s.exec(word) ?? /^(-[Hd])(.+)$/s.exec(word) ?? []
    const value = joined ?? words[index + 1] ?? ''
    if (option === '-H' || option === '--header') headers.push(...readLine(value))
    else if (BODY_OPTIONS.test(option)) bodies.push(inline(option, value))
  })
  if (headers.length === 0)
    throw new UnreadableError('Expected headers in the curl command: -H "webhook-id: …". Found none.')
  if (bodies.length === 0) throw new UnreadableError('Expected a body in the curl command: --data-raw "…". Found none.')
  return { headers, body: bodies.join('&') }
}

function inline(option: string, value: string): string {
  if (option === '--data-raw' || !value.startsWith('@')) return value
  throw new UnreadableError(
    `The curl command reads its body from the file ${value.slice(1)}. Paste the file's content as the body.`,
  )
}
