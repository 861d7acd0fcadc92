/** The contract's schemas as JSON Schema 2020-12, without what only a validator of ours needs. */
import * as z from 'zod'

export type JsonSchema = { readonly [keyword: string]: unknown }

/** What may be sent: defaults are optional, query strings are what they stand for. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  return convert(schema, 'input')
}

/** What is answered. */
export function outputSchema(schema: z.ZodType): JsonSchema {
  return convert(schema, 'output')
}

function convert(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const options = { io, unrepresentable: 'any', override: simplify } as const
  const converted: Record<string, unknown> = z.toJSONSchema(schema, options)
  delete converted['$schema']
  return converted
}

/** `text(min, max)` of the contract: a pattern in zod, since only that counts code points; JSON Schema's lengths do too. */
const TEXT_PATTERN = /^\^\[\^\\0\\p\{Cs\}\]\{(\d+),(\d+)\}\$$/

interface Converted {
  readonly zodSchema: z.core.$ZodTypes
  readonly jsonSchema: z.core.JSONSchema.BaseSchema
}

function simplify({ zodSchema, jsonSchema: schema }: Converted): void {
  const { def } = zodSchema._zod
  // Of a text that is read as a number zod leaves it out: it is no text.
  if (def.type === 'default') schema.default ??= def.defaultValue as typeof schema.default
  const bounds = TEXT_PATTERN.exec(schema.pattern ?? '')
  if (bounds) Object.assign(schema, { minLength: Number(bounds[1]), maxLength: Number(bounds[2]) })
  // The format says it, or the type that stands for a number in a query string.
  if (bounds || schema.format !== undefined || schema.type === 'integer') delete schema.pattern
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  delete schema.propertyNames
  // Answers may gain members, so clients must not refuse them.
  if (schema.additionalProperties === false || isEmpty(schema.additionalProperties)) delete schema.additionalProperties
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
