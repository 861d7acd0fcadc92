import { emailBody, loginBody, registerBody, resetPasswordBody, verifyEmailBody } from 'dispatch-contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { bearerToken } from '../auth/basic.js'
import type { SignInOrigin } from '../auth/sessions.js'
import { DispatchError } from '../errors.js'
import { clientAddress, isLocalCaller } from './client-address.js'
import { success } from './envelope.js'
import { userOf } from './gate.js'
import { readBody } from './parse.js'
import { renderUser } from './render.js'
import type { Services } from './services.js'
import type { SetupToken } from './setup-token.js'

export function accountRoutes(app: FastifyInstance, services: Services, setupToken: SetupToken): void {
  const { accounts, registrations, basicAuth, sessions, gate } = services

  app.post('/auth/register', { onRequest: gate.signIn }, async (request, reply) => {
    const { email, password, name = null, setupToken: inBody } = readBody(request, registerBody)
    const mayBecomeOwner = isLocalCaller(request) || setupToken.is(inBody ?? request.headers['x-setup-token'])
    if (registrations) {
      await gate.limitMailTo(reply, email)
      await setupToken.offerTo(() => registrations.register({ email, password, name }, mayBecomeOwner))
      return reply.code(201).send(success('Enter the code that was sent to your email address', { email }))
    }
    const user = await setupToken.offerTo(() => accounts.register({ email, password, name }, mayBecomeOwner))
    const token = await sessions.start(user.id, originOf(request))
    return reply.code(201).send(success('Account created successfully', { token, user: renderUser(user) }))
  })

  app.post('/auth/login', { onRequest: gate.signIn }, async (request, reply) => {
    const { email, password } = readBody(request, loginBody)
    const checking = gate.limitSignIn(reply, email, () => basicAuth.checkPassword(email, password))
    const { user, passwordHash } = await checking.catch(async (error: unknown) => {
      const needsCode = error instanceof DispatchError && error.code === 'EMAIL_NOT_VERIFIED'
      if (needsCode && (await gate.mayMailTo(email))) await registrations?.resend(email)
      throw error
    })
    const token = await sessions.start(user.id, originOf(request), passwordHash)
    return success('Signed in successfully', { token, user: renderUser(user) })
  })

  app.post('/auth/logout', { onRequest: gate.user }, async (request) => {
    const { user, sessionId } = userOf(request)
    if (sessionId !== null) await sessions.end(user.id, sessionId)
    return success('Signed out successfully', null)
  })
}

/** What goes by mail. Without mail these routes answer the same, and say what to do instead. */
export function mailedRoutes(app: FastifyInstance, services: Services, setupToken: SetupToken): void {
  const { registrations, profiles, sessions, gate } = services

  app.post('/auth/verify-email', { onRequest: gate.signIn }, async (request) => {
    const mailed = readBody(request, verifyEmailBody)
    const token = bearerToken(request.headers)
    const signedIn = token === undefined ? null : await sessions.find(token)
    if (signedIn && signedIn.user.email !== mailed.email) {
      // Only the account that asked for the address gets it: whoever typed the code elsewhere would hand it to a stranger.
      const user = await profiles.confirmEmail(signedIn.user, mailed)
      // The session goes on as it is. Another one could outlive what ends this one meanwhile.
      return success('Email address changed successfully', { token, user: renderUser(user) })
    }
    if (!registrations) throw new DispatchError('CODE_INVALID')
    const { user, passwordHash, needsPassword } = await setupToken.offerTo(() => registrations.verify(mailed))
    const newToken = await sessions.start(user.id, originOf(request), passwordHash)
    const message = needsPassword
      ? 'Email verified. The address was registered with more than one password: choose yours by the link we have sent you'
      : 'Email verified successfully'
    return success(message, { token: newToken, user: renderUser(user) })
  })

  app.post('/auth/resend-verification', { onRequest: gate.mail }, async (request, reply) => {
    const { email } = readBody(request, emailBody)
    await gate.limitMailTo(reply, email)
    await registrations?.resend(email)
    return success(registrations ? 'If the address waits to be verified, a new code is on its way' : NO_MAIL, null)
  })

  app.post('/auth/forgot-password', { onRequest: gate.mail }, async (request, reply) => {
    const { email } = readBody(request, emailBody)
    await gate.limitMailTo(reply, email)
    await profiles.forgotPassword(email)
    return success(registrations ? 'If the address has an account, a link is on its way' : NO_MAIL, null)
  })

  app.post('/auth/reset-password', { onRequest: gate.signIn }, async (request) => {
    const { token, password } = readBody(request, resetPasswordBody)
    await profiles.resetPassword(token, password)
    return success('Password changed; sign in with the new one', null)
  })
}

const NO_MAIL =
  'This server sends no mail; ask whoever runs it for a new password (npx dispatch user reset-password EMAIL)'

export function originOf(request: FastifyRequest): SignInOrigin {
  return { ipAddress: clientAddress(request), userAgent: request.headers['user-agent'] ?? null }
}
