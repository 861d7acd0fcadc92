/** How one route is described. `document.ts` makes the OpenAPI document of these, the contract and the table of errors. */
import type * as z from 'zod'
import type { ErrorCode } from '../../errors.js'

export const TAGS = {
  Jobs: 'Schedule webhooks, call them off, and see what became of them.',
  Projects: 'A project holds jobs, API keys and signing secrets.',
  'API keys': 'A key schedules and reads the jobs of its project, and nothing else.',
  'Signing secrets': 'Deliveries are signed, so that a receiver can tell who sent them.',
  Echo: 'An address of your own that keeps what comes and answers as it is told: for a first webhook, and for trying out.',
  Statistics: 'What became of deliveries, what is about to be due, and what changes right now.',
  Account: 'Signing up and in, and what belongs to you.',
  Server: 'For supervisors, load balancers and the curious. No credentials, no envelope.',
} as const

export interface Operation {
  readonly tag: keyof typeof TAGS
  /** A few words, without a full stop. */
  readonly summary: string
  /** Sentences. */
  readonly description?: string
  readonly access: Access
  /** A body of any type or none, which is not looked into. */
  readonly takesAnything?: boolean
  readonly query?: z.ZodObject
  readonly headers?: readonly HeaderParameter[]
  readonly body?: { readonly schema: z.ZodType; readonly example: object; readonly optional?: boolean }
  /** Successes, and answers outside of the envelope, by status. */
  readonly answers: Readonly<Record<number, Answer>>
  /** Beyond those that follow from access, path, query and body (`errorsOf`). */
  readonly errors?: readonly ErrorCode[]
}

/** `either`: an API key or a session. */
export type Access = 'anyone' | 'apiKey' | 'session' | 'either'

export interface HeaderParameter {
  readonly name: string
  readonly description: string
  readonly schema: z.ZodType
}

export type Answer = EnvelopeAnswer | BareAnswer

export interface EnvelopeAnswer {
  readonly message: string
  /** Words for when it is this answer, if there is another success. */
  readonly when?: string
  /** Null when `data` is. */
  readonly data: z.ZodType | null
  readonly example?: unknown
  /** Answer headers beyond the common ones, with what they mean. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Outside of the envelope. */
export interface BareAnswer {
  readonly description: string
  readonly contentType: string
  readonly schema?: z.ZodType
  readonly example?: unknown
  /** What it may be instead, by content type, with an example. */
  readonly orElse?: Readonly<Record<string, string>>
}

export type Operations = Readonly<Record<string, Operation>>

export function isBare(answer: Answer): answer is BareAnswer {
  return 'contentType' in answer
}

/** `GET /api/v1/jobs/:id` in its parts. */
export function partsOf(route: string): { method: string; path: string; pathParameters: readonly string[] } {
  const [method = '', path = ''] = route.split(' ')
  return { method, path, pathParameters: [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name) }
}

/** Every error that the operation can answer, in the order of the statuses. */
export function errorsOf(route: string, operation: Operation): readonly ErrorCode[] {
  const { method, pathParameters } = partsOf(route)
  const { access, query, headers, body, errors = [], tag } = operation
  if (tag === 'Server') return [...errors, 'INTERNAL']
  const codes: ErrorCode[] = []
  if (query ?? headers ?? body) codes.push('VALIDATION')
  if (body) codes.push('MALFORMED_JSON')
  if (access === 'apiKey' || access === 'either') codes.push('API_KEY_INVALID')
  if (access === 'session' || access === 'either') codes.push('SESSION_INVALID')
  if (pathParameters.length > 0) codes.push('NOT_FOUND')
  // Whatever comes with a body is held to the limit and the type, wanted or not.
  if (method !== 'GET' && operation.takesAnything !== true) codes.push('BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE')
  if (method === 'GET') codes.push('QUERY_TOO_SLOW')
  return [...new Set([...codes, ...errors, 'RATE_LIMITED', 'INTERNAL', 'DATABASE_AWAY'] as const)]
}
