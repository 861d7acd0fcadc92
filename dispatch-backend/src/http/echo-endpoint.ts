/**
 * `/echo/:token`: takes any request, keeps it, and answers as its project told it to. Its token is its only credential.
 *
 * What it is told to answer was written by one user and may be opened by another on the dashboard's origin. So a browser
 * must never take it for a page: its type is one of two, and the headers forbid guessing, running and framing.
 */
import { echoQuery } from 'dispatch-contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { EchoIntake } from '../domain/echo-intake.js'
import { notFound } from '../domain/id.js'
import { DispatchError } from '../errors.js'
import type { Echo } from '../store/echo-store.js'
import { clientAddress } from './client-address.js'
import { pathPart, readQuery } from './parse.js'
import { Places } from './places.js'
import type { Services } from './services.js'

/** OPTIONS is answered by CORS, as everywhere. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
/** Under way at a time, in this process: each holds a connection and up to 192 KiB. */
const UNDER_WAY = { ofOne: 64, ofAll: 256 }
const RETRY_SECONDS = 1
/** Statuses whose answers have no body. */
const BODILESS = new Set([204, 205, 304])
const PAGE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

/** `maxBodyBytes`: of a request, which is read to its end but kept in part. */
export function echoEndpoint(app: FastifyInstance, services: Services, maxBodyBytes: number): void {
  const places = new Places(UNDER_WAY)
  const closing = new AbortController()
  // A close would wait as long as they were told to wait.
  app.addHook('preClose', (done) => {
    closing.abort()
    done()
  })
  void app.register((echo, _options, done) => {
    // Bodies of any type, which the handler reads as they arrive.
    echo.removeAllContentTypeParsers()
    echo.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload))
    echo.route({
      method: METHODS,
      url: '/echo/:token',
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const found = await findEcho(request, reply, services)
        const leave = places.enter(found.projectId)
        if (!leave) throw busy()
        try {
          const { status, delayMs } = await take(found, request, reply, services, maxBodyBytes)
          await waitFor(reply, delayMs, services.clock, closing.signal)
          return await answer(reply, status, found.answer)
        } finally {
          leave()
        }
      },
    })
    done()
  })
}

async function findEcho(request: FastifyRequest, reply: FastifyReply, { echoes, gate }: Services): Promise<Echo> {
  const token = pathPart(request, 'token')
  const echo = await gate.unlessTired(request, reply, () => echoes.find(token))
  if (!echo) throw unread(reply, notFound('Echo'))
  await gate.limitEcho(reply, echo.projectId)
  return echo
}

/** Reads and keeps the request; answers how it is to be answered. */
async function take(
  echo: Echo,
  request: FastifyRequest,
  reply: FastifyReply,
  { echoes, clock }: Services,
  maxBodyBytes: number,
): Promise<Pick<Echo['answer'], 'status' | 'delayMs'>> {
  const { status = echo.answer.status, delayMs = echo.answer.delayMs } = readQuery(request, echoQuery)
  const { method = '', url = '', rawHeaders, headers } = request.raw
  if (Number(headers['content-length'] ?? 0) > maxBodyBytes) throw unread(reply, tooLarge(maxBodyBytes))
  const mark = url.indexOf('?')
  const query = mark < 0 ? '' : url.slice(mark)
  const arrived = { method, query, ipAddress: clientAddress(request), rawHeaders, atMs: clock.wallMs() }
  const intake = new EchoIntake(arrived, await echoes.secretsOf(echo))
  await readWhole(request, intake, maxBodyBytes)
  if (intake.bytes > maxBodyBytes) throw unread(reply, tooLarge(maxBodyBytes))
  if (!(await echoes.keep(echo, intake.finish({ status, delayMs })))) throw notFound('Echo')
  return { status, delayMs }
}

/** Stops at the first piece beyond the limit, and leaves the connection open for the answer that says so. */
async function readWhole({ raw }: FastifyRequest, intake: EchoIntake, maxBodyBytes: number): Promise<void> {
  try {
    for await (const chunk of raw.iterator({ destroyOnReturn: false })) {
      intake.update(chunk as Buffer)
      if (intake.bytes > maxBodyBytes) return
    }
  } catch (error) {
    // The caller went away in the middle: nobody reads this, and it is no failure of ours.
    throw new DispatchError('VALIDATION', { message: 'The request ended before its body did', cause: error })
  }
}

/** Ends early when the caller goes away, or the server stops. */
async function waitFor(
  { raw }: FastifyReply,
  delayMs: number,
  clock: Services['clock'],
  closing: AbortSignal,
): Promise<void> {
  // It may have gone while its request was stored.
  if (delayMs === 0 || raw.destroyed) return
  const gone = new AbortController()
  const leave = (): void => gone.abort()
  raw.once('close', leave)
  await clock.sleep(delayMs, AbortSignal.any([gone.signal, closing]))
  raw.off('close', leave)
}

function answer(reply: FastifyReply, status: number, { contentType, body }: Echo['answer']): FastifyReply {
  reply.code(status).header('content-security-policy', PAGE_POLICY)
  if (BODILESS.has(status)) return reply.send()
  return reply.type(`${contentType}; charset=utf-8`).send(Buffer.from(body))
}

/** The rest of the body is not read: the connection ends with the answer. */
function unread(reply: FastifyReply, error: DispatchError): DispatchError {
  reply.header('connection', 'close')
  return error
}

function tooLarge(maxBodyBytes: number): DispatchError {
  const message = `The request body is too large; at most ${maxBodyBytes} bytes are accepted`
  return new DispatchError('BODY_TOO_LARGE', { message })
}

function busy(): DispatchError {
  const message = 'Too many requests to echoes are under way; it takes more when some are answered'
  return new DispatchError('BUSY', { message, retryAfterSeconds: RETRY_SECONDS })
}
