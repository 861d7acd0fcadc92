/** How the process starts, refuses to, and ends. */
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startReceiver } from '../dispatch-backend/src/testing/receiver.js'
import { ensureBuilt } from '../scripts/compile.mjs'
import { ROOT } from '../scripts/ensure.mjs'
import { withLock } from '../scripts/lock.mjs'
import { scheduleSoon, signUp } from './client.js'
import { makeFolder, NPM_START, removeFolder, startServerProcess, type ServerProcess } from './server-process.js'

let folder: string

beforeAll(() => withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT)))

beforeEach(async () => {
  folder = await makeFolder()
})

afterEach(() => removeFolder(folder))

/** Schedules a webhook that is about to be sent. */
async function scheduleOne({ url }: ServerProcess, webhookUrl: string): Promise<void> {
  const { key } = await signUp(url)
  await scheduleSoon(url, key, { title: 't', webhookUrl })
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s stops in order, with exit code 0', async (name) => {
  const server = await startServerProcess(folder)
  server.signal(name)
  expect(await server.ended()).toBe(0)
  expect(server.output()).toMatch(/Stopping: .*\nStopped\.\n$/)
})

test('a SIGTERM to npm reaches the server', async () => {
  const npm = await startServerProcess(folder, { HOME: folder }, NPM_START)
  npm.signal('SIGTERM')
  expect(await npm.ended()).toBe(0)
  expect(npm.output()).toMatch(/Stopping: .*\nStopped\.\n$/)
  await expect(fetch(`${npm.url}/healthz`)).rejects.toThrow()
})

test('a stop waits for what is in flight; at the deadline it is recorded, and sent again after the next start', async () => {
  const receiver = await startReceiver({ respond: { hang: true } })
  const settings = { ALLOW_PRIVATE_WEBHOOKS: 'true', SHUTDOWN_TIMEOUT: '300ms' }
  const first = await startServerProcess(folder, settings)
  await scheduleOne(first, `${receiver.url}/x`)
  await receiver.waitFor(1)
  first.signal('SIGTERM')
  expect(await first.ended()).toBe(0)

  receiver.respond({ status: 200 })
  const second = await startServerProcess(folder, settings)
  const [before, after] = await receiver.waitFor(2)
  expect(after?.headers['webhook-id']).toBe(before?.headers['webhook-id'])
  expect(after?.headers['x-dispatch-attempt']).toBe('2')
  second.signal('SIGTERM')
  expect(await second.ended()).toBe(0)
  await receiver.close()
})

test('a second signal exits at once, and says so', async () => {
  const receiver = await startReceiver({ respond: { hang: true } })
  const server = await startServerProcess(folder, { ALLOW_PRIVATE_WEBHOOKS: 'true', SHUTDOWN_TIMEOUT: '10m' })
  await scheduleOne(server, `${receiver.url}/x`)
  await receiver.waitFor(1)
  server.signal('SIGINT')
  await server.printed(/Stopping/)
  // What follows within half a second counts as the same signal, so it is repeated.
  const again = setInterval(() => server.signal('SIGTERM'), 100)
  expect(await server.ended()).toBe(143)
  clearInterval(again)
  expect(server.output()).toMatch(/Exiting at once/)
  await receiver.close()
})

test('while it stops, it still answers, but is not ready any more', async () => {
  const receiver = await startReceiver({ respond: { hang: true } })
  const server = await startServerProcess(folder, { ALLOW_PRIVATE_WEBHOOKS: 'true', SHUTDOWN_TIMEOUT: '5s' })
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  await scheduleOne(server, `${receiver.url}/x`)
  await receiver.waitFor(1)
  server.signal('SIGTERM')
  await server.printed(/Stopping/)
  const ready = await fetch(`${server.url}/readyz`)
  expect(ready.status).toBe(503)
  expect(await ready.json()).toMatchObject({ reason: 'Dispatch is shutting down' })
  expect(await server.ended()).toBe(0)
  await receiver.close()
})

test('mistakes in the configuration are all named, exit code 78', async () => {
  const server = await startServerProcess(folder, { PORT: 'http', MAX_ATTEMPTS: '0' })
  expect(await server.ended()).toBe(78)
  expect(server.output()).toMatch(/PORT: expected .*; found "http"/)
  expect(server.output()).toMatch(/MAX_ATTEMPTS: expected .*; found "0"/)
})

test('a port in use is said in words, exit code 1', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await expect.poll(() => other.listening).toBe(true)
  const { port } = other.address() as AddressInfo
  const server = await startServerProcess(folder, { PORT: String(port) })
  expect(await server.ended()).toBe(1)
  expect(server.output()).toContain(`127.0.0.1:${port} is in use already`)
  other.close()
})

test('a second server on the same SQLite file refuses to start', async () => {
  const first = await startServerProcess(folder)
  const second = await startServerProcess(folder)
  expect(await second.ended()).toBe(1)
  expect(second.output()).toMatch(/Another Dispatch is running/)
  first.signal('SIGTERM')
  expect(await first.ended()).toBe(0)
})
