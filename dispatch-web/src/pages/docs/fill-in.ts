/** The reader's own values in the examples. */
import { createContext, use } from 'react'
import type { DocsName } from './document'

/** As they stand in `docs/`; a test holds that they do. */
export const SAMPLE_BASE_URL = 'http://localhost:4000'
export const SAMPLE_PROJECT_ID = '0199d5b1-2c58-7f03-8e6a-1b9c7d2f5a30'
/** Asks the API for the project's id, which we know. */
export const PROJECT_LOOKUP = /^PROJECT=\$\(.*\)$/gm
export const SAMPLE_HOST = 'dispatch.example.com'

export interface Reader {
  /** Origin of the API. */
  readonly baseUrl: string
  /** Only of who is signed in and has a project. */
  readonly projectId: string | undefined
  /** The public name of this installation; undefined on a machine that is only reached by itself. */
  readonly host: string | undefined
}

export type FillIn = (text: string) => string

/**
 * What puts the reader's values into the examples of a document. The administrator's commands keep the address that they
 * are run at, which is not the one that the reader came by.
 */
export function fillInFor(name: DocsName, { baseUrl, projectId, host }: Reader): FillIn {
  if (name !== 'using') return (text) => (host === undefined ? text : text.replaceAll(SAMPLE_HOST, host))
  return (text) => {
    const addressed = text.replaceAll(SAMPLE_BASE_URL, baseUrl)
    if (projectId === undefined) return addressed
    return addressed.replaceAll(SAMPLE_PROJECT_ID, projectId).replace(PROJECT_LOOKUP, `PROJECT=${projectId}`)
  }
}

/** Of the browser's address: only a name that others can reach is worth putting into settings. */
export function publicHost({ protocol, host }: Pick<Location, 'protocol' | 'host'>): string | undefined {
  return protocol === 'https:' ? host : undefined
}

const FillInContext = createContext<FillIn>((text) => text)
export const FillInProvider = FillInContext.Provider
export const useFillIn = (): FillIn => use(FillInContext)
