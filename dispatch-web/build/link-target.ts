import { posix } from 'node:path'
import { isDocsName, type DocsName, type Target } from '../src/pages/docs/document.ts'
import { PROMPT_FILES, SETUP_ANCHOR } from '../src/pages/docs/prompts.ts'

/** Where the files are that the dashboard has no page for. */
const REPOSITORY = 'https://github.com/imtiyazsayyidpro/dispatch/blob/main'

/** What a link in `docs/NAME.md` leads to. Throws for one that neither leads to a file nor to the web. */
export function readTarget(name: DocsName, href: string): Target {
  if (/^https?:\/\//.test(href)) return { href }
  if (/^[a-z][a-z\d+.-]*:|^\/\//i.test(href)) throw new Error(`docs/${name}.md: no link may lead to ${href}`)
  const [path = '', hash] = href.split('#')
  const file = path === '' ? `docs/${name}.md` : posix.join('docs', path)
  const prompt = PROMPT_FILES[/^docs\/prompts\/([\w-]+)\.md$/.exec(file)?.[1] ?? '']
  if (prompt) return { name: prompt, hash: SETUP_ANCHOR }
  const other = /^docs\/([\w-]+)\.md$/.exec(file)?.[1] ?? ''
  if (isDocsName(other)) return { name: other, ...(hash !== undefined && { hash }) }
  return { href: `${REPOSITORY}/${file}${hash === undefined ? '' : `#${hash}`}` }
}
