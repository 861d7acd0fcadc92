import type { FastifyInstance } from 'fastify'
import type { Readiness } from './app-deps.js'

/** For supervisors and load balancers: without envelope, credentials and limits. */
export function healthRoutes(app: FastifyInstance, prefix: string, isReady: () => Readiness): void {
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get(`${prefix}/healthcheck`, () => ({ status: 'ok' }))
  app.get('/readyz', (_request, reply) => {
    const { ready, reason } = isReady()
    return reply
      .code(ready ? 200 : 503)
      .send(ready ? { status: 'ok' } : { status: 'not ready', reason: reason ?? null })
  })
}
