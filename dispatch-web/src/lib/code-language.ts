/** The language in which code is shown, chosen once for the docs, the form of a new job and whatever else shows code. */
import { Observable } from './observable'
import { onStoredElsewhere, readStored, store } from './storage'

export const CODE_LANGUAGES = ['curl', 'node', 'python', 'go'] as const
export type CodeLanguage = (typeof CODE_LANGUAGES)[number]

export const CODE_LANGUAGE_NAMES: Readonly<Record<CodeLanguage, string>> = {
  curl: 'curl',
  node: 'Node',
  python: 'Python',
  go: 'Go',
}

const DEFAULT: CodeLanguage = 'curl'

export const codeLanguage = new Observable<CodeLanguage>(toCodeLanguage(readStored('code-language')))
onStoredElsewhere('code-language', (value) => codeLanguage.set(toCodeLanguage(value)))

export function chooseCodeLanguage(choice: CodeLanguage): void {
  store('code-language', choice === DEFAULT ? null : choice)
  codeLanguage.set(choice)
}

function toCodeLanguage(text: string | null): CodeLanguage {
  return CODE_LANGUAGES.find((one) => one === text) ?? DEFAULT
}
