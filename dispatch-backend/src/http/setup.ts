import type { Setup } from 'dispatch-contract'
import type { FastifyInstance } from 'fastify'
import { isLocalCaller } from './client-address.js'
import { success } from './envelope.js'
import type { Services } from './services.js'

/** What the dashboard has to know before anybody has signed in. */
export function setupRoute(app: FastifyInstance, { gate, store, registrations }: Services): void {
  app.get('/setup', { onRequest: gate.anyone }, async (request) => {
    const needsOwner = !(await store.hasInstanceOwner())
    const setup: Setup = {
      needsOwner,
      needsSetupToken: needsOwner && !isLocalCaller(request),
      mail: registrations !== null,
    }
    return success('Set-up fetched successfully', setup)
  })
}
