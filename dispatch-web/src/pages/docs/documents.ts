import { loadCode } from '../../lib/page-code'
import { DOCS, isDocsName, type DocsDocument, type DocsName } from './document'

/** Each is a file of its own, fetched when it is first shown or searched. */
const FILES: Readonly<Record<DocsName, () => Promise<{ readonly default: DocsDocument }>>> = {
  using: () => import('../../../../docs/using.md?document'),
  'self-hosting': () => import('../../../../docs/self-hosting.md?document'),
  configuration: () => import('../../../../docs/configuration.md?document'),
  differences: () => import('../../../../docs/differences.md?document'),
}

export interface NamedDocument {
  readonly name: DocsName
  readonly document: DocsDocument
}

/** Undefined where there is no document of that name. */
export async function openDocument(name: string): Promise<NamedDocument | undefined> {
  return isDocsName(name) ? open(name) : undefined
}

export function openAllDocuments(): Promise<NamedDocument[]> {
  return Promise.all(DOCS.map(open))
}

async function open(name: DocsName): Promise<NamedDocument> {
  const { default: document } = await loadCode(FILES[name])
  return { name, document }
}
