/** Search over the sections of all documents, in the browser. */
import { DOCS_LABELS, plainText, type Block, type DocsName } from './document'
import type { NamedDocument } from './documents'

export interface SearchEntry {
  readonly name: DocsName
  readonly label: string
  /** The section's anchor; empty for what stands above the first. */
  readonly id: string
  readonly title: string
  readonly text: string
}

export interface SearchResult extends SearchEntry {
  /** Some words around the first one that was found. */
  readonly excerpt: string
}

/** A part of a text, and whether it was searched for. */
export interface Part {
  readonly text: string
  readonly isFound: boolean
}

const MOST_RESULTS = 20
const EXCERPT_BEFORE = 40
const EXCERPT_LENGTH = 130

export function toEntries({ name, document }: NamedDocument): SearchEntry[] {
  const { title, intro, sections } = document
  const label = DOCS_LABELS[name]
  return [
    { name, label, id: '', title, text: textOf(intro) },
    ...sections.map((section) => ({
      name,
      label,
      id: section.id,
      title: plainText(section.title),
      text: textOf(section.blocks),
    })),
  ]
}

function textOf(blocks: readonly Block[]): string {
  return blocks
    .flatMap((block) => {
      switch (block.kind) {
        case 'paragraph':
          return plainText(block.content)
        case 'list':
          return block.items.map(textOf)
        case 'table':
          return [block.head, ...block.rows].flatMap((row) => row.map(plainText))
        case 'example':
          return block.programs.map(({ text }) => text)
      }
    })
    .join(' ')
    .replace(/\s+/g, ' ')
}

export function termsOf(query: string): string[] {
  return query.toLowerCase().split(/\s+/).filter(Boolean)
}

/** Sections that hold every term, those with it in their title first, otherwise as they stand in the documents. */
export function searchEntries(entries: readonly SearchEntry[], query: string): SearchResult[] {
  const terms = termsOf(query)
  if (terms.length === 0) return []
  return entries
    .map((entry) => ({ entry, score: scoreOf(entry, terms) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_RESULTS)
    .map(({ entry }) => ({ ...entry, excerpt: excerptOf(entry.text, terms) }))
}

/** 0 = not found. A title that is the query, then one that begins with it, then the more terms it holds. */
function scoreOf({ title, text }: SearchEntry, terms: readonly string[]): number {
  const inTitle = title.toLowerCase()
  const inText = text.toLowerCase()
  if (!terms.every((term) => inTitle.includes(term) || inText.includes(term))) return 0
  const query = terms.join(' ')
  const whole = inTitle === query ? 200 : inTitle.startsWith(query) ? 100 : inTitle.includes(query) ? 50 : 0
  return 1 + whole + 10 * terms.filter((term) => inTitle.includes(term)).length
}

function excerptOf(text: string, terms: readonly string[]): string {
  const lower = text.toLowerCase()
  const places = terms.map((term) => lower.indexOf(term)).filter((place) => place >= 0)
  const place = places.length === 0 ? 0 : Math.min(...places)
  // From the beginning of a word.
  const from = place <= EXCERPT_BEFORE ? 0 : text.indexOf(' ', place - EXCERPT_BEFORE) + 1
  const to = from + EXCERPT_LENGTH
  return `${from > 0 ? '… ' : ''}${text.slice(from, to)}${to < text.length ? ' …' : ''}`
}

/** The text in parts; together they are the text. */
export function splitByTerms(text: string, terms: readonly string[]): Part[] {
  if (terms.length === 0) return [{ text, isFound: false }]
  // The longest first: of `job` and `jobs` the second is to be marked.
  const longestFirst = terms.toSorted((a, b) => b.length - a.length)
  const pattern = longestFirst.map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
  return text
    .split(new RegExp(`(${pattern})`, 'i'))
    .map((part, index) => ({ text: part, isFound: index % 2 === 1 }))
    .filter((part) => part.text !== '')
}
