import type { FastifyInstance } from 'fastify'
import { DispatchError } from '../errors.js'
import { holdsToken } from '../metrics/endpoint.js'
import type { ScrapedMetrics } from './app-deps.js'
import type { Gate } from './gate.js'

/** `/metrics` on the API's own port. Guesses at the token count against the limit of strangers. */
export function metricsRoute(app: FastifyInstance, metrics: ScrapedMetrics, gate: Gate): void {
  app.get(
    '/metrics',
    {
      onRequest: async (request, reply) => {
        if (holdsToken(request.headers.authorization, metrics.token)) return
        await gate.anyone(request, reply)
        throw new DispatchError('METRICS_TOKEN_INVALID')
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.read()),
  )
}
