import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Plugin } from 'vite'
import { DOCS, isDocsName } from '../src/pages/docs/document.ts'
import { parseDocument } from './document.ts'

const MARKDOWN_TYPE = 'text/markdown; charset=utf-8'
const QUERY = '?document'

/**
 * `import document from '…/docs/using.md?document'` gives the page as data (`src/pages/docs/document.ts`);
 * the build also leaves the Markdown itself at `/docs/using.md`.
 */
export function documents(): Plugin {
  let folder = ''
  return {
    name: 'dispatch-documents',
    configResolved({ root }) {
      folder = join(root, '..', 'docs')
    },
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const name = DOCS.find((each) => request.url === `/docs/${each}.md`)
        if (name === undefined) next()
        else createReadStream(join(folder, `${name}.md`)).pipe(response.setHeader('content-type', MARKDOWN_TYPE))
      })
    },
    // For programs that read: the page's own address with `.md` behind it.
    async generateBundle() {
      for (const name of DOCS) {
        const source = await readFile(join(folder, `${name}.md`), 'utf8')
        this.emitFile({ type: 'asset', fileName: `docs/${name}.md`, source })
      }
    },
    async load(id) {
      if (!id.endsWith(`.md${QUERY}`)) return null
      const file = id.slice(0, -QUERY.length)
      const name = basename(file, '.md')
      if (!isDocsName(name)) throw new Error(`${file} is none of the documents that the dashboard shows`)
      this.addWatchFile(file)
      const document = parseDocument(name, await readFile(file, 'utf8'))
      return { code: `export default ${JSON.stringify(document)}`, moduleType: 'js' }
    },
  }
}
