/** One call for each route that succeeds. The type holds the list complete: a route that is described has its call here. */
import { randomBytes } from 'node:crypto'
import { createCodeHash } from '../../../domain/proof.js'
import { writeLetter } from '../../../mail/write-letter.js'
import { databases } from '../../../testing/databases.js'
import {
  idOf,
  later,
  openTestApi,
  PASSWORD,
  type Account,
  type Call,
  type TestApi,
  type TestProject,
} from '../../testing/test-api.js'
import type { RouteName } from '../document.js'

export interface World {
  readonly api: TestApi
  readonly account: Account
  readonly project: TestProject
  readonly mailed: TestApi
}

/** `withMail`: asked of the server that sends mail. */
export type SuccessCall = Call & { readonly withMail?: boolean }

const hashCode = createCodeHash(Buffer.alloc(32, 2))

/** Two servers, one without mail and one with, and on the first an account with a project. */
export async function makeWorld(): Promise<World & { close(): Promise<void> }> {
  const api = await openTestApi(databases[0]!)
  const mailed = await openTestApi(databases[0]!, { mail: { hashCode, wake: () => undefined } })
  // The first account owns the instance and cannot leave.
  await api.signUp()
  const account = await api.signUp()
  const project = await api.project(account)
  return {
    ...{ api, mailed, account, project },
    async close() {
      await api.close()
      await mailed.close()
    },
  }
}

const register = (email = `${randomBytes(6).toString('hex')}@example.com`) => ({ email, password: PASSWORD })

/** The text of the mail that would be sent now. */
async function mailText({ mailed }: World, kind: 'registration' | 'password-reset', email: string): Promise<string> {
  const { store, clock } = mailed
  const mail = { id: '', kind, email, userId: null, detail: null, tries: 1, expiresAtMs: Infinity }
  const letter = await writeLetter({ store, clock, hashCode, frontendUrl: () => 'http://localhost' }, mail)
  if (!letter) throw new Error(`no letter of the kind ${kind}`)
  return letter.text
}

async function verification(world: World): Promise<Call> {
  const body = register()
  await world.mailed.call({ method: 'POST', path: '/auth/register', body })
  const code = /\b\d{6}\b/.exec(await mailText(world, 'registration', body.email))?.[0]
  return { method: 'POST', path: '/auth/verify-email', body: { email: body.email, code } }
}

async function reset(world: World): Promise<Call> {
  const call = await verification(world)
  await world.mailed.call(call)
  const { email } = call.body as { email: string }
  const token = /token=([\w-]+)/.exec(await mailText(world, 'password-reset', email))?.[1]
  return { method: 'POST', path: '/auth/reset-password', body: { token, password: PASSWORD } }
}

const newJob = ({ api }: World) => ({ title: 'A job', webhookUrl: 'https://example.com/hook', fireAt: later(api) })

/** A fresh account's token, for calls that end something of it. */
const freshToken = async ({ api }: World) => (await api.signUp()).token

const onProject = ({ project, account }: World, rest = '') => ({
  path: `/projects/${project.id}${rest}`,
  token: account.token,
})

async function echoUrl(world: World): Promise<string> {
  const { json } = await world.api.call({ ...onProject(world, '/echo'), method: 'PUT', body: { enabled: true } })
  return new URL(String(json.data.url)).pathname.replace('/api/v1', '')
}

async function echoRequestId(world: World): Promise<string> {
  await world.api.call({ method: 'POST', path: await echoUrl(world), body: {} })
  const { json } = await world.api.call(onProject(world, '/echo/requests'))
  return String(json.data[0].id)
}

