/** The signed-in user's own account. */
import { changePasswordBody, deleteAccountBody, profileBody } from 'dispatch-contract'
import type { FastifyInstance } from 'fastify'
import { notFound, requireId } from '../domain/id.js'
import { problem, validationError } from '../domain/problem.js'
import { success } from './envelope.js'
import { userOf } from './gate.js'
import { pathPart, readBody } from './parse.js'
import { renderMe, renderSession, renderUser } from './render.js'
import type { Services } from './services.js'
import type { SetupToken } from './setup-token.js'

export function meRoutes(app: FastifyInstance, services: Services, setupToken: SetupToken): void {
  const { gate, store, profiles, registrations } = services
  app.get('/me', { onRequest: gate.user }, async (request) => {
    const { user } = userOf(request)
    return success('Account fetched successfully', renderMe(user, await store.listOrganizations(user.id)))
  })

  app.put('/me/profile', { onRequest: gate.user }, async (request, reply) => {
    const { user } = userOf(request)
    const change = readBody(request, profileBody)
    const { email = user.email } = change
    const isMoving = email !== user.email
    if (isMoving) {
      const password = requirePassword(change.password)
      await gate.limitPassword(reply, user.id, () => profiles.confirmPassword(user, password))
    }
    const isMailed = registrations !== null && isMoving
    if (isMailed) {
      await gate.mail(request, reply)
      await gate.limitMailTo(reply, email)
    }
    const changed = await profiles.update(user, change)
    const message = isMailed
      ? 'Profile updated; the new address counts once you have entered the code that was sent to it'
      : 'Profile updated successfully'
    return success(message, renderUser(changed))
  })

  app.put('/me/password', { onRequest: gate.user }, async (request, reply) => {
    const { user, sessionId } = userOf(request)
    const { currentPassword, newPassword } = readBody(request, changePasswordBody)
    await gate.limitPassword(reply, user.id, () =>
      profiles.changePassword(user, sessionId, currentPassword, newPassword),
    )
    return success('Password changed; other sessions were ended', null)
  })

  app.delete('/me/account', { onRequest: gate.user }, async (request, reply) => {
    const { user } = userOf(request)
    const { password } = readBody(request, deleteAccountBody)
    const contents = await gate.limitPassword(reply, user.id, () => profiles.deleteAccount(user, password))
    if (user.isInstanceOwner) setupToken.renew()
    return success(`Account deleted, with ${contents}`, null)
  })
}

/** Whoever gets the address can have a new password sent to it: an open session alone must not give the account away. */
function requirePassword(password: string | undefined): string {
  if (password !== undefined) return password
  throw validationError([problem('password', 'your password, because the email address is to change', password)])
}

export function sessionRoutes(app: FastifyInstance, { gate, store, clock }: Services): void {
  app.get('/me/sessions', { onRequest: gate.user }, async (request) => {
    const { user, sessionId } = userOf(request)
    const sessions = await store.listSessions({ userId: user.id, nowMs: clock.wallMs() })
    const shown = sessions.map((session) => renderSession(session, session.id === sessionId))
    return success('Sessions fetched successfully', shown)
  })

  app.delete('/me/sessions/:id', { onRequest: gate.user }, async (request) => {
    const { user } = userOf(request)
    const id = requireId(pathPart(request, 'id'), 'Session')
    if (!(await store.endSession({ userId: user.id, id }))) throw notFound('Session')
    return success('Session ended', null)
  })

  app.delete('/me/sessions', { onRequest: gate.user }, async (request) => {
    const { user, sessionId } = userOf(request)
    const count = await store.endSessions({ userId: user.id, exceptId: sessionId, nowMs: clock.wallMs() })
    return success(`${count} other session${count === 1 ? '' : 's'} ended`, null)
  })
}
