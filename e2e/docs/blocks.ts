/** The code blocks of a Markdown page. */
import { readFile } from 'node:fs/promises'
import { ROOT } from '../../scripts/ensure.mjs'

export interface Block {
  /** The first word behind the fence: `sh`, `json`, …; empty when there is none. */
  readonly language: string
  /** The other words behind the fence. */
  readonly marks: readonly string[]
  /** Marked `elsewhere`: it needs what a test must not touch, or does not have. */
  readonly isElsewhere: boolean
  readonly text: string
  /** For messages: page and line of the fence. */
  readonly place: string
}

/** Every fenced block of `docs/PAGE`, in its order. */
export async function blocksOf(page: string): Promise<Block[]> {
  const text = await readFile(`${ROOT}docs/${page}`, 'utf8')
  return [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map((match) => {
    const [, info = '', body = ''] = match
    const [language = '', ...marks] = info.split(' ')
    const line = text.slice(0, match.index).split('\n').length
    return { language, marks, isElsewhere: marks.includes('elsewhere'), text: body, place: `${page}:${line}` }
  })
}

/** The block that begins with the comment `name`, as in `// receive.mjs`. */
export function fileBlock(blocks: readonly Block[], name: string): string {
  const found = blocks.filter(({ text }) => /^(?:\/\/|#) (\S+)\n/.exec(text)?.[1] === name)
  if (found.length !== 1) throw new Error(`expected one block for ${name}, found ${found.length}`)
  return found[0]!.text
}
