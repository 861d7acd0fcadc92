/** Every link of every Markdown page: the file is there, and so is the heading. Addresses of the web are not asked. */
import { existsSync, statSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { marked, type MarkedToken, type Token } from 'marked'
import { expect, test } from 'vitest'
import { anchors } from './anchors.ts'
import { parseDocument } from './document.ts'
import { DOCS, plainText, type Block, type Inline, type Target } from '../src/pages/docs/document.ts'
import { SETUP_ANCHOR } from '../src/pages/docs/prompts.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FOLDERS = ['', 'docs', 'docs/prompts', 'dispatch-client', 'dispatch-web', 'bench']
const REPOSITORY = 'https://github.com/imtiyazsayyidpro/dispatch/blob/main/'

async function pages(): Promise<string[]> {
  const listed = FOLDERS.map(async (folder) =>
    (await readdir(join(ROOT, folder))).filter((file) => file.endsWith('.md')).map((file) => join(folder, file)),
  )
  return (await Promise.all(listed)).flat()
}

interface Contents {
  readonly links: readonly string[]
  readonly headings: ReadonlySet<string>
}

async function contentsOf(page: string): Promise<Contents> {
  const links: string[] = []
  const headings = new Set<string>()
  const anchorOf = anchors()
  const look = (token: MarkedToken): void => {
    if (token.type === 'link' || token.type === 'image') links.push(token.href)
    if (token.type === 'heading') headings.add(anchorOf(textOf(token.tokens)))
  }
  // Without extensions there are no other tokens.
  void marked.walkTokens(marked.lexer(await readFile(join(ROOT, page), 'utf8')), (token) => look(token as MarkedToken))
  return { links, headings }
}

function textOf(tokens: readonly Token[]): string {
  return (tokens as readonly MarkedToken[])
    .map((token) => ('tokens' in token ? textOf(token.tokens ?? []) : 'text' in token ? token.text : ''))
    .join('')
}

test('no link of the repository leads nowhere', async () => {
  const problems: string[] = []
  let count = 0
  for (const page of await pages()) {
    const { links } = await contentsOf(page)
    for (const link of links.filter((href) => !/^[a-z]+:/i.test(href))) {
      count++
      const [path = '', hash] = link.split('#')
      const file = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(ROOT, file))) problems.push(`${page}: ${link}: there is no such file`)
      else if (hash !== undefined && !(await contentsOf(file)).headings.has(hash))
        problems.push(`${page}: ${link}: there is no such heading`)
    }
  }
  expect(problems).toEqual([])
  expect(count).toBeGreaterThan(30)
})

test('no link of the documentation pages leads nowhere', async () => {
  const documents = await Promise.all(
    DOCS.map(async (name) => ({ name, ...parseDocument(name, await readFile(`${ROOT}docs/${name}.md`, 'utf8')) })),
  )
  const targets = documents.flatMap(({ name, intro, sections }) =>
    [intro, ...sections.map(({ blocks }) => blocks)].flatMap((blocks) =>
      linksIn(blocks).map((to) => ({ from: name, to })),
    ),
  )
  const leadsNowhere = (to: Target): boolean => {
    if ('href' in to) return to.href.startsWith(REPOSITORY) && !isFile(to.href.slice(REPOSITORY.length))
    if (to.hash === undefined || to.hash === SETUP_ANCHOR) return false
    const { sections } = documents.find(({ name }) => name === to.name)!
    return !sections.some(({ id }) => id === to.hash)
  }
  expect(targets.filter(({ to }) => leadsNowhere(to))).toEqual([])
  expect(targets.length).toBeGreaterThan(10)
})

test('the dashboard links to sections that there are', async () => {
  const { sections } = parseDocument('using', await readFile(`${ROOT}docs/using.md`, 'utf8'))
  const files = await readdir(`${ROOT}dispatch-web/src`, { recursive: true, encoding: 'utf8' })
  const sources = await Promise.all(
    files.filter((file) => file.endsWith('.tsx')).map((file) => readFile(`${ROOT}dispatch-web/src/${file}`, 'utf8')),
  )
  const linked = sources.flatMap((source) => [...source.matchAll(/<DocsLink section="([^"]+)"/g)].map(([, id]) => id))
  expect(linked.length).toBeGreaterThan(2)
  expect(linked.filter((id) => !sections.some((section) => section.id === id))).toEqual([])
})

function isFile(path: string): boolean {
  return statSync(join(ROOT, path.split('#')[0] ?? ''), { throwIfNoEntry: false })?.isFile() ?? false
}

function linksIn(blocks: readonly Block[]): Target[] {
  return blocks.flatMap((block) => {
    switch (block.kind) {
      case 'paragraph':
        return linksOf(block.content)
      case 'list':
        return block.items.flatMap(linksIn)
      case 'table':
        return [block.head, ...block.rows].flatMap((row) => row.flatMap(linksOf))
      case 'example':
        return []
    }
  })
}

function linksOf(content: readonly Inline[]): Target[] {
  return content.flatMap((inline) => {
    if (typeof inline === 'string' || inline.kind === 'code') return []
    if (plainText(inline.content) === '') throw new Error('a link without words')
    return inline.kind === 'link' ? [inline.to] : linksOf(inline.content)
  })
}
