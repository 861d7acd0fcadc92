/** Everything that is thrown, by us or by Fastify, becomes an envelope here. */
import type { Socket } from 'node:net'
import { errorCodes, type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { DispatchError, type ErrorCode } from '../errors.js'
import type { Events } from '../events.js'
import { DatabaseAwayError, QueryTooSlowError } from '../store/store.js'
import { COMMON_HEADERS } from './common-headers.js'
import { rawErrorAnswer, sendError } from './envelope.js'
import type { Gate } from './gate.js'

/** A database that is away is usually back within seconds. */
const DATABASE_RETRY_SECONDS = 2
/** Whoever asks the same again keeps the database as busy again. */
const SLOW_RETRY_SECONDS = 30

const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
}

export function answerErrors(app: FastifyInstance, events: Events, gate: Gate): void {
  app.setNotFoundHandler({ preHandler: gate.anyone }, (request, reply) =>
    sendError(
      reply,
      new DispatchError('NOT_FOUND', { message: `There is no ${request.method} route at this address` }),
    ),
  )
  app.setErrorHandler((error: unknown, request, reply) => {
    const answer = toDispatchError(error, { method: request.method, bodyLimit: request.routeOptions.bodyLimit })
    if (answer.code !== 'INTERNAL') return sendError(reply, answer)
    const where = `${request.method} ${request.routeOptions.url ?? 'unknown'}`
    events.emit('unexpected', { where, error, requestId: request.id })
    return sendError(reply, namingRequest(answer, request.id))
  })
}

/** What a caller can quote, and an operator find in the log. */
function namingRequest(error: DispatchError, requestId: string): DispatchError {
  const message = `${error.message}; the server's log has the details under request id ${requestId}`
  return new DispatchError(error.code, { message, cause: error.cause })
}

/** What callers are told about an error; everything unknown is `INTERNAL` and tells nothing. */
export function toDispatchError(
  error: unknown,
  { method, bodyLimit }: { method?: string | undefined; bodyLimit?: number | undefined } = {},
): DispatchError {
  if (error instanceof DispatchError) return error
  // Who changes something asked for no list; what was slow then is a look at a key, which soon is as fast as ever.
  if (error instanceof QueryTooSlowError && method === 'GET') return tooSlow(error)
  if (error instanceof DatabaseAwayError) {
    return new DispatchError('DATABASE_AWAY', { retryAfterSeconds: DATABASE_RETRY_SECONDS, cause: error })
  }
  if (!(error instanceof Error) || !('statusCode' in error)) return new DispatchError('INTERNAL', { cause: error })
  const code = FASTIFY_CODES['code' in error ? String(error.code) : '']
  if (code === 'BODY_TOO_LARGE' && bodyLimit !== undefined) {
    return new DispatchError(code, {
      message: `The request body is too large; at most ${bodyLimit} bytes are accepted`,
    })
  }
  if (code) return new DispatchError(code)
  const isCallersFault = Number(error.statusCode) >= 400 && Number(error.statusCode) < 500
  return isCallersFault
    ? new DispatchError('VALIDATION', { message: error.message })
    : new DispatchError('INTERNAL', { cause: error })
}

function tooSlow(error: QueryTooSlowError): DispatchError {
  const message =
    `The database had no answer after ${error.seconds} s, so this was ended. Ask for less: a shorter time ` +
    '(`from`, `to`), one project, or an earlier page'
  return new DispatchError('QUERY_TOO_SLOW', { message, retryAfterSeconds: SLOW_RETRY_SECONDS, cause: error })
}

/** For requests that never reach a route: a URL or a head that cannot be parsed. No hook runs for them. */
export function answerUnparsable(events: Events): Pick<FastifyServerOptions, 'frameworkErrors' | 'clientErrorHandler'> {
  return {
    frameworkErrors: (error, request, reply) => {
      const isTooLong = error instanceof errorCodes.FST_ERR_MAX_PARAM_LENGTH
      const answer = isTooLong
        ? new DispatchError('NOT_FOUND')
        : new DispatchError('VALIDATION', { message: 'The URL of the request is not valid' })
      const { id: requestId, method } = request
      void sendError(reply.headers(COMMON_HEADERS).header('x-request-id', requestId), answer)
      events.emit('answered', { requestId, method, route: 'unknown', status: answer.status, durationMs: 0 })
    },
    clientErrorHandler: (error, socket) => answerBrokenRequest(error.code, socket),
  }
}

function answerBrokenRequest(code: string, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  socket.end(brokenRequestAnswer(code), () => socket.destroy())
}

function brokenRequestAnswer(code: string): string {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return rawErrorAnswer(408, 'Request Timeout', 'The request took too long to arrive')
    case 'HPE_HEADER_OVERFLOW':
      return rawErrorAnswer(431, 'Request Header Fields Too Large', 'The request headers are too large')
    default:
      return rawErrorAnswer(400, 'Bad Request', 'The request is not valid HTTP')
  }
}
