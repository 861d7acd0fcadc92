/**
 * The OpenAPI 3.1 document, made from the descriptions of the routes (`operation.ts` and the files beside it), the
 * contract's schemas and the table of errors. A test fails for a route that is not described and for one that is not there.
 */
import * as contract from 'dispatch-contract'
import type * as z from 'zod'
import { ERRORS, type ErrorCode } from '../../errors.js'
import { ACCOUNT_OPERATIONS } from './accounts.js'
import { ECHO_OPERATIONS } from './echoes.js'
import { inputSchema, outputSchema, type JsonSchema } from './json-schema.js'
import { JOB_OPERATIONS } from './jobs.js'
import { errorsOf, isBare, partsOf, TAGS, type Answer, type Operation, type Operations } from './operation.js'
import { PROJECT_OPERATIONS } from './projects.js'
import { SERVER_OPERATIONS } from './server.js'
import { STATS_OPERATIONS } from './stats.js'
import type { MediaTypeObject, OpenApiDocument, OperationObject, ParameterObject, ResponseObject } from './types.js'

export const OPERATIONS = {
  ...JOB_OPERATIONS,
  ...PROJECT_OPERATIONS,
  ...ECHO_OPERATIONS,
  ...STATS_OPERATIONS,
  ...ACCOUNT_OPERATIONS,
  ...SERVER_OPERATIONS,
} as const satisfies Operations

/** `GET /api/v1/jobs/:id`. */
export type RouteName = keyof typeof OPERATIONS

const DESCRIPTION = `Dispatch POSTs a JSON payload to a URL at an exact moment, retries what fails, and keeps the record of every attempt.

Every answer has the same envelope, \`{status, message, data}\`; on an error \`status\` is false, \`message\` says why, and the header \`x-error-code\` has a code that never changes. Every answer names its request in \`x-request-id\`; send one of your own (64 letters, digits and \`._:-\`) and it is kept. Times are UTC, with milliseconds and \`Z\`.

Requests are limited for each key, account and address: \`ratelimit-limit\`, \`ratelimit-remaining\` and \`ratelimit-reset\` (seconds) say how far; a 429 has \`retry-after\`.`

/** Schemas that are named in the document. */
const NAMED = new Map<z.ZodType, string>([
  [contract.job, 'Job'],
  [contract.jobDetails, 'JobDetails'],
  [contract.jobPage, 'JobPage'],
  [contract.project, 'Project'],
  [contract.apiKey, 'ApiKey'],
  [contract.newApiKey, 'NewApiKey'],
  [contract.signingSecret, 'SigningSecret'],
  [contract.echo, 'Echo'],
  [contract.echoRequestItem, 'EchoRequestItem'],
  [contract.echoRequest, 'EchoRequest'],
  [contract.stats, 'Stats'],
  [contract.forecast, 'Forecast'],
  [contract.user, 'User'],
  [contract.signedIn, 'SignedIn'],
  [contract.session, 'Session'],
  [contract.me, 'Me'],
])

export function renderDocument(): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {}
  for (const [route, operation] of Object.entries<Operation>(OPERATIONS)) {
    const { method, path } = partsOf(route)
    const key = path.replace(/:(\w+)/g, '{$1}')
    paths[key] = { ...paths[key], [method.toLowerCase()]: renderOperation(route, operation) }
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: { title: 'Dispatch', version: 'v1', description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'A key of a project.' },
        session: { type: 'http', scheme: 'bearer', description: 'The token that signing in answers.' },
      },
      headers: {
        RequestId: { description: 'Names the request, here and in the log.', schema: { type: 'string' } },
        ErrorCode: { description: 'Which error it is.', schema: { type: 'string', enum: Object.keys(ERRORS) } },
        RateLimit: { description: 'Requests allowed in the current window.', schema: { type: 'integer' } },
        RateLimitRemaining: { description: 'Of those still free.', schema: { type: 'integer' } },
        RateLimitReset: { description: 'Seconds until they are all free again.', schema: { type: 'integer' } },
        RetryAfter: { description: 'Seconds to wait before trying again.', schema: { type: 'integer', minimum: 0 } },
      },
      schemas: {
        Error: outputSchema(contract.errorEnvelope),
        ...Object.fromEntries([...NAMED].map(([schema, name]) => [name, outputSchema(schema)])),
      },
    },
  }
}

function renderOperation(route: string, operation: Operation): OperationObject {
  const { tag, summary, description, access, body } = operation
  return {
    operationId: operationId(route),
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: SECURITY[access],
    ...withParameters(parametersOf(route, operation)),
    ...(body && {
      requestBody: {
        required: body.optional !== true,
        content: { 'application/json': { schema: inputSchema(body.schema), example: body.example } },
      },
    }),
    responses: { ...successesOf(operation), ...failuresOf(route, operation) },
  }
}

