/** Reads what came back: the envelope's data, or an error that says what to do. */
import { DispatchApiError } from './errors.js'
import { parseRetryAfter } from './retry.js'

interface Envelope {
  readonly status: boolean
  readonly message: string
  readonly data: unknown
}

const HINTS: Readonly<Record<string, string>> = {
  API_KEY_INVALID: 'check that apiKey is a key of this server, whole and not revoked',
  JOB_NOT_CANCELLABLE: 'it has fired, is firing or was cancelled; between two attempts, { retrying: true } cancels it',
  IDEMPOTENCY_CONFLICT: 'a key of your own belongs to one job with one fixed fireAt; use another key for another job',
  NOT_FOUND: 'there is no such thing, or it belongs to another project than the key',
  BODY_TOO_LARGE: 'keep the data on your side and send its id',
  RATE_LIMITED: 'schedule more slowly, or ask the operator to raise RATE_LIMIT_PER_MINUTE',
}

/** The `data` of a good answer. Throws a `DispatchApiError` for every other. */
export async function readAnswer(response: Response, nowMs: number): Promise<unknown> {
  const envelope = parseEnvelope(await response.text())
  if (response.ok && envelope?.status === true) return envelope.data
  throw refusal(response, envelope, nowMs)
}

/** The body of a good answer that is a stream of events, unread. Throws a `DispatchApiError` for every other. */
export async function readEventsAnswer(response: Response, nowMs: number): Promise<ReadableStream<Uint8Array>> {
  const isEvents = /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '')
  if (response.status === 200 && isEvents && response.body) return response.body
  const envelope = parseEnvelope(await response.text())
  throw refusal(response, envelope?.status === true ? undefined : envelope, nowMs)
}

/** The body of a good answer that is a file, unread. Throws a `DispatchApiError` for every other. */
export async function readFileAnswer(response: Response, nowMs: number): Promise<ReadableStream<Uint8Array>> {
  const isFile = /^attachment\b/i.test(response.headers.get('content-disposition') ?? '')
  if (response.status === 200 && isFile && response.body) return response.body
  const envelope = parseEnvelope(await response.text())
  throw refusal(response, envelope?.status === true ? undefined : envelope, nowMs)
}

function refusal(response: Response, envelope: Envelope | undefined, nowMs: number): DispatchApiError {
  const code = response.headers.get('x-error-code') ?? 'UNKNOWN'
  return new DispatchApiError(describe(response, envelope, code), {
    status: response.status,
    code,
    requestId: response.headers.get('x-request-id'),
    retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), nowMs),
  })
}

function parseEnvelope(text: string): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isEnvelope(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false
  return (
    'status' in value &&
    typeof value.status === 'boolean' &&
    'message' in value &&
    typeof value.message === 'string' &&
    'data' in value
  )
}

function describe(response: Response, envelope: Envelope | undefined, code: string): string {
  if (envelope) {
    const said = `${envelope.message} (${response.status} ${code})`
    const hint = HINTS[code]
    return hint === undefined ? said : `${said}; ${hint}`
  }
  const isRedirect = response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)
  const target = response.headers.get('location')
  if (isRedirect) return `The server redirects${target === null ? '' : ` to ${target}`}; set url to where it leads`
  return `Something else than Dispatch answered (HTTP ${response.status}); check url, and what stands in front of the server`
}
