/** Whatever goes wrong with a call is one of these; an aborted one rejects with its signal's reason. */
export class DispatchError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}

export interface ApiErrorFacts {
  readonly status: number
  readonly code: string
  readonly requestId: string | null
  readonly retryAfterMs: number | null
}

/** The server answered, and said no. */
export class DispatchApiError extends DispatchError implements ApiErrorFacts {
  /** The HTTP status. */
  readonly status: number
  /** Stable, for programs: `API_KEY_INVALID`, `JOB_NOT_CANCELLABLE`, …; `UNKNOWN` when something else than Dispatch answered. */
  readonly code: string
  /** What the server's log calls this request. */
  readonly requestId: string | null
  /** How long the server asks to wait; null when it does not say. */
  readonly retryAfterMs: number | null

  constructor(message: string, { status, code, requestId, retryAfterMs }: ApiErrorFacts) {
    super(message)
    this.status = status
    this.code = code
    this.requestId = requestId
    this.retryAfterMs = retryAfterMs
  }
}

/** No whole answer within `timeoutMs`. The server may have done what was asked. */
export class DispatchTimeoutError extends DispatchError {
  readonly timeoutMs: number

  constructor(origin: string, timeoutMs: number) {
    super(`Dispatch at ${origin} did not answer within ${timeoutMs} ms; check that it is well, or raise timeoutMs`)
    this.timeoutMs = timeoutMs
  }
}

/** The server could not be reached, or the connection broke. `cause` is what fetch said. */
export class DispatchConnectionError extends DispatchError {
  constructor(origin: string, cause: unknown) {
    super(`Cannot reach Dispatch at ${origin} (${reasonOf(cause)}); check that it runs there, and the url`, { cause })
  }
}

/** Node's fetch says only "fetch failed" and keeps the reason in `cause`; that of several addresses in `errors`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = error.cause ?? (error instanceof AggregateError ? (error.errors[0] as unknown) : undefined)
  if (inner !== undefined) return reasonOf(inner)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return error.message.includes(code) && error.message !== '' ? error.message : code
}
