/** What the build makes of a page of `docs/` (`build/document.ts`): data, so that nothing of it is ever parsed as HTML. */
export const DOCS = ['using', 'self-hosting', 'configuration', 'differences'] as const
/** A document: its file without `.md`, and the last part of its address here. */
export type DocsName = (typeof DOCS)[number]

/** What they are called where there is little room. */
export const DOCS_LABELS: Readonly<Record<DocsName, string>> = {
  using: 'Using Dispatch',
  'self-hosting': 'Self-hosting',
  configuration: 'Configuration',
  differences: 'Differences',
}

export interface DocsDocument {
  readonly title: string
  /** What stands above the first section. */
  readonly intro: readonly Block[]
  /** In their order; those of depth 3 belong to the one of depth 2 before them. */
  readonly sections: readonly Section[]
}

export interface Section {
  /** Its anchor, the same as on GitHub. */
  readonly id: string
  readonly depth: 2 | 3
  readonly title: readonly Inline[]
  readonly blocks: readonly Block[]
}

export type Block =
  | { readonly kind: 'paragraph'; readonly content: readonly Inline[] }
  | { readonly kind: 'list'; readonly isOrdered: boolean; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: 'table'; readonly head: readonly Cell[]; readonly rows: readonly (readonly Cell[])[] }
  /** More than one: the same in several languages. */
  | { readonly kind: 'example'; readonly programs: readonly Program[] }

export type Cell = readonly Inline[]

export interface Program {
  /** The first word behind the fence; empty for a drawing. */
  readonly language: string
  readonly text: string
}

export type Inline =
  | string
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'emphasis'; readonly content: readonly Inline[] }
  | { readonly kind: 'link'; readonly to: Target; readonly content: readonly Inline[] }

/** A place in one of the documents, or an address elsewhere. */
export type Target = { readonly name: DocsName; readonly hash?: string } | { readonly href: string }

export function isDocsName(text: string): text is DocsName {
  return DOCS.some((name) => name === text)
}

/** The words alone. */
export function plainText(content: readonly Inline[]): string {
  return content
    .map((inline) => {
      if (typeof inline === 'string') return inline
      return inline.kind === 'code' ? inline.text : plainText(inline.content)
    })
    .join('')
}
