/** `GET /events`: live events as server-sent events, read with the credentials of every other route. */
import { eventsQuery } from 'dispatch-contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { notFound, requireId } from '../domain/id.js'
import type { Access } from '../live/event-stream.js'
import { scopeOf } from './gate.js'
import { readQuery } from './parse.js'
import type { Services } from './services.js'

/** Whose changes one stream may tell: they are compared with each change, and read again every ten seconds. */
const MAX_PROJECTS = 1_000

export function eventRoutes(app: FastifyInstance, { store, streams, gate }: Services): void {
  // No HEAD: it would open a stream.
  app.get('/events', { onRequest: gate.freshKeyOrUser, exposeHeadRoute: false }, async (request, reply) => {
    const { projectId } = readQuery(request, eventsQuery)
    const asked = projectId === undefined ? undefined : requireId(projectId, 'Project')
    const scope = scopeOf(request)
    const reach = async (): Promise<Access | null> => {
      const ids = await store.findReachableProjects({
        scope,
        ...(asked !== undefined && { projectId: asked }),
        limit: MAX_PROJECTS,
      })
      // A user without projects may wait for the first one; a key or a project that is gone does not come back.
      return ids.length === 0 && (asked !== undefined || scope.kind === 'apiKey') ? null : { projectIds: new Set(ids) }
    }
    const access = await reach()
    if (!access) throw notFound('Project')
    const body = streams.open({
      owner: scope.kind === 'apiKey' ? `key ${scope.apiKeyId}` : `user ${scope.userId}`,
      access,
      // Who has lost the credentials is asked for them again, and refused, when connecting anew.
      check: async () => ((await gate.isStillValid(request)) ? reach() : null),
      lastEventId: lastEventId(request),
    })
    return (
      reply
        .type('text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store, no-transform')
        .header('x-accel-buffering', 'no')
        // Nothing else comes on it: a stop need not wait for the next request.
        .header('connection', 'close')
        .send(body)
    )
  })
}

function lastEventId(request: FastifyRequest): string | undefined {
  const header = request.headers['last-event-id']
  return typeof header === 'string' && header !== '' ? header : undefined
}