const toEcho =
  (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE') =>
  async (world: World): Promise<Call> => ({ method, path: await echoUrl(world) })

export const SUCCESSES: Readonly<Record<RouteName, (world: World) => Promise<SuccessCall> | SuccessCall>> = {
  'POST /api/v1/jobs': (world) => ({ method: 'POST', path: '/jobs', key: world.project.key, body: newJob(world) }),
  'POST /api/v1/projects/:id/jobs': (world) => ({
    method: 'POST',
    path: `/projects/${world.project.id}/jobs`,
    token: world.account.token,
    body: newJob(world),
  }),
  'POST /api/v1/jobs/:id/replay': async (world) => ({
    method: 'POST',
    path: `/jobs/${await world.api.job(world.project)}/replay`,
    key: world.project.key,
    body: { fireAt: later(world.api) },
  }),
  'GET /api/v1/jobs/:id/request': async ({ api, project, account }) => ({
    path: `/jobs/${await api.job(project)}/request`,
    token: account.token,
  }),
  'POST /api/v1/jobs/cancel': async ({ api, project }) => ({
    method: 'POST',
    path: '/jobs/cancel',
    key: project.key,
    body: { ids: [await api.job(project)] },
  }),
  'GET /api/v1/jobs': ({ account }) => ({ path: '/jobs', token: account.token }),
  'GET /api/v1/jobs/export': ({ account }) => ({ path: '/jobs/export', token: account.token }),
  'GET /api/v1/jobs/:id': async ({ api, project }) => ({ path: `/jobs/${await api.job(project)}`, key: project.key }),
  'DELETE /api/v1/jobs/:id': async ({ api, project }) => ({
    method: 'DELETE',
    path: `/jobs/${await api.job(project)}`,
    key: project.key,
  }),
  'POST /api/v1/jobs/:id/cancel': async ({ api, project, account }) => ({
    method: 'POST',
    path: `/jobs/${await api.job(project)}/cancel`,
    token: account.token,
  }),

  'GET /api/v1/projects': ({ account }) => ({ path: '/projects', token: account.token }),
  'POST /api/v1/projects': ({ account }) => ({
    method: 'POST',
    path: '/projects',
    token: account.token,
    body: { name: 'staging' },
  }),
  'GET /api/v1/projects/:id': (world) => onProject(world),
  'PUT /api/v1/projects/:id': (world) => ({ ...onProject(world), method: 'PUT', body: { name: 'production 2' } }),
  'DELETE /api/v1/projects/:id': async ({ api, account }) => {
    const { id } = await api.project(account)
    return { method: 'DELETE', path: `/projects/${id}`, token: account.token }
  },
  'GET /api/v1/projects/:id/api-keys': (world) => onProject(world, '/api-keys'),
  'POST /api/v1/projects/:id/api-keys': (world) => ({
    ...onProject(world, '/api-keys'),
    method: 'POST',
    body: { label: 'CI' },
  }),
  'DELETE /api/v1/projects/:id/api-keys/:keyId': async (world) => {
    const created = await world.api.call({ ...onProject(world, '/api-keys'), method: 'POST', body: { label: 'CI' } })
    return { ...onProject(world, `/api-keys/${idOf(created)}`), method: 'DELETE' }
  },
  'GET /api/v1/projects/:id/signing-secret': (world) => onProject(world, '/signing-secret'),
  'POST /api/v1/projects/:id/signing-secret/rotate': (world) => ({
    ...onProject(world, '/signing-secret/rotate'),
    method: 'POST',
    body: {},
  }),

  'GET /api/v1/projects/:id/echo': (world) => onProject(world, '/echo'),
  'PUT /api/v1/projects/:id/echo': (world) => ({
    ...onProject(world, '/echo'),
    method: 'PUT',
    body: { enabled: true, body: '{"fine":true}' },
  }),
  'POST /api/v1/projects/:id/echo/rotate': async (world) => {
    await echoUrl(world)
    return { ...onProject(world, '/echo/rotate'), method: 'POST' }
  },
  'GET /api/v1/projects/:id/echo/requests': async (world) => {
    await echoRequestId(world)
    return onProject(world, '/echo/requests')
  },
  'GET /api/v1/projects/:id/echo/requests/:requestId': async (world) =>
    onProject(world, `/echo/requests/${await echoRequestId(world)}`),
  'DELETE /api/v1/projects/:id/echo/requests': (world) => ({ ...onProject(world, '/echo/requests'), method: 'DELETE' }),
  'GET /api/v1/echo/:token': toEcho('GET'),
  'POST /api/v1/echo/:token': toEcho('POST'),
  'PUT /api/v1/echo/:token': toEcho('PUT'),
  'PATCH /api/v1/echo/:token': toEcho('PATCH'),
  'DELETE /api/v1/echo/:token': toEcho('DELETE'),

  'GET /api/v1/setup': () => ({ path: '/setup' }),
  'GET /api/v1/stats': ({ account }) => ({ path: '/stats?range=1h', token: account.token }),
  'GET /api/v1/events': ({ account }) => ({ path: '/events', token: account.token, endsByItself: false }),
  'GET /api/v1/stats/forecast': ({ project }) => ({ path: '/stats/forecast', key: project.key }),

  'POST /api/v1/auth/register': () => ({ method: 'POST', path: '/auth/register', body: register() }),
  'POST /api/v1/auth/login': ({ account: { email, password } }) => ({
    method: 'POST',
    path: '/auth/login',
    body: { email, password },
  }),
  'POST /api/v1/auth/logout': async (world) => ({
    method: 'POST',
    path: '/auth/logout',
    token: await freshToken(world),
  }),
  'POST /api/v1/auth/verify-email': async (world) => ({ ...(await verification(world)), withMail: true }),
  'POST /api/v1/auth/resend-verification': ({ account: { email } }) => ({
    method: 'POST',
    path: '/auth/resend-verification',
    body: { email },
    withMail: true,
  }),
  'POST /api/v1/auth/forgot-password': ({ account: { email } }) => ({
    method: 'POST',
    path: '/auth/forgot-password',
    body: { email },
    withMail: true,
  }),
  'POST /api/v1/auth/reset-password': async (world) => ({ ...(await reset(world)), withMail: true }),
  'GET /api/v1/me': ({ account }) => ({ path: '/me', token: account.token }),
  'PUT /api/v1/me/profile': ({ account }) => ({
    method: 'PUT',
    path: '/me/profile',
    token: account.token,
    body: { name: 'Ada' },
  }),
  'PUT /api/v1/me/password': async (world) => ({
    method: 'PUT',
    path: '/me/password',
    token: await freshToken(world),
    body: { currentPassword: PASSWORD, newPassword: `${PASSWORD} 2` },
  }),
  'DELETE /api/v1/me/account': async (world) => ({
    method: 'DELETE',
    path: '/me/account',
    token: await freshToken(world),
    body: { password: PASSWORD },
  }),
  'GET /api/v1/me/sessions': ({ account }) => ({ path: '/me/sessions', token: account.token }),
  'DELETE /api/v1/me/sessions/:id': async (world) => {
    const token = await freshToken(world)
    const { json } = await world.api.call({ path: '/me/sessions', token })
    return { method: 'DELETE', path: `/me/sessions/${String(json.data[0].id)}`, token }
  },
  'DELETE /api/v1/me/sessions': async (world) => ({
    method: 'DELETE',
    path: '/me/sessions',
    token: await freshToken(world),
  }),

  'GET /healthz': () => ({ path: '//healthz' }),
  'GET /readyz': () => ({ path: '//readyz' }),
  'GET /api/v1/healthcheck': () => ({ path: '/healthcheck' }),
  'GET /api/v1/openapi.json': () => ({ path: '/openapi.json' }),
  'GET /api/v1/docs': () => ({ path: '/docs' }),
  'GET /api/v1/docs/style.css': () => ({ path: '/docs/style.css' }),
}
