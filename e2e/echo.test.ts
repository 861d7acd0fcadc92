/** Jobs to the server's own echo, with the address guard on: processes behind a public name, restarts, and ways around it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../dispatch-backend/src/testing/databases.js'
import { migrate } from '../dispatch-backend/src/store/migrate.js'
import { request, scheduleSoon, signUp, type Project } from './client.js'
import { databaseUrl, makeFolder, removeFolder, startServerProcess, type ServerProcess } from './server-process.js'

/** A name that nothing resolves: what arrives has not been through the network. */
const PUBLIC_URL = 'https://dispatch.invalid'
const KEY = '3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8='

describe.each(databases)('the own echo on $name', ({ name, create }) => {
  let folder: string
  let drop: () => Promise<void>
  let start: () => Promise<ServerProcess>
  let servers: ServerProcess[]
  let project: Project
  let echoUrl: string

  beforeAll(async () => {
    folder = await makeFolder()
    const made = await create()
    drop = made.drop
    if (name !== 'SQLite') await migrate(made.config)
    const DATABASE_URL = databaseUrl(made.config)
    start = () => startServerProcess(folder, { DATABASE_URL, PUBLIC_URL, DISPATCH_ENCRYPTION_KEY: KEY })
    servers = [await start()]
    // The embedded database takes one process; the others share the work, each on a port of its own.
    if (name !== 'SQLite') servers.push(await start())
    project = await signUp(servers[0]!.url)
    const { data } = await manage<{ url: string }>('PUT', '', { enabled: true })
    echoUrl = data.url
  })
  afterAll(async () => {
    for (const server of servers) server.signal('SIGTERM')
    await Promise.all(servers.map((server) => server.ended()))
    await drop()
    await removeFolder(folder)
  })

  const urlOf = (index: number): string => servers[index % servers.length]!.url
  const api = (): string => `${urlOf(0)}/api/v1`
  const manage = <Data>(method: string, rest = '', body?: unknown) =>
    request<Data>(method, `${api()}/projects/${project.id}/echo${rest}`, {
      body,
      headers: { authorization: `Bearer ${project.token}` },
    })
  const schedule = (webhookUrl: string, inMs: number, index = 0) =>
    scheduleSoon(urlOf(index), project.key, { title: 'To the echo', webhookUrl }, inMs)
  const statusFor = async (webhookUrl: string): Promise<number> => {
    const fireAt = new Date(Date.now() + 3_600_000).toISOString()
    const body = { title: 'To no echo', webhookUrl, fireAt }
    return (await request('POST', `${api()}/jobs`, { body, headers: { 'x-api-key': project.key } })).status
  }
  const jobOf = async (id: string): Promise<{ status: string; logs: { responseBody: string | null }[] }> =>
    (
      await request<{ status: string; logs: { responseBody: string | null }[] }>('GET', `${api()}/jobs/${id}`, {
        headers: { 'x-api-key': project.key },
      })
    ).data
  const ends = (id: string, status: string) =>
    expect.poll(async () => (await jobOf(id)).status, { interval: 100 }).toBe(status)

  test('takes what every process delivers, rightly signed', async () => {
    expect(echoUrl).toMatch(/^https:\/\/dispatch\.invalid\/api\/v1\/echo\/[\w-]{43}$/)
    const ids: string[] = []
    for (let n = 0; n < 12; n++) {
      const { id } = await schedule(`${echoUrl}?n=${n}`, 1_500, n)
      ids.push(id)
    }
    for (const id of ids) await ends(id, 'SUCCESS')
    const { data } = await manage<{ jobId: string; verdict: string }[]>('GET', '/requests')
    expect(data.map(({ verdict }) => verdict)).toEqual(ids.map(() => 'valid'))
    expect(new Set(data.map(({ jobId }) => jobId))).toEqual(new Set(ids))
  })

  test('plays through a failure, whose answer stands in the log', async () => {
    const { id } = await schedule(`${echoUrl}?status=503`, 300)
    await ends(id, 'FAILED')
    expect((await jobOf(id)).logs[0]!.responseBody).toBe('{"received":true}')
  })

  test('takes after a restart, on another port, what was scheduled before', async () => {
    const { id } = await schedule(`${echoUrl}?after=restart`, 3_000)
    for (const server of servers) server.signal('SIGTERM')
    await Promise.all(servers.map((server) => server.ended()))
    servers = [await start()]
    await ends(id, 'SUCCESS')
    const [latest] = (await manage<{ query: string }[]>('GET', '/requests')).data
    expect(latest!.query).toBe('?after=restart')
  })

  test('is no way to any other route of ours, nor to another port', async () => {
    const own = new URL(servers[0]!.url)
    const token = echoUrl.split('/').at(-1)!
    for (const path of [
      '/api/v1/me',
      '/healthz',
      `/api/v1/echo/${token}/../../me`,
      `/api/v1/echo/${token}%2f..%2f..%2fme`,
      `//api/v1/echo/${token}`,
      `/api/v1/echo/${token}/`,
    ]) {
      expect([path, await statusFor(`${own.origin}${path}`)]).toEqual([path, 400])
    }
    expect(await statusFor(`http://localhost:1/api/v1/echo/${token}`)).toBe(400)
    expect(await statusFor(`http://user@localhost:${own.port}/api/v1/echo/${token}`)).toBe(400)
    // Accepted and delivered alike: under the listener's own name it is the echo too.
    const { id } = await schedule(`${own.origin}/api/v1/x/../echo/${token}?dots`, 300)
    await ends(id, 'SUCCESS')
    const [latest] = (await manage<{ query: string }[]>('GET', '/requests')).data
    expect(latest!.query).toBe('?dots')
    // An echo that nobody has is reached, and answers 404.
    const nobodys = await schedule(`${PUBLIC_URL}/api/v1/echo/${'A'.repeat(43)}`, 300)
    await ends(nobodys.id, 'FAILED')
    expect((await jobOf(nobodys.id)).logs[0]!.responseBody).toContain('Echo not found')
  })
})
