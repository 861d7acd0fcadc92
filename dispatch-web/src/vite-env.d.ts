/** Origin of the API without a trailing slash; empty = the one that serves the dashboard. Put in by the build. */
declare const __API_URL__: string

/** Made by `build/documents.ts`. */
declare module '*.md?document' {
  import type { DocsDocument } from './pages/docs/document'
  const document: DocsDocument
  export default document
}
