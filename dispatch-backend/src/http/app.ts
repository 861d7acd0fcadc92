/**
 * The HTTP API as one Fastify instance. A request meets, in this order: headers that every answer carries, CORS, the
 * guard of its route (`gate.ts`), the body limit, its handler. Handlers parse, authorise, call the domain and answer;
 * everything thrown on the way becomes an envelope in `errors.ts`.
 */
import cors from '@fastify/cors'
import Fastify, { type FastifyHttpOptions, type FastifyInstance } from 'fastify'
import type { Server } from 'node:http'
import { Loop } from '../lifecycle.js'
import { accountRoutes, mailedRoutes } from './accounts.js'
import type { AppDeps, TrustProxy } from './app-deps.js'
import { answerCommonHeaders, requestId } from './common-headers.js'
import { closeInOrder, limitConnections } from './connections.js'
import { corsOptions } from './cors.js'
import { docsRoutes } from './docs.js'
import { echoEndpoint } from './echo-endpoint.js'
import { echoRoutes } from './echoes.js'
import { answerErrors, answerUnparsable } from './errors.js'
import { eventRoutes } from './events.js'
import { exportRoutes } from './exports.js'
import { healthRoutes } from './health.js'
import { jobRoutes } from './jobs.js'
import { meRoutes, sessionRoutes } from './me.js'
import { metricsRoute } from './metrics.js'
import { refuseOtherMethods } from './other-methods.js'
import { apiKeyRoutes, projectRoutes, signingSecretRoutes } from './projects.js'
import { SetupToken } from './setup-token.js'
import { statsRoutes } from './stats.js'
import { createServices, type Services } from './services.js'
import { setupRoute } from './setup.js'
import { staticRoutes } from './static.js'

export type { AppDeps } from './app-deps.js'

const PREFIX = '/api/v1'
/** A delivery may be this much longer than the request that made its job: the title in escapes, id and time. */
const DELIVERY_EXTRA_BYTES = 8_192
/** For a whole request to arrive. Node closes what is slower, so trickled headers and bodies hold no place. */
const REQUEST_TIMEOUT_MS = 30_000
const HEADERS_TIMEOUT_MS = 15_000
/** How often Node looks for those that are slower. */
const CHECK_EVERY_MS = 5_000
/** Longer than the idle time of common proxies (60 s): they, not we, end idle connections, so none dies under a request. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000
/** A connection on which nothing moves either way. */
const CONNECTION_TIMEOUT_MS = 70_000
const KEY_USE_EVERY_MS = 60_000
/**
 * Of every request but a new job: many of them come from strangers, and parsing a megabyte of brackets holds up the event
 * loop, and with it the webhooks, for some 100 ms.
 */
const SMALL_BODY_BYTES = 16_384

/** Builds the API; the caller listens. `close()` resolves when what was accepted is answered and written. */
export async function createApp(deps: AppDeps): Promise<FastifyInstance> {
  const services = await createServices(deps)
  const app = Fastify(serverOptions(deps))
  app.decorateRequest('caller', null)
  readBodiesAsBytes(app)
  answerCommonHeaders(app)
  announceAnswers(app, deps)
  answerErrors(app, deps.events, services.gate)
  await app.register(cors, corsOptions(deps.corsOrigins, deps.development))
  healthRoutes(app, PREFIX, deps.isReady)
  if (deps.metrics) metricsRoute(app, deps.metrics, services.gate)
  if (deps.staticFolder !== undefined) await staticRoutes(app, deps.staticFolder)
  await app.register(
    (api, _options, done) => {
      api.addHook('onRoute', (route) => {
        route.bodyLimit ??= Math.min(SMALL_BODY_BYTES, deps.limits.maxBodyBytes)
      })
      refuseOtherMethods(api, services.gate)
      addRoutes(api, services, deps)
      done()
    },
    { prefix: PREFIX },
  )
  limitConnections(app.server, deps.maxConnections, trustsProxy(deps))
  closeInOrder(app, deps.clock)
  runUntilClosed(app, services, deps)
  return app
}

function serverOptions({ limits, trustProxy, events }: AppDeps): FastifyHttpOptions<Server> {
  return {
    bodyLimit: limits.maxBodyBytes,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: CHECK_EVERY_MS },
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    // What comes on connections that were accepted is answered (`connections.ts`).
    return503OnClosing: false,
    genReqId: requestId,
    trustProxy: trustedProxies(trustProxy),
    ...answerUnparsable(events),
  }
}

/** `true` means one hop: Fastify's own `true` would believe whatever address a client writes. */
function trustedProxies(setting: TrustProxy): false | string[] | ((address: string, hop: number) => boolean) {
  if (typeof setting === 'object') return [...setting]
  const hops = Number(setting)
  return hops === 0 ? false : (_address, hop) => hop < hops
}

function trustsProxy({ trustProxy }: AppDeps): boolean {
  return trustProxy !== false && trustProxy !== 0
}

function addRoutes(api: FastifyInstance, services: Services, { setupToken, events, limits }: AppDeps): void {
  setupRoute(api, services)
  const token = new SetupToken(setupToken, events)
  accountRoutes(api, services, token)
  mailedRoutes(api, services, token)
  meRoutes(api, services, token)
  sessionRoutes(api, services)
  projectRoutes(api, services)
  apiKeyRoutes(api, services)
  signingSecretRoutes(api, services)
  echoRoutes(api, services)
  echoEndpoint(api, services, limits.maxBodyBytes + DELIVERY_EXTRA_BYTES)
  jobRoutes(api, services, limits.maxBodyBytes)
  exportRoutes(api, services, events)
  statsRoutes(api, services)
  eventRoutes(api, services)
  docsRoutes(api, services.gate)
}

/** Handlers parse themselves: a job's payload must stay the bytes that were sent. */
function readBodiesAsBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}

function announceAnswers(app: FastifyInstance, { events }: AppDeps): void {
  app.addHook('onResponse', (request, reply, done) => {
    // The pattern of the route, not the URL: ids and query strings are nobody's business.
    const route = request.routeOptions.url ?? 'unknown'
    const durationMs = Math.round(reply.elapsedTime * 10) / 10
    events.emit('answered', {
      requestId: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      durationMs,
    })
    done()
  })
}

/** What runs beside the requests, from the first to the last of them. */
function runUntilClosed(app: FastifyInstance, { jobs, keyRing, streams }: Services, { clock, events }: AppDeps): void {
  const keyUses = new Loop({
    clock,
    everyMs: KEY_USE_EVERY_MS,
    run: () => keyRing.flushUses(),
    onError: (error) => events.emit('unexpected', { where: 'noting when API keys were used', error }),
  })
  app.addHook('onReady', async () => {
    await keyUses.start()
    await streams.start()
  })
  // A stream never ends by itself: a close would wait for it.
  app.addHook('preClose', () => streams.stop())
  app.addHook('onClose', async () => {
    await keyUses.stop()
    await jobs.drain()
    await keyRing.flushUses().catch((error: unknown) => {
      events.emit('unexpected', { where: 'noting when API keys were used', error })
    })
  })
}
