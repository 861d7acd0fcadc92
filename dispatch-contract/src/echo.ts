/**
 * A project's echo: an address of this server that takes any request, keeps the last 50, and answers as it was told, so that
 * a first webhook needs no other server. `/api/v1/echo/:token` itself answers outside of the envelope.
 */
import * as z from 'zod'
import { isoInstant, wholeNumber } from './text.js'

/** Requests kept for each project. */
export const ECHO_REQUESTS_KEPT = 50
/** Of a request's body as it is kept, and of the body that is answered. */
export const ECHO_BODY_BYTES = 65_536
export const ECHO_MAX_DELAY_MS = 30_000
/** Nothing that a browser would render or run. */
export const ECHO_CONTENT_TYPES = ['text/plain', 'application/json'] as const

const status = wholeNumber(200, 599)
const delayMs = wholeNumber(0, ECHO_MAX_DELAY_MS)
const BODY = `a text of at most ${ECHO_BODY_BYTES} bytes in UTF-8, without NUL`
const body = z
  .string({ error: BODY })
  .refine((text) => !/[\0\p{Cs}]/u.test(text) && utf8Bytes(text) <= ECHO_BODY_BYTES, {
    error: BODY,
  })
const contentType = z.enum(ECHO_CONTENT_TYPES, { error: ECHO_CONTENT_TYPES.join(' or ') })

/** For every code point one byte, and one more for each limit that it passes. */
function utf8Bytes(text: string): number {
  let bytes = 0
  for (const character of text) {
    const point = character.codePointAt(0)!
    bytes += 1 + Number(point > 0x7f) + Number(point > 0x7ff) + Number(point > 0xffff)
  }
  return bytes
}

export const echoAnswer = z.object({
  status: z.int(),
  delayMs: z.int().describe('How long it waits before it answers.'),
  body: z.string(),
  contentType,
})
export type EchoAnswer = z.infer<typeof echoAnswer>

export const updateEchoBody = z.object({
  enabled: z.boolean({ error: 'true or false' }).optional().describe('`false`: its address answers 404.'),
  status: status.optional().describe('What it answers; 204, 205 and 304 go without a body.'),
  delayMs: delayMs.optional().describe('How long it waits before it answers, in milliseconds.'),
  body: body.optional().describe('The body of the answer.'),
  contentType: contentType
    .optional()
    .describe('Of the answer; other types are not to be had: no browser shall render it.'),
})
export type UpdateEchoBody = z.infer<typeof updateEchoBody>

export const echo = z.object({
  enabled: z.boolean(),
  url: z
    .string()
    .nullable()
    .describe('Aim webhooks here: its token is the only credential. Null until it was enabled for the first time.'),
  answer: echoAnswer,
})
export type Echo = z.infer<typeof echo>

const inQuery = (expected: string, pattern: RegExp, number: z.ZodType<number, number>) =>
  z.string({ error: expected }).regex(pattern, { error: expected }).transform(Number).pipe(number).optional()

/** Of the echo's own address: for this one request. */
export const echoQuery = z.object({
  status: inQuery('a whole number from 200 to 599', /^\d{3}$/, status)
    .describe('Answers this status instead.')
    .meta({ type: 'integer', minimum: 200, maximum: 599 }),
  delayMs: inQuery(`a whole number from 0 to ${ECHO_MAX_DELAY_MS}`, /^\d{1,5}$/, delayMs)
    .describe('Waits so long instead.')
    .meta({ type: 'integer', minimum: 0, maximum: ECHO_MAX_DELAY_MS }),
})
export type EchoQuery = z.infer<typeof echoQuery>

/** What a request's signatures, in both forms, come to. */
export const echoVerdict = z.enum(['valid', 'unsigned', 'stale', 'invalid'])
export type EchoVerdict = z.infer<typeof echoVerdict>

export const echoSignature = z.object({
  header: z.enum(['webhook-signature', 'x-dispatch-signature']),
  verdict: echoVerdict,
  words: z.string().describe('Why, and what to do.'),
})
export type EchoSignature = z.infer<typeof echoSignature>

export const echoRequestItem = z.object({
  id: z.uuid(),
  at: isoInstant.describe('When its head had arrived.'),
  method: z.string(),
  query: z.string().describe('What stood after the path, from the question mark on; empty = nothing.'),
  ipAddress: z.string().nullable().describe('Of the caller; null when a proxy passed on something that is none.'),
  jobId: z.uuid().nullable().describe('The job that it says it belongs to (`webhook-id`).'),
  attempt: z.int().nullable().describe('The attempt that it says it is (`x-dispatch-attempt`).'),
  bodyBytes: z.int().describe('Of the whole body.'),
  answeredStatus: z.int(),
  answeredAfterMs: z.int().describe('How long it was told to wait.'),
  verdict: echoVerdict.describe('`valid`: every signature that is there is right, and there is at least one.'),
})
export type EchoRequestItem = z.infer<typeof echoRequestItem>

export const echoRequest = echoRequestItem.extend({
  headers: z
    .array(z.object({ name: z.string(), value: z.string() }))
    .describe('As they came; the values of those that carry credentials are not kept.'),
  body: z.string().describe('Its first 64 KiB, as text, or in base64 when it is none.'),
  bodyEncoding: z.enum(['utf-8', 'base64']),
  bodyTruncated: z.boolean().describe('There was more than is kept.'),
  signatures: z.array(echoSignature),
})
export type EchoRequest = z.infer<typeof echoRequest>
