/** From what stands in the form to the question, or what is wrong with which field. */
import type { Question } from './diagnose'
import { readHeaders, readRequest, UnreadableError, type GivenRequest } from './read-request'
import { readSecrets } from './read-secrets'

export interface Texts {
  /** `whole`: `request` counts; `parts`: `headers` and `body`. */
  readonly form: 'whole' | 'parts'
  readonly request: string
  readonly headers: string
  readonly body: string
  readonly secret: string
  readonly receivedAt: string
}

export type TextProblems = Readonly<Partial<Record<Exclude<keyof Texts, 'form'>, string>>>

/** Far beyond what Dispatch delivers; a browser stays quick below. */
const MOST_CHARACTERS = 4_000_000

export interface ReadQuestion {
  readonly question: Question | null
  readonly problems: TextProblems
}

export function readQuestion(texts: Texts, nowMs: number): ReadQuestion {
  const request = readEither(texts)
  const secrets = readSecrets(texts.secret)
  const receivedAtMs = readInstant(texts.receivedAt)
  const problems: TextProblems = {
    ...('problems' in request && request.problems),
    ...(secrets.problem !== null && { secret: secrets.problem }),
    ...(Number.isNaN(receivedAtMs) && { receivedAt: 'Expected a time such as 2026-06-13T09:30:00Z, or left empty.' }),
  }
  if ('problems' in request || secrets.problem !== null || Number.isNaN(receivedAtMs))
    return { question: null, problems }
  return { question: { request, secrets: secrets.secrets, receivedAtMs, nowMs }, problems: {} }
}

function readEither({ form, request, headers, body }: Texts): GivenRequest | { readonly problems: TextProblems } {
  if (request.length + headers.length + body.length > MOST_CHARACTERS) {
    return { problems: { [form === 'whole' ? 'request' : 'body']: 'Expected at most 4,000,000 characters.' } }
  }
  const [read, problem] = form === 'whole' ? attempt(() => readRequest(request)) : attempt(() => readHeaders(headers))
  const lacksBody = form === 'parts' && body === ''
  if (read === null || lacksBody) {
    return {
      problems: {
        ...(problem !== null && { [form === 'whole' ? 'request' : 'headers']: problem }),
        ...(lacksBody && { body: 'Expected the body; got nothing.' }),
      },
    }
  }
  return 'body' in read ? read : { headers: read, body }
}

/** What was read, or in words why it could not be. */
function attempt<Read>(read: () => Read): readonly [Read, null] | readonly [null, string] {
  try {
    return [read(), null]
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error
    return [null, error.message]
  }
}

/** ISO text, the `Date` header, or seconds or milliseconds since 1970; null = nothing was said, NaN = not readable. */
export function readInstant(text: string): number | null {
  const trimmed = text.trim()
  if (trimmed === '') return null
  if (/^\d{9,11}$/.test(trimmed)) return Number(trimmed) * 1000
  if (/^\d{12,14}$/.test(trimmed)) return Number(trimmed)
  const hasZone = /(?:Z|GMT|UTC|[+-]\d\d:?\d\d)$/i.test(trimmed)
  return Date.parse(hasZone ? trimmed : `${trimmed.replace(' ', 'T')}Z`)
}
