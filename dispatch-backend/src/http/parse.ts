/** From text on the wire to checked values, or one error that names everything wrong with it. */
import type { FastifyRequest } from 'fastify'
import type * as z from 'zod'
import { problem, validationError } from '../domain/problem.js'
import { DispatchError } from '../errors.js'

/** Bodies reach the handlers as the bytes that were sent. */
export function rawBody(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
}

/** The JSON body, checked. A missing body counts as `{}`. Throws `MALFORMED_JSON`, `VALIDATION`. */
export function readBody<Schema extends z.ZodType>(request: FastifyRequest, schema: Schema): z.output<Schema> {
  const raw = rawBody(request)
  return check(schema, raw.length === 0 ? {} : parseJson(raw), 'body')
}

/** The query string, checked; unknown parameters are ignored. Throws `VALIDATION`. */
export function readQuery<Schema extends z.ZodType>(request: FastifyRequest, schema: Schema): z.output<Schema> {
  return check(schema, request.query, 'query')
}

/** A value called `field`, checked. Throws `VALIDATION`. */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown, field: string): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = new Map<string, string>()
  for (const issue of result.error.issues) {
    const name = issue.path.length > 0 ? issue.path.join('.') : field
    const isNoObject = issue.code === 'invalid_type' && issue.expected === 'object'
    const expected = isNoObject ? 'a JSON object' : issue.message
    // The first finding about a field says enough; the others follow from it.
    if (!problems.has(name)) problems.set(name, problem(name, expected, valueAt(value, issue.path)))
  }
  throw validationError([...problems.values()])
}

/** The URL's `:name`. */
export function pathPart(request: FastifyRequest, name: string): string {
  return (request.params as Readonly<Record<string, string>>)[name] ?? ''
}

function parseJson(raw: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw))
  } catch (error) {
    // The parser's own message quotes the body, which may hold a password.
    throw new DispatchError('MALFORMED_JSON', { cause: error })
  }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Readonly<Record<PropertyKey, unknown>> | undefined)?.[key], value)
}
