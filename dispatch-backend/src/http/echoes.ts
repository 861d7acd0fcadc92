/** A project's echo, for those who own it; the echo itself is `echo-endpoint.ts`. */
import { updateEchoBody } from 'dispatch-contract'
import type { FastifyInstance } from 'fastify'
import { success } from './envelope.js'
import { userOf } from './gate.js'
import { pathPart, readBody } from './parse.js'
import { renderEcho, renderEchoItem, renderEchoRequest } from './render-echo.js'
import type { Services } from './services.js'

/** The body of its answer may have 64 KiB, of which JSON may make six times as much. */
const UPDATE_BYTES = 400_000

export function echoRoutes(app: FastifyInstance, { projects, echoes, gate, publicUrl }: Services): void {
  const options = { onRequest: gate.user }

  app.get('/projects/:id/echo', options, async (request) => {
    const { id } = await projects.visible(userOf(request).user.id, pathPart(request, 'id'))
    return success('Echo fetched successfully', renderEcho(await echoes.show(id), publicUrl()))
  })

  app.put('/projects/:id/echo', { ...options, bodyLimit: UPDATE_BYTES }, async (request) => {
    const told = readBody(request, updateEchoBody)
    const { id } = await projects.managed(userOf(request).user.id, pathPart(request, 'id'))
    return success('Echo updated successfully', renderEcho(await echoes.update(id, told), publicUrl()))
  })

  app.post('/projects/:id/echo/rotate', options, async (request) => {
    const { id } = await projects.managed(userOf(request).user.id, pathPart(request, 'id'))
    return success('Echo rotated successfully', renderEcho(await echoes.rotate(id), publicUrl()))
  })

  app.get('/projects/:id/echo/requests', options, async (request) => {
    const { id } = await projects.visible(userOf(request).user.id, pathPart(request, 'id'))
    return success('Requests fetched successfully', (await echoes.requests(id)).map(renderEchoItem))
  })

  app.get('/projects/:id/echo/requests/:requestId', options, async (request) => {
    const project = await projects.visible(userOf(request).user.id, pathPart(request, 'id'))
    const found = await echoes.request(project, pathPart(request, 'requestId'))
    return success('Request fetched successfully', renderEchoRequest(found))
  })

  app.delete('/projects/:id/echo/requests', options, async (request) => {
    const { id } = await projects.managed(userOf(request).user.id, pathPart(request, 'id'))
    await echoes.clear(id)
    return success('Requests cleared successfully', null)
  })
}
