import type { FastifyCorsOptions } from '@fastify/cors'

const LOCALHOST = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/
/** How long a browser may remember a preflight's answer: two hours, the most that Chromium takes. */
const PREFLIGHT_SECONDS = 7200

/** Browser origins that may call: those listed, and in development the machine's own. Others get no CORS headers. */
export function corsOptions(origins: readonly string[], development: boolean): FastifyCorsOptions {
  return {
    origin: (origin, answer) => {
      answer(null, origin !== undefined && (origins.includes(origin) || (development && LOCALHOST.test(origin))))
    },
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: [
      'authorization',
      'content-type',
      'idempotency-key',
      'last-event-id',
      'x-api-key',
      'x-request-id',
      'x-setup-token',
    ],
    // `date`: the dashboard shows times by the server's clock, also from another origin.
    exposedHeaders: [
      'date',
      ...['idempotent-replayed', 'retry-after', 'x-error-code', 'x-request-id'],
      ...['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'],
    ],
    maxAge: PREFLIGHT_SECONDS,
    strictPreflight: false,
  }
}
