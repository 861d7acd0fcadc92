/** Markdown of `docs/` into the data that the documentation pages show. What they cannot show fails the build. */
import { marked, type MarkedToken, type Token, type Tokens } from 'marked'
import {
  DOCS_LABELS,
  plainText,
  type Block,
  type Cell,
  type DocsDocument,
  type DocsName,
  type Inline,
  type Section,
} from '../src/pages/docs/document.ts'
import { anchors } from './anchors.ts'
import { readTarget } from './link-target.ts'

/** Languages of the tabs. Neighbouring blocks of different ones are the same example. */
const TAB_LANGUAGES = new Set(['sh', 'js', 'python', 'go'])

/** Throws with the words of what is not understood: HTML, pictures, headings out of place. */
export function parseDocument(name: DocsName, markdown: string): DocsDocument {
  const reader = new Reader(name)
  const anchorOf = anchors()
  let title: string | undefined
  const intro: Block[] = []
  const sections: (Section & { blocks: Block[] })[] = []
  for (const token of known(marked.lexer(markdown))) {
    if (token.type !== 'heading') {
      addBlocks(sections.at(-1)?.blocks ?? intro, reader.blocks([token]))
      continue
    }
    const content = reader.inlines(token.tokens)
    const id = anchorOf(plainText(content))
    if (token.depth === 1 && title === undefined && intro.length === 0) title = plainText(content)
    else if ((token.depth === 2 || token.depth === 3) && title !== undefined)
      sections.push({ id, depth: token.depth, title: content, blocks: [] })
    else throw reader.refusal(`a heading of depth ${token.depth} there`, token.raw)
  }
  if (title === undefined) throw new Error(`docs/${name}.md: it has no title`)
  return { title, intro, sections }
}

class Reader {
  readonly name: DocsName

  constructor(name: DocsName) {
    this.name = name
  }

  refusal(what: string, raw: string): Error {
    return new Error(`docs/${this.name}.md: the documentation pages cannot show ${what}: ${raw.slice(0, 80).trim()}`)
  }

  blocks(tokens: readonly Token[]): Block[] {
    return known(tokens).flatMap((token) => this.#block(token))
  }

  #block(token: MarkedToken): Block[] {
    if (token.type === 'paragraph') return [{ kind: 'paragraph', content: this.inlines(token.tokens) }]
    // Of a list without blank lines.
    if (token.type === 'text') return [{ kind: 'paragraph', content: this.inlines(token.tokens ?? [token]) }]
    if (token.type === 'list') {
      const items = token.items.map((item) => this.blocks(item.tokens))
      return [{ kind: 'list', isOrdered: token.ordered, items }]
    }
    if (token.type === 'table') {
      const rows = token.rows.map((row) => row.map(this.#cell))
      return [{ kind: 'table', head: token.header.map(this.#cell), rows }]
    }
    if (token.type === 'code') {
      const language = token.lang?.split(' ')[0] ?? ''
      return [{ kind: 'example', programs: [{ language, text: token.text }] }]
    }
    if (token.type === 'space' || /^<!--[^]*-->\s*$/.test(token.raw)) return []
    throw this.refusal(token.type, token.raw)
  }

  readonly #cell = (cell: Tokens.TableCell): Cell => this.inlines(cell.tokens)

  inlines(tokens: readonly Token[]): Inline[] {
    return known(tokens).map((token) => this.#inline(token))
  }

  #inline(token: MarkedToken): Inline {
    if (token.type === 'text' || token.type === 'escape') return token.text
    if (token.type === 'codespan') return { kind: 'code', text: token.text }
    if (token.type === 'strong') return { kind: 'strong', content: this.inlines(token.tokens) }
    if (token.type === 'em') return { kind: 'emphasis', content: this.inlines(token.tokens) }
    // An example's address, which nobody marked as a link.
    if (token.type === 'link' && token.autolink && token.href.startsWith('mailto:')) return token.text
    if (token.type === 'link') {
      const to = readTarget(this.name, token.href)
      // Here a document is a page with a name, not a file.
      const isFileName = 'name' in to && token.text === `${to.name}.md`
      return { kind: 'link', to, content: isFileName ? [DOCS_LABELS[to.name]] : this.inlines(token.tokens) }
    }
    throw this.refusal(token.type, token.raw)
  }
}

/** Adds to what is there; a program right after the same one in another language joins it. */
function addBlocks(to: Block[], added: readonly Block[]): void {
  for (const block of added) {
    const last = to.at(-1)
    if (last?.kind === 'example' && block.kind === 'example' && isSameExample(last.programs, block.programs))
      to[to.length - 1] = { kind: 'example', programs: [...last.programs, ...block.programs] }
    else to.push(block)
  }
}

type Programs = readonly { readonly language: string }[]

function isSameExample(first: Programs, second: Programs): boolean {
  const languages = [...first, ...second].map(({ language }) => language)
  return languages.every((language) => TAB_LANGUAGES.has(language)) && new Set(languages).size === languages.length
}

/** Without extensions, which we have none of, these are all the tokens that there are. */
function known(tokens: readonly Token[]): readonly MarkedToken[] {
  return tokens as readonly MarkedToken[]
}
