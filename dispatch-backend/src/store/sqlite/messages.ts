/** What passes between the main thread and its workers: structured clones of verbs, arguments, results and errors. */
import { DatabaseAwayError } from '../store.js'
import type { Verb } from './routes.js'

export interface WorkerSetup {
  readonly file: string
  readonly readOnly: boolean
  readonly description: string
}

/** `checkpoint` and `close` are the worker's own; all others are verbs of the store. */
export interface Call {
  readonly verb: Verb | 'checkpoint' | 'close'
  readonly args: readonly unknown[]
}

export type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: PlainError }

/** A structured clone keeps neither an error's class nor its own properties. */
export interface PlainError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly code: string | undefined
}

export function toPlainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined, code: undefined }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return { name: error.name, message: error.message, stack: error.stack, code }
}

export function fromPlainError({ name, message, stack, code }: PlainError): Error {
  const error = name === 'DatabaseAwayError' ? new DatabaseAwayError(message) : new Error(message)
  error.name = name
  return Object.assign(error, stack !== undefined && { stack }, code !== undefined && { code })
}
