import { createHash, timingSafeEqual } from 'node:crypto'
import { loginBody, registerBody } from 'dispatch-contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { SignInOrigin } from '../auth/sessions.js'
import { isLocalCaller } from './client-address.js'
import { success } from './envelope.js'
import { userOf } from './gate.js'
import { readBody } from './parse.js'
import { renderMe, renderUser } from './render.js'
import type { Services } from './services.js'

/** How the first account is let in. */
export interface OwnerRules {
  readonly setupToken: string | undefined
}

export function accountRoutes(app: FastifyInstance, services: Services, rules: OwnerRules): void {
  const { accounts, basicAuth, sessions, gate, store } = services

  app.post('/auth/register', { onRequest: gate.signIn }, async (request, reply) => {
    const { email, password, name = null, setupToken } = readBody(request, registerBody)
    const mayBecomeOwner = isLocalCaller(request) || knowsSetupToken(request, setupToken, rules)
    const user = await accounts.register({ email, password, name }, mayBecomeOwner)
    const token = await sessions.start(user.id, originOf(request))
    return reply.code(201).send(success('Account created successfully', { token, user: renderUser(user) }))
  })

  app.post('/auth/login', { onRequest: gate.signIn }, async (request, reply) => {
    const { email, password } = readBody(request, loginBody)
    const user = await gate.limitSignIn(reply, email, () => basicAuth.checkPassword(email, password))
    const token = await sessions.start(user.id, originOf(request))
    return success('Signed in successfully', { token, user: renderUser(user) })
  })

  app.post('/auth/logout', { onRequest: gate.user }, async (request) => {
    const { user, sessionId } = userOf(request)
    if (sessionId !== null) await sessions.end(user.id, sessionId)
    return success('Signed out successfully', null)
  })

  app.get('/me', { onRequest: gate.user }, async (request) => {
    const { user } = userOf(request)
    return success('Account fetched successfully', renderMe(user, await store.listOrganizations(user.id)))
  })
}

function originOf(request: FastifyRequest): SignInOrigin {
  return { ipAddress: request.ip, userAgent: request.headers['user-agent'] ?? null }
}

/** Compared as hashes, in constant time whatever the lengths. */
function knowsSetupToken(request: FastifyRequest, inBody: string | undefined, { setupToken }: OwnerRules): boolean {
  const given = inBody ?? request.headers['x-setup-token']
  if (setupToken === undefined || typeof given !== 'string') return false
  return timingSafeEqual(sha256(given), sha256(setupToken))
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
