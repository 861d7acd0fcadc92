/** What the API answered instead of success, or that it could not be reached. */
export class ApiError extends Error {
  /** The API's stable code (`x-error-code`), or one of ours: `UNREACHABLE`, `UNEXPECTED_ANSWER`. */
  readonly code: string
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  readonly data: unknown
  /** Seconds to wait before another try; null when the answer did not say. */
  readonly retryAfterSeconds: number | null

  constructor(options: {
    code: string
    status: number
    message: string
    data?: unknown
    retryAfterSeconds?: number | null
    cause?: unknown
  }) {
    super(options.message, { cause: options.cause })
    this.name = 'ApiError'
    this.code = options.code
    this.status = options.status
    this.data = options.data ?? null
    this.retryAfterSeconds = options.retryAfterSeconds ?? null
  }
}

/** Words for people about anything that was thrown. */
export function messageOf(error: unknown): string {
  if (!(error instanceof ApiError)) return 'Something went wrong in this page. Reload it and try again.'
  const wait = error.retryAfterSeconds
  return error.code === 'RATE_LIMITED' && wait !== null ? `${error.message} (in ${wait} s)` : error.message
}

const FIELD_ERRORS = ['VALIDATION', 'ADDRESS_NOT_ALLOWED']

/**
 * The problems of an answer by field. Its message is `field: expected …, got …; field: expected …`, or `field: ` and words;
 * what names none of `fields` is left to be shown as a whole.
 */
export function fieldErrorsOf(error: unknown, fields: readonly string[]): Record<string, string> {
  if (!(error instanceof ApiError) || !FIELD_ERRORS.includes(error.code)) return {}
  const found: Record<string, string> = {}
  const names = fields.join('|')
  for (const part of error.message.split(new RegExp(`; (?=(?:${names}): )`))) {
    const [, field, words] = new RegExp(`^(${names}): (.+)$`, 's').exec(part) ?? []
    if (field === undefined || words === undefined) continue
    const [, expected = words] = /^(expected .+?)(?:, got .*)?$/s.exec(words) ?? []
    found[field] ??= expected.slice(0, 1).toUpperCase() + expected.slice(1)
  }
  return found
}
