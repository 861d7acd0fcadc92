/**
 * Every error a caller can meet, in one table: stable code (sent as `x-error-code`), HTTP status, default message.
 * Code throws `new DispatchError(code, …)`; the HTTP layer alone turns it into an envelope.
 */
export const ERRORS = {
  VALIDATION: { status: 400, message: 'The request is not valid' },
  ADDRESS_NOT_ALLOWED: { status: 400, message: 'The webhook address is not allowed' },
  JOB_NOT_CANCELLABLE: { status: 400, message: 'Only scheduled jobs can be cancelled' },
  CODE_INVALID: { status: 400, message: 'The code is wrong, used up or expired' },
  CODE_LOCKED: { status: 400, message: 'Too many wrong codes; try again later' },
  RESET_TOKEN_INVALID: { status: 400, message: 'This link is used up or expired; ask for a new one' },
  MALFORMED_JSON: { status: 400, message: 'The body is not valid JSON' },
  BAD_CREDENTIALS: { status: 401, message: 'Invalid email or password' },
  API_KEY_INVALID: { status: 401, message: 'Invalid or missing API key' },
  SESSION_INVALID: { status: 401, message: 'Invalid or expired session; sign in again' },
  METRICS_TOKEN_INVALID: { status: 401, message: 'Send METRICS_TOKEN as a bearer token' },
  WRONG_PASSWORD: { status: 401, message: 'The current password is not right' },
  FORBIDDEN: { status: 403, message: 'You are not allowed to do this' },
  SETUP_TOKEN_REQUIRED: {
    status: 403,
    message: 'The first account needs the set-up token that Dispatch printed',
  },
  EMAIL_NOT_VERIFIED: { status: 403, message: 'Verify your email address first; a code was sent to it' },
  ACCOUNT_DISABLED: { status: 403, message: 'This account is disabled' },
  NOT_FOUND: { status: 404, message: 'Not found' },
  METHOD_NOT_ALLOWED: { status: 405, message: 'This address does not take that method' },
  CONFLICT: { status: 409, message: 'The request conflicts with what is there' },
  EMAIL_TAKEN: { status: 409, message: 'An account with this email already exists; sign in instead' },
  OWNS_INSTANCE: {
    status: 409,
    message: 'You own this instance; make another account its owner first (npx dispatch user promote EMAIL)',
  },
  IDEMPOTENCY_CONFLICT: { status: 409, message: 'This Idempotency-Key was already used with a different request body' },
  BODY_TOO_LARGE: { status: 413, message: 'The request body is too large' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    message: 'Send the body as JSON with the header Content-Type: application/json',
  },
  RATE_LIMITED: { status: 429, message: 'Too many requests; wait and try again' },
  INTERNAL: { status: 500, message: 'Something went wrong on our side' },
  BUSY: { status: 503, message: 'Dispatch is busy; try again' },
  DATABASE_AWAY: { status: 503, message: 'The database cannot be reached at the moment; try again' },
  QUERY_TOO_SLOW: {
    status: 503,
    message: 'The database took too long for this; ask for less: a shorter time, one project, or an earlier page',
  },
} as const satisfies Record<string, { status: number; message: string }>

export type ErrorCode = keyof typeof ERRORS

export interface DispatchErrorOptions {
  /** Overrides the table's message: what happened, what was expected, what to do. */
  readonly message?: string
  /** The envelope's `data`. */
  readonly data?: unknown
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/** An expected failure with a stable code. Anything else that is thrown is a bug and answers 500. */
export class DispatchError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly data: unknown
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, options: DispatchErrorOptions = {}) {
    super(options.message ?? ERRORS[code].message, { cause: options.cause })
    this.name = 'DispatchError'
    this.code = code
    this.status = ERRORS[code].status
    this.data = options.data ?? null
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}
