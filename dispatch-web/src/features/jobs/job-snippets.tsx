import { CodeBlock } from '../../components/code-block'
import { Segmented } from '../../components/segmented'
import { API_URL } from '../../lib/api-url'
import { chooseCodeLanguage, CODE_LANGUAGE_NAMES, CODE_LANGUAGES, codeLanguage } from '../../lib/code-language'
import { useObservable } from '../../lib/observable'
import { snippets, type SnippetJob } from './snippets'

const OPTIONS = CODE_LANGUAGES.map((value) => ({ value, label: CODE_LANGUAGE_NAMES[value] }))

/** The same job as code, as the form stands. */
export function JobSnippets({ job }: { readonly job: SnippetJob }) {
  const language = useObservable(codeLanguage)
  const code = snippets(job, API_URL === '' ? location.origin : API_URL)[language]
  return (
    <section aria-label="The same as code" className="flex min-w-0 flex-col gap-2 border-t border-line pt-4">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div>
          <h2 className="text-sm font-medium">The same as code</h2>
          <p className="text-sm text-muted">
            With a key of the project in the environment variable{' '}
            <code className="font-mono text-xs">DISPATCH_API_KEY</code>.
          </p>
        </div>
        <Segmented label="Language" options={OPTIONS} value={language} onChange={chooseCodeLanguage} />
      </div>
      <CodeBlock what="code" text={code} />
    </section>
  )
}
