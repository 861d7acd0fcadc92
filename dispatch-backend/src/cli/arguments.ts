import { email } from 'dispatch-contract'
import type * as z from 'zod'

/** A word of the command line as the contract takes it. Throws an Error that says what was expected. */
export function readArgument<Schema extends z.ZodType>(schema: Schema, text: string, what: string): z.output<Schema> {
  const result = schema.safeParse(text)
  if (result.success) return result.data
  throw new Error(`${what}: expected ${result.error.issues[0]?.message ?? 'something else'}`)
}

export function readEmail(text: string): string {
  return readArgument(email, text, 'email')
}
