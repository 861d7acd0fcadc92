/** The language that the reader chose, for all examples on all pages and visits. */
import { Observable } from '../../lib/observable'
import { onStoredElsewhere, readStored, store } from '../../lib/storage'

const KEY = 'docs.language'

/** As behind a fence; null = none chosen. */
export const language = new Observable(readStored(KEY))

export function chooseLanguage(choice: string): void {
  store(KEY, choice)
  language.set(choice)
}

onStoredElsewhere(KEY, (value) => language.set(value))
