import { CodeBlock } from '../../components/code-block'
import { Tabs } from '../../components/tabs'
import { chooseCodeLanguage, CODE_LANGUAGE_NAMES, codeLanguage, type CodeLanguage } from '../../lib/code-language'
import { useObservable } from '../../lib/observable'
import type { Program } from './document'
import { useFillIn } from './fill-in'

/** By what stands behind the fence. What a shell block among other languages shows is a request by curl. */
const LANGUAGES: Readonly<Record<string, CodeLanguage>> = { sh: 'curl', js: 'node', python: 'python', go: 'go' }
const WHAT: Readonly<Record<string, string>> = {
  sh: 'commands',
  json: 'JSON',
  ini: 'settings',
  sql: 'statements',
  nginx: 'nginx site',
  '': 'drawing',
}

/** One program, or the same in several languages as tabs. */
export function Example({ programs }: { readonly programs: readonly Program[] }) {
  const fillIn = useFillIn()
  const chosen = useObservable(codeLanguage)
  const [first] = programs
  if (first === undefined) return null
  if (programs.length === 1) {
    const what = WHAT[first.language] ?? nameOf(first.language)
    return <CodeBlock text={fillIn(first.text)} what={what} isWrapped={false} isWhole />
  }
  const shown = programs.find(({ language }) => LANGUAGES[language] === chosen) ?? first
  return (
    <div className="overflow-hidden rounded-md border border-line bg-panel">
      <Tabs
        label="Language"
        value={shown.language}
        onChange={choose}
        tabs={programs.map(({ language: value, text }) => {
          const label = nameOf(value)
          const content = (
            <CodeBlock
              text={fillIn(text)}
              what={`${label} example`}
              isWrapped={false}
              isWhole
              className="rounded-none border-0"
            />
          )
          return { value, label, content }
        })}
      />
    </div>
  )
}

function choose(fence: string): void {
  const language = LANGUAGES[fence]
  if (language) chooseCodeLanguage(language)
}

function nameOf(fence: string): string {
  const language = LANGUAGES[fence]
  return language ? CODE_LANGUAGE_NAMES[language] : fence
}
