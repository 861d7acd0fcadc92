import { createApiKeyBody, createProjectBody, renameProjectBody, rotateSecretBody } from 'dispatch-contract'
import type { FastifyInstance } from 'fastify'
import { success } from './envelope.js'
import { userOf } from './gate.js'
import { pathPart, readBody } from './parse.js'
import { renderApiKey, renderCreatedApiKey, renderProject, renderSigningSecret } from './render.js'
import type { Services } from './services.js'

export function projectRoutes(app: FastifyInstance, { projects, gate }: Services): void {
  const options = { onRequest: gate.user }

  app.get('/projects', options, async (request) => {
    const found = await projects.list(userOf(request).user.id)
    return success('Projects fetched successfully', found.map(renderProject))
  })

  app.post('/projects', options, async (request, reply) => {
    const { name, organizationId } = readBody(request, createProjectBody)
    const project = await projects.create(userOf(request).user.id, name, organizationId)
    return reply.code(201).send(success('Project created successfully', renderProject(project)))
  })

  app.get('/projects/:id', options, async (request) => {
    const project = await projects.visible(userOf(request).user.id, pathPart(request, 'id'))
    return success('Project fetched successfully', renderProject(project))
  })

  app.put('/projects/:id', options, async (request) => {
    const { name } = readBody(request, renameProjectBody)
    const project = await projects.rename(userOf(request).user.id, pathPart(request, 'id'), name)
    return success('Project updated successfully', renderProject(project))
  })

  app.delete('/projects/:id', options, async (request) => {
    await projects.delete(userOf(request).user.id, pathPart(request, 'id'))
    return success('Project deleted successfully', null)
  })
}

export function apiKeyRoutes(app: FastifyInstance, { projects, apiKeys, keyRing, gate }: Services): void {
  const options = { onRequest: gate.user }

  app.get('/projects/:id/api-keys', options, async (request) => {
    const project = await projects.visible(userOf(request).user.id, pathPart(request, 'id'))
    const keys = await apiKeys.list(project.id)
    const shown = keys.map((key) => renderApiKey({ ...key, lastUsedAtMs: keyRing.lastUseMs(key) }))
    return success('API keys fetched successfully', shown)
  })

  app.post('/projects/:id/api-keys', options, async (request, reply) => {
    const { label } = readBody(request, createApiKeyBody)
    const project = await projects.managed(userOf(request).user.id, pathPart(request, 'id'))
    const key = await apiKeys.create(project.id, label)
    return reply.code(201).send(success('API key created successfully', renderCreatedApiKey(key)))
  })

  app.delete('/projects/:id/api-keys/:keyId', options, async (request) => {
    const project = await projects.managed(userOf(request).user.id, pathPart(request, 'id'))
    await apiKeys.revoke(project.id, pathPart(request, 'keyId'))
    return success('API key revoked successfully', null)
  })
}

/** Whoever reads the secret can sign in the project's name, so members may not. */
export function signingSecretRoutes(app: FastifyInstance, { projects, signingSecrets, gate }: Services): void {
  const options = { onRequest: gate.user }

  app.get('/projects/:id/signing-secret', options, async (request) => {
    const project = await projects.managed(userOf(request).user.id, pathPart(request, 'id'))
    return success('Signing secret fetched successfully', renderSigningSecret(await signingSecrets.show(project.id)))
  })

  app.post('/projects/:id/signing-secret/rotate', options, async (request) => {
    const { overlapSeconds } = readBody(request, rotateSecretBody)
    const project = await projects.managed(userOf(request).user.id, pathPart(request, 'id'))
    const secret = await signingSecrets.rotate(project.id, overlapSeconds)
    return success('Signing secret rotated successfully', renderSigningSecret(secret))
  })
}
