/** Reads `.env` files. No variables within values, no multi-line values, no comments behind values: `#` may be in a password. */
import { readFile } from 'node:fs/promises'

export interface EnvLine {
  readonly name: string
  readonly value: string
}

export interface EnvFile {
  readonly file: string
  readonly lines: readonly EnvLine[]
  /** What is wrong with the file, for people. */
  readonly mistakes: readonly string[]
}

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=(.*)$/

/**
 * Parses the text of a `.env` file: outer quotes and surrounding blanks are dropped, of a repeated name the last counts.
 * `badLines` are the numbers, from 1, of lines that are neither blank, comment nor NAME=value.
 */
export function parseEnv(text: string): { lines: EnvLine[]; badLines: number[] } {
  const lines: EnvLine[] = []
  const badLines: number[] = []
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const [, name, value] = ASSIGNMENT.exec(line) ?? []
    if (name === undefined || value === undefined) badLines.push(index + 1)
    else lines.push({ name, value: stripQuotes(value.trim()) })
  }
  return { lines, badLines }
}

function stripQuotes(value: string): string {
  const quote = value[0]
  const quoted = value.length >= 2 && (quote === '"' || quote === "'") && value.endsWith(quote)
  return quoted ? value.slice(1, -1) : value
}

/** The file's content; a missing file is an empty one, one that cannot be read is a mistake. */
export async function readEnvFile(file: string): Promise<EnvFile> {
  try {
    const { lines, badLines } = parseEnv(await readFile(file, 'utf8'))
    const expected = 'expected NAME=value or a line that begins with #'
    return { file, lines, mistakes: badLines.map((line) => `${file}, line ${line}: ${expected}`) }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { file, lines: [], mistakes: [] }
    return { file, lines: [], mistakes: [`${file}: cannot be read (${String(error)})`] }
  }
}
