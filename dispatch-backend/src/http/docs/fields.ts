/** JSON Schema as a list of fields that people can read. */
import type { JsonSchema } from '../openapi/json-schema.js'
import { html, inline, type Html } from './html.js'

type Schemas = Readonly<Record<string, JsonSchema>>

/** The members of an object, nested ones below; nothing for what has no members. */
export function renderFields(schema: JsonSchema, schemas: Schemas): Html | undefined {
  const { properties, required } = membersOf(schema, schemas)
  const names = Object.keys(properties)
  if (names.length === 0) return undefined
  return html`<dl class="fields">
    ${names.map((name) => renderField(name, properties[name] ?? {}, required, schemas))}
  </dl>`
}

function renderField(name: string, schema: JsonSchema, required: readonly string[], schemas: Schemas): Html {
  const nested = renderFields(schema, schemas)
  return html`<dt>
      <code>${name}</code>
      <span class="type">${typeWords(schema, schemas)}${required.includes(name) ? '' : ', optional'}</span>
    </dt>
    <dd>${inline(describe(schema))}${nested}</dd> `
}

function describe({ description, default: standard }: JsonSchema): string {
  const words = typeof description === 'string' ? [description] : []
  if (standard !== undefined) words.push(`Default: \`${JSON.stringify(standard)}\`.`)
  return words.join(' ')
}

/** `text of 1 to 191 characters`, `whole number, 1 to 100`, `list of Job`. */
export function typeWords(schema: JsonSchema, schemas: Schemas): string {
  const all = alternatives(schema)
  return [...new Set(all.map((one) => singleTypeWords(one, schemas)))].join(' or ')
}

function singleTypeWords(schema: JsonSchema, schemas: Schemas): string {
  const resolved = resolve(schema, schemas)
  if (Array.isArray(resolved['enum'])) return resolved['enum'].map(String).join(' | ')
  if (resolved['const'] !== undefined) return JSON.stringify(resolved['const'])
  switch (resolved['type']) {
    case 'string':
      return stringWords(resolved)
    case 'integer':
    case 'number':
      return `number${rangeWords(resolved['minimum'], resolved['maximum'])}`
    case 'array':
      return `list of ${typeWords(itemsOf(resolved), schemas)}`
    default:
      return typeof resolved['type'] === 'string' ? resolved['type'] : 'any'
  }
}

function stringWords({ format, minLength, maxLength }: JsonSchema): string {
  if (typeof format === 'string') return format
  return maxLength === undefined ? 'text' : `text${rangeWords(minLength, maxLength)} characters`
}

function rangeWords(least: unknown, most: unknown): string {
  const [from, to] = [least, most].map((bound) => (typeof bound === 'number' ? String(bound) : undefined))
  if (from !== undefined && to !== undefined) return `, ${from} to ${to}`
  if (from !== undefined) return `, from ${from}`
  return to === undefined ? '' : `, up to ${to}`
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  if (Array.isArray(schema['anyOf'])) return schema['anyOf'] as JsonSchema[]
  if (Array.isArray(schema['type'])) return schema['type'].map((type: unknown) => ({ ...schema, type }))
  return [schema]
}

function membersOf(
  schema: JsonSchema,
  schemas: Schemas,
): { properties: Readonly<Record<string, JsonSchema>>; required: readonly string[] } {
  const object = alternatives(schema).map((one) => resolve(one, schemas))
  const found = object.find((one) => one['type'] === 'object' || one['type'] === 'array') ?? {}
  if (found['type'] === 'array') return membersOf(itemsOf(found), schemas)
  return {
    properties: (found['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>,
    required: (found['required'] ?? []) as readonly string[],
  }
}

function itemsOf(schema: JsonSchema): JsonSchema {
  return (schema['items'] ?? {}) as JsonSchema
}

function resolve(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const name = typeof schema['$ref'] === 'string' ? schema['$ref'].split('/').at(-1) : undefined
  return name === undefined ? schema : (schemas[name] ?? {})
}
