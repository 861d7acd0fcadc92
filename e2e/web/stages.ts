/** The dashboard in three states, one after the other: an empty install, the first steps, a month of history. */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { startReceiver, type Receiver } from '../../dispatch-backend/src/testing/receiver.js'
import { post, request, scheduleSoon, signUp, type Project } from '../client.js'
import { makeFolder, removeFolder } from '../server-process.js'
import { openDashboard, useSession, type Dashboard } from './browser.js'
import { writeHistory } from './history.js'
import { EMPTY_INSTALL, FIRST_STEPS, furnishedScenes, type Furniture, type Role, type Scene } from './scenes.js'

/** Scenes that can be visited now, and how to become who visits them. */
export interface Stage {
  readonly dashboard: Dashboard
  readonly scenes: readonly Scene[]
  /** Signs the page's browser in; a stranger stays one. */
  readonly become: (page: Page, role: Role) => Promise<void>
}

export async function onEachStage(play: (stage: Stage) => Promise<void>): Promise<void> {
  const folder = await makeFolder()
  const receiver = await startReceiver({
    respond: ({ path }) =>
      path === '/hooks/down'
        ? { status: 503, body: '{"error":"maintenance until 18:00"}' }
        : { body: '{"received":true}' },
  })
  try {
    await playAll({ databaseFile: join(folder, 'dispatch.db'), receiver, play })
  } finally {
    await receiver.close()
    await removeFolder(folder)
  }
}

interface Theatre {
  readonly databaseFile: string
  readonly receiver: Receiver
  readonly play: (stage: Stage) => Promise<void>
}

async function playAll({ databaseFile, receiver, play }: Theatre): Promise<void> {
  const { project, apiKeyId } = await onDashboard(databaseFile, async (dashboard) => {
    await play({ dashboard, scenes: EMPTY_INSTALL, become: signInWith({}) })
    const found = await signUp(dashboard.server.url)
    await play({ dashboard, scenes: FIRST_STEPS, become: signInWith({ owner: found.token }) })
    return { project: found, apiKeyId: await readKeyId(dashboard, found) }
  })
  const scope = { kind: 'apiKey', projectId: project.id, apiKeyId } as const
  await writeHistory({ databaseFile, projectId: project.id, scope })
  await onDashboard(databaseFile, async (dashboard) => {
    const furniture = await furnish(dashboard, project, receiver)
    const newcomer = await registerNewcomer(dashboard)
    const become = signInWith({ owner: project.token, newcomer })
    await play({ dashboard, scenes: furnishedScenes(furniture), become })
  })
}

/** One server after the other on the same database: history is written while none runs. */
async function onDashboard<Result>(
  databaseFile: string,
  work: (dashboard: Dashboard) => Promise<Result>,
): Promise<Result> {
  const dashboard = await openDashboard({ DATABASE_URL: `sqlite://${databaseFile}`, RETRY_DELAYS: '100ms,2h' })
  try {
    return await work(dashboard)
  } finally {
    await dashboard.close()
  }
}

function signInWith(tokens: Readonly<Partial<Record<Role, string>>>): Stage['become'] {
  return async (page, role) => {
    if (role === 'stranger') return
    const token = tokens[role]
    if (token === undefined) throw new Error(`there is no ${role} yet`)
    await useSession(page, token)
  }
}

async function readKeyId({ server }: Dashboard, { id, token }: Project): Promise<string> {
  const headers = { authorization: `Bearer ${token}` }
  const keys = await request<{ id: string }[]>('GET', `${server.url}/api/v1/projects/${id}/api-keys`, { headers })
  return keys.data[0]!.id
}

async function registerNewcomer({ server }: Dashboard): Promise<string> {
  const account = { email: 'newcomer@example.com', password: 'long enough' }
  return (await post<{ token: string }>(`${server.url}/api/v1/auth/register`, account)).token
}

/** Jobs in several states beside those of the history. */
async function furnish({ server }: Dashboard, { id, token, key }: Project, receiver: Receiver): Promise<Furniture> {
  const payload = { userId: 'usr_812', plan: 'pro' }
  const schedule = async (title: string, path: string, inMs: number): Promise<string> =>
    (await scheduleSoon(server.url, key, { title, webhookUrl: `${receiver.url}${path}`, payload }, inMs)).id
  const name = 'billing, with a name that is rather long for a table'
  const bearer = { authorization: `Bearer ${token}` }
  const other = await post<{ id: string }>(`${server.url}/api/v1/projects`, { name }, bearer)
  await fillEcho(server.url, id, bearer)
  const delivered = await schedule('Trial expiry reminder', '/hooks/trial-expiry', 300)
  await schedule('Invoice 2041', '/hooks/invoice', 300)
  const failing = await schedule('Sync with the warehouse, which answers 503 today', '/hooks/down', 300)
  const scheduled = await schedule('Monthly report', '/hooks/report', 3_600_000)
  await schedule('Renewal of the yearly plan', '/hooks/renewal', 86_400_000 * 12)
  await receiver.waitFor(4)
  return { projectId: id, otherProjectId: other.id, delivered, failing, scheduled }
}

/** What came to an echo: from elsewhere, wrongly signed, and much. */
async function fillEcho(serverUrl: string, projectId: string, headers: Record<string, string>): Promise<void> {
  const address = `${serverUrl}/api/v1/projects/${projectId}/echo`
  const { data } = await request<{ url: string }>('PUT', address, { body: { enabled: true }, headers })
  await fetch(`${data.url}?status=404&from=a-program-with-a-rather-long-query-that-has-to-wrap-somewhere`, {
    method: 'PUT',
  })
  const body = JSON.stringify({ order: 48_213, lines: Array.from({ length: 40 }, (_, line) => ({ line, count: 2 })) })
  const forged = { 'webhook-signature': 'v1,QUJD', 'webhook-id': 'msg_1', 'webhook-timestamp': '1' }
  await fetch(data.url, { method: 'POST', body, headers: { ...forged, 'x-dispatch-signature': 't=1,v1=00' } })
}
