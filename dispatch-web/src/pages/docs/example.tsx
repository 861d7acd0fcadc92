import { CodeBlock } from '../../components/code-block'
import { Tabs } from '../../components/tabs'
import { useObservable } from '../../lib/observable'
import type { Program } from './document'
import { useFillIn } from './fill-in'
import { chooseLanguage, language } from './language'

/** What a shell block among other languages shows is a request by curl. */
const TAB_LABELS: Readonly<Record<string, string>> = { sh: 'curl', js: 'Node', python: 'Python', go: 'Go' }
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
  const chosen = useObservable(language)
  const [first] = programs
  if (first === undefined) return null
  if (programs.length === 1) {
    const what = WHAT[first.language] ?? TAB_LABELS[first.language] ?? first.language
    return <CodeBlock text={fillIn(first.text)} what={what} isWrapped={false} isWhole />
  }
  const shown = programs.find((program) => program.language === chosen) ?? first
  return (
    <div className="overflow-hidden rounded-md border border-line bg-panel">
      <Tabs
        label="Language"
        value={shown.language}
        onChange={chooseLanguage}
        tabs={programs.map(({ language: value, text }) => {
          const label = TAB_LABELS[value] ?? value
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
