/** Holds real answers against the document. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { Answer } from '../../testing/test-api.js'
import type { JsonSchema } from '../json-schema.js'
import { partsOf } from '../operation.js'
import type { OpenApiDocument, ResponseObject } from '../types.js'

export interface Validator {
  (value: unknown): boolean
  readonly errors?: readonly object[] | null
}
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false })
// A CommonJS module whose types speak of the function as its default.
formats.default(ajv)

/** Throws when the schema is none. */
export function compile(schema: JsonSchema): Validator {
  return ajv.compile(schema)
}

/** What is wrong with the answer, in words; empty when the document has it so. */
export function problemsOf(document: OpenApiDocument, route: string, answer: Answer): string[] {
  const { method, path } = partsOf(route)
  const operation = document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
  const response = operation?.responses[String(answer.status)]
  if (!response) return [`${route} answered ${answer.status}, which is not described: ${answer.text}`]
  return [...contentProblems(document, response, answer), ...headerProblems(document, response, answer)].map(
    (problem) => `${route} ${answer.status}: ${problem}`,
  )
}

function contentProblems({ components }: OpenApiDocument, { content }: ResponseObject, answer: Answer): string[] {
  const type = String(answer.headers['content-type']).split(';')[0] ?? ''
  const media = content[type]
  if (!media) return [`content type ${type} is not described`]
  const value: unknown = type === 'application/json' ? answer.json : answer.text
  return valueProblems({ ...media.schema, components: { schemas: components.schemas } }, value)
}

/** Members that no schema names are a problem here, though clients have to put up with them. */
export function valueProblems({ components = {}, ...schema }: JsonSchema, value: unknown): string[] {
  const text = JSON.stringify({ ...schema, $defs: components })
  const validate = validators.get(text) ?? compile(closed(text))
  validators.set(text, validate)
  return validate(value) ? [] : (validate.errors ?? []).map((error) => JSON.stringify(error))
}

const validators = new Map<string, Validator>()

function closed(schema: string): JsonSchema {
  return JSON.parse(schema, (key, value: unknown) => {
    if (key === '$ref') return String(value).replace('#/components/', '#/$defs/')
    return isObjectSchema(value) ? { ...value, additionalProperties: false } : value
  }) as JsonSchema
}

/** One that names its members. */
function isObjectSchema(value: unknown): value is { readonly properties: object } {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('properties' in value)) return false
  return typeof value.properties === 'object' && Object.keys(value.properties ?? {}).length > 0
}

function headerProblems({ components }: OpenApiDocument, { headers }: ResponseObject, answer: Answer): string[] {
  const problems = Object.entries(headers).flatMap(([name, given]) => {
    const header = '$ref' in given ? components.headers[given.$ref.split('/').at(-1) ?? ''] : given
    const value = answer.headers[name]
    if (value === undefined) return header?.required === true ? [`header ${name} is missing`] : []
    const isNumber = header?.schema['type'] === 'integer'
    return valueProblems(header?.schema ?? {}, isNumber ? Number(value) : value).map((one) => `header ${name}: ${one}`)
  })
  const undescribed = OWN_HEADERS.filter((name) => answer.headers[name] !== undefined && headers[name] === undefined)
  return [...problems, ...undescribed.map((name) => `header ${name} is not described`)]
}

/** Headers that mean something to clients: each answer that carries one has to say so. */
const OWN_HEADERS = ['x-request-id', 'x-error-code', 'retry-after', 'idempotent-replayed']
