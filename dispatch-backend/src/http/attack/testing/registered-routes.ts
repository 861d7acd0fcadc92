/** Every route that an application registers while `build` runs, as Fastify announces them: none can be forgotten. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance } from 'fastify'

const CHANNEL = 'fastify.initialization'

export interface RegisteredRoute {
  readonly method: string
  /** The pattern: `/api/v1/jobs/:id`. */
  readonly url: string
}

export async function collectRoutes<Built>(
  build: () => Promise<Built>,
): Promise<{ built: Built; routes: readonly RegisteredRoute[] }> {
  const routes: RegisteredRoute[] = []
  const listen = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance }
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) routes.push({ method: one, url })
    })
  }
  subscribe(CHANNEL, listen)
  try {
    return { built: await build(), routes }
  } finally {
    unsubscribe(CHANNEL, listen)
  }
}
