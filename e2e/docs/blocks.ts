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
  /** The heading that it stands under. */
  readonly section: string
  /** For messages: page and line of the fence. */
  readonly place: string
}

/** Every fenced block of `docs/PAGE`, in its order. */
export async function blocksOf(page: string): Promise<Block[]> {
  const text = await readFile(`${ROOT}docs/${page}`, 'utf8')
  return [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map((match) => {
    const [, info = '', body = ''] = match
    const [language = '', ...marks] = info.split(' ')
    const before = text.slice(0, match.index)
    const line = before.split('\n').length
    const prose = before.replace(/^```[^]*?^```$/gm, '')
    const section = [...prose.matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? ''
    return { language, marks, isElsewhere: marks.includes('elsewhere'), text: body, section, place: `${page}:${line}` }
  })
}

/** The answer that the page shows right after a command, in the same section. */
export function answerShownFor(block: Block, blocks: readonly Block[]): Block | undefined {
  const next = blocks[blocks.indexOf(block) + 1]
  return next?.language === 'json' && next.section === block.section ? next : undefined
}

/** The block that begins with the comment `name`, as in `// receive.mjs`. */
export function fileBlock(blocks: readonly Block[], name: string): string {
  const found = blocks.filter(({ text }) => /^(?:\/\/|#) (\S+)\n/.exec(text)?.[1] === name)
  if (found.length !== 1) throw new Error(`expected one block for ${name}, found ${found.length}`)
  return found[0]!.text
}