const SECURITY: Readonly<Record<Operation['access'], OperationObject['security']>> = {
  anyone: [],
  apiKey: [{ apiKey: [] }],
  session: [{ session: [] }],
  either: [{ apiKey: [] }, { session: [] }],
}

/** `POST /api/v1/jobs/:id/cancel` is `postJobsIdCancel`: what code generators name their functions by. */
function operationId(route: string): string {
  const { method, path } = partsOf(route)
  const words = path.replace('/api/v1', '').split(/\W+/).filter(Boolean)
  return [method.toLowerCase(), ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('')
}

function withParameters(parameters: readonly ParameterObject[]): Pick<OperationObject, 'parameters'> {
  return parameters.length === 0 ? {} : { parameters }
}

function parametersOf(route: string, { query, headers = [] }: Operation): ParameterObject[] {
  const inPath = partsOf(route).pathParameters.map((name): ParameterObject => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'token' ? { type: 'string' } : { type: 'string', format: 'uuid' },
  }))
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]): ParameterObject => {
    const { description, ...rest } = inputSchema(schema as z.ZodType)
    return { name, in: 'query', ...(typeof description === 'string' && { description }), schema: rest }
  })
  const inHeader = headers.map(({ name, description, schema }): ParameterObject => ({
    name,
    in: 'header',
    description,
    schema: inputSchema(schema),
  }))
  return [...inPath, ...inQuery, ...inHeader]
}

/** Absent where no limit applies. */
const RATE_LIMIT = {
  'ratelimit-limit': { $ref: '#/components/headers/RateLimit' },
  'ratelimit-remaining': { $ref: '#/components/headers/RateLimitRemaining' },
  'ratelimit-reset': { $ref: '#/components/headers/RateLimitReset' },
}

const REQUEST_ID = { 'x-request-id': { $ref: '#/components/headers/RequestId' } }

function successesOf({ answers }: Operation): Record<string, ResponseObject> {
  return Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, renderSuccess(answer)]))
}

function renderSuccess(answer: Answer): ResponseObject {
  if (isBare(answer)) {
    const { description, contentType, schema, example, orElse = {} } = answer
    const media = {
      schema: schema ? outputSchema(schema) : { type: 'string' },
      ...(example !== undefined && { example }),
    }
    const content: Record<string, MediaTypeObject> = { [contentType]: media }
    for (const [type, text] of Object.entries(orElse)) content[type] = { schema: { type: 'string' }, example: text }
    return { description, headers: REQUEST_ID, content }
  }
  const { message, when, data, example = null, headers = {} } = answer
  const own = Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }])
  return {
    description: when ?? message,
    headers: { ...REQUEST_ID, ...RATE_LIMIT, ...(Object.fromEntries(own) as ResponseObject['headers']) },
    content: { 'application/json': envelopeOf(data, { status: true, message, data: example }) },
  }
}

function envelopeOf(data: z.ZodType | null, example: object): MediaTypeObject {
  const properties = {
    status: { const: true },
    message: { type: 'string' },
    data: data ? schemaOf(data) : { type: 'null' },
  }
  return { schema: { type: 'object', required: Object.keys(properties), properties }, example }
}

function schemaOf(schema: z.ZodType): JsonSchema {
  const name = NAMED.get(schema)
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` }
  if (schema.def.type === 'union') {
    return { anyOf: (schema as z.ZodUnion<z.ZodType[]>).options.map(schemaOf) }
  }
  if (schema.def.type === 'array') {
    return { type: 'array', items: schemaOf((schema as z.ZodArray<z.ZodType>).element) }
  }
  return outputSchema(schema)
}

/** One response for each status, with all codes that it may stand for. */
function failuresOf(route: string, operation: Operation): Record<string, ResponseObject> {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of errorsOf(route, operation)) {
    const { status } = ERRORS[code]
    if (!(status in operation.answers)) byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries([...byStatus].map(([status, codes]) => [String(status), renderFailure(status, codes)]))
}

function renderFailure(status: number, codes: readonly ErrorCode[]): ResponseObject {
  const examples = codes.map((code) => [code, { value: { status: false, message: ERRORS[code].message, data: null } }])
  const waits = status === 429 || status === 503
  return {
    description: codes.map((code) => `${code}: ${ERRORS[code].message}.`).join(' '),
    headers: {
      ...REQUEST_ID,
      'x-error-code': {
        description: 'Which error it is.',
        required: true,
        schema: { type: 'string', enum: codes },
      },
      ...(status === 429 && RATE_LIMIT),
      ...(waits && { 'retry-after': { $ref: '#/components/headers/RetryAfter' } }),
    },
    content: {
      'application/json': {
        schema: { $ref: '#/components/schemas/Error' },
        examples: Object.fromEntries(examples) as NonNullable<MediaTypeObject['examples']>,
      },
    },
  }
}
