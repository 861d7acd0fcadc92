import type { Envelope } from 'dispatch-contract'
import type { FastifyReply } from 'fastify'
import type { DispatchError, ErrorCode } from '../errors.js'

export const JSON_TYPE = 'application/json; charset=utf-8'

export function success<Data>(message: string, data: Data): Envelope<Data> {
  return { status: true, message, data }
}

/** The one place where an error becomes an answer. */
export function sendError(reply: FastifyReply, error: DispatchError): FastifyReply {
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds)
  return reply
    .code(error.status)
    .type(JSON_TYPE)
    .header('x-error-code', error.code)
    .send(JSON.stringify({ status: false, message: error.message, data: error.data }))
}

/** A whole HTTP/1.1 answer, for a client whose request could not even be parsed. `message` is plain ASCII. */
export function rawErrorAnswer(status: number, reason: string, message: string): string {
  const code: ErrorCode = 'VALIDATION'
  const body = JSON.stringify({ status: false, message, data: null })
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${body.length}`,
    `X-Error-Code: ${code}`,
    'Connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
