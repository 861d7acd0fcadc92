import type { DocsName } from './document'

/** Where a document's prompt stands in it. */
export const SETUP_ANCHOR = 'ai-setup'

/** The files in `docs/prompts/`, without `.md`, and the document that each belongs to. */
export const PROMPT_FILES: Readonly<Record<string, DocsName>> = { integrate: 'using', 'self-host': 'self-hosting' }
