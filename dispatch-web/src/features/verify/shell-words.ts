/** The words of a command as a POSIX shell (and bash, with `$'…'`) would split it. Nothing is expanded. */
export function shellWords(command: string): string[] {
  const words: string[] = []
  let word: string | null = null
  for (let at = 0; at < command.length;) {
    const [text, end] = nextPiece(command, at)
    if (text === null) {
      if (word !== null) words.push(word)
      word = null
    } else word = (word ?? '') + text
    at = end
  }
  return word === null ? words : [...words, word]
}

/** A piece of a word and where it ends; null for the space between words. */
function nextPiece(command: string, at: number): [string | null, number] {
  const rest = command.slice(at)
  const [space] = /^(?:\s|\\\r?\n|\^\r?\n)+/.exec(rest) ?? []
  // A line that is continued does not end the word, but commands are broken between words.
  if (space !== undefined) return [null, at + space.length]
  if (rest.startsWith("$'")) return untilQuote(command, at + 2, unescapeAnsi)
  if (rest.startsWith("'")) {
    const end = command.indexOf("'", at + 1)
    return end < 0 ? [rest.slice(1), command.length] : [command.slice(at + 1, end), end + 1]
  }
  if (rest.startsWith('"')) return untilQuote(command, at + 1, (text) => text.replace(/\\(["\\$`]|\r?\n)/g, unescaped))
  if (rest.startsWith('\\')) return [command.slice(at + 1, at + 2), at + 2]
  const [plain = rest.slice(0, 1)] = /^[^\s'"\\$]+/.exec(rest) ?? []
  return [plain, at + plain.length]
}

const unescaped = (_whole: string, character: string): string => (/\n/.test(character) ? '' : character)

/** Up to the closing quote of the kind that stands before `from`; a backslash keeps the next character. */
function untilQuote(command: string, from: number, decode: (text: string) => string): [string, number] {
  const quote = command[from - 1]
  let at = from
  while (at < command.length && command[at] !== quote) at += command[at] === '\\' ? 2 : 1
  return [decode(command.slice(from, at)), Math.min(at + 1, command.length)]
}

const ANSI: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  e: '\x1b',
}

function unescapeAnsi(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-f]{1,2})|u([0-9a-f]{1,4})|(.))/gis,
    (_whole, hex?: string, unit?: string, one = '') =>
      hex === undefined && unit === undefined
        ? (ANSI[one as string] ?? (one as string))
        : String.fromCharCode(Number.parseInt(hex ?? unit ?? '', 16)),
  )
}
