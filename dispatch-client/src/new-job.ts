/** A job to be scheduled, and the request body it becomes. */

/** A `Date`, a UTC text such as `2031-06-13T09:30:00Z`, or so many milliseconds from now by this machine's clock. */
export type FireAt = Date | string | { readonly inMs: number }

export type NewJob = {
  /** For people: 1 to 191 characters, shown in the dashboard and sent along. */
  readonly title: string
  /** Where Dispatch will POST to. */
  readonly webhookUrl: string
  readonly fireAt: FireAt
} & (
  | {
      /** Sent as `JSON.stringify` writes it; `{}` when left out. */
      readonly payload?: object
      readonly payloadText?: never
    }
  | {
      readonly payload?: never
      /** The JSON text of an object, delivered byte for byte: for numbers beyond 2^53, `1.0`, a given key order. */
      readonly payloadText: string
    }
)

/** The body of `POST /jobs`. Throws a `TypeError` that names the member which cannot be sent. */
export function renderNewJob(job: NewJob, nowMs: number): string {
  const { title, webhookUrl } = job
  const head = JSON.stringify({ title, webhookUrl, fireAt: renderFireAt(job.fireAt, nowMs) })
  const payload = renderPayload(job)
  return payload === undefined ? head : `${head.slice(0, -1)},"payload":${payload}}`
}

/** Throws a `TypeError`. */
export function renderFireAt(fireAt: FireAt, nowMs: number): string {
  if (typeof fireAt === 'string') return fireAt
  const date = fireAt instanceof Date ? fireAt : new Date(nowMs + fireAt.inMs)
  if (Number.isNaN(date.getTime())) {
    throw new TypeError('fireAt: expected a valid Date, a UTC text such as 2031-06-13T09:30:00Z, or { inMs: number }')
  }
  return date.toISOString()
}

/** Callers without TypeScript may pass both. */
function renderPayload({ payload, payloadText }: { payload?: object; payloadText?: string }): string | undefined {
  if (payloadText === undefined) return payload === undefined ? undefined : stringify(payload)
  if (payload !== undefined) throw new TypeError('payload, payloadText: expected one of them; got both')
  // Parsed only to be sure that nothing but one object is spliced in.
  if (!isObject(parse(payloadText))) throw new TypeError('payloadText: expected the JSON text of one object')
  return payloadText
}

function stringify(payload: object): string | undefined {
  try {
    return JSON.stringify(payload)
  } catch (cause) {
    const what = 'expected what JSON.stringify takes (for numbers beyond 2^53 use payloadText)'
    throw new TypeError(`payload: ${what}: ${String(cause)}`, { cause })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TypeError(`payloadText: expected the JSON text of one object: ${String(cause)}`, { cause })
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
