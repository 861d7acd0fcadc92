/** Validation in words: which field, what was expected, what came. */
import { DispatchError } from '../errors.js'

/** Cut so that an answer never grows with what was sent. */
const SHOWN_CHARACTERS = 60
/** Fields whose value is never repeated, not even to the one who sent it: answers end up in logs of others. */
const SECRET_FIELDS = /password|token|secret|code/i

/** `title: expected a text of 1 to 191 characters, got 42`. */
export function problem(field: string, expected: string, value: unknown): string {
  return `${field}: expected ${expected}, got ${SECRET_FIELDS.test(field) ? kindOf(value) : describe(value)}`
}

/** One error for all problems at once. */
export function validationError(problems: readonly string[]): DispatchError {
  return new DispatchError('VALIDATION', { message: problems.join('; ') })
}

function describe(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return kindOf(value)
}

function quote(text: string): string {
  if (text === '') return 'an empty text'
  const shown = text.slice(0, SHOWN_CHARACTERS)
  // JSON escapes control characters and lone surrogates, so any text is safe to repeat.
  return shown === text ? JSON.stringify(text) : `${JSON.stringify(shown)}… (${text.length} characters)`
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'string') return value === '' ? 'an empty text' : `a text of ${value.length} characters`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
