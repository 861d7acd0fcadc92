/** Deliveries to this server's own echo: where they go, and that nothing else goes there. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../clock.js'
import { createAddressGuard } from '../../delivery/address-guard.js'
import type { ListenAddress } from '../../delivery/own-echo.js'
import { type Receiver, startReceiver } from '../../testing/receiver.js'
import { createSender, type Sender, type SendResult } from '../send.js'
import { createOwnEcho } from './own-echo.js'

const PATH = '/api/v1/echo/Vq0hT1m8b3mCwM7c2n9yJk5sXr4eUoP6aZtLgDfIiQE'
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function listener(options: Parameters<typeof startReceiver>[0] = {}): Promise<Receiver> {
  const started = await startReceiver(options)
  closers.push(() => started.close())
  return started
}

/** With the address guard on: no address of this machine is allowed. */
function senderOf(listening: ListenAddress | null, publicUrl = 'https://dispatch.example.com'): Sender {
  const ownEcho = createOwnEcho({ clock: systemClock, publicUrl: () => publicUrl, listening: () => listening })
  const sender = ownEcho.around(createSender({ clock: systemClock, guard: createAddressGuard(false) }))
  closers.push(() => sender.close())
  return sender
}

function send(sender: Sender, url: string): Promise<SendResult> {
  const signal = new AbortController().signal
  const headers = { 'x-mark': 'yes' }
  return sender.send({ url, headers, body: Buffer.from('{}'), timeoutMs: 60_000, beforeFirstByte: () => true, signal })
}

const delivered = { kind: 'response', statusCode: 200 }
const refused = { kind: 'error', code: 'address', bytesSent: false }

test('go to our listener, also under a name and a scheme that end at a proxy, over connections that are kept', async () => {
  const own = await listener()
  const sender = senderOf({ address: '127.0.0.1', port: own.port })
  for (const origin of [
    `http://localhost:${own.port}`,
    'https://dispatch.example.com',
    'https://dispatch.example.com',
  ]) {
    expect(await send(sender, `${origin}${PATH}?status=500`)).toMatchObject(delivered)
  }
  expect(own.requests.map(({ path, headers }) => [path, headers.host])).toEqual([
    [`${PATH}?status=500`, `localhost:${own.port}`],
    [`${PATH}?status=500`, 'dispatch.example.com'],
    [`${PATH}?status=500`, 'dispatch.example.com'],
  ])
  expect(own.connectionCount).toBe(2)
})

test('leave no connection behind that a webhook to another route of ours could use', async () => {
  const own = await listener()
  const sender = senderOf({ address: '127.0.0.1', port: own.port }, `http://127.0.0.1:${own.port}`)
  expect(await send(sender, `http://127.0.0.1:${own.port}${PATH}`)).toMatchObject(delivered)
  for (const path of ['/api/v1/jobs', '/metrics', `${PATH}/..`, `/${PATH}`, `${PATH}%2f..`]) {
    expect(await send(sender, `http://127.0.0.1:${own.port}${path}`), path).toMatchObject(refused)
  }
  expect(own.requests.map(({ path }) => path)).toEqual([PATH])
})

test('follow no redirect', async () => {
  const own = await listener({ respond: () => ({ status: 307, headers: { location: '/api/v1/jobs' } }) })
  const sender = senderOf({ address: '127.0.0.1', port: own.port })
  expect(await send(sender, `http://localhost:${own.port}${PATH}`)).toMatchObject({ statusCode: 307 })
  expect(own.requests).toHaveLength(1)
})

test('never go where the URL says: a listener on another port gets nothing', async () => {
  const [own, other] = [await listener(), await listener()]
  const sender = senderOf({ address: '127.0.0.1', port: own.port })
  expect(await send(sender, `http://localhost:${other.port}${PATH}`)).toMatchObject(refused)
  expect([own.connectionCount, other.connectionCount]).toEqual([0, 0])
})

test('reach a listener on every interface, and one that is a socket in the file system', async () => {
  const own = await listener({ host: '0.0.0.0' })
  expect(
    await send(senderOf({ address: '0.0.0.0', port: own.port }), `http://localhost:${own.port}${PATH}`),
  ).toMatchObject(delivered)
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-echo-'))
  closers.push(() => rm(folder, { recursive: true }))
  const server = createServer((request, response) => response.end(request.url))
  server.listen(join(folder, 'socket'))
  await once(server, 'listening')
  closers.push(() => new Promise((resolve) => server.close(resolve)))
  const sender = senderOf(join(folder, 'socket'))
  expect(await send(sender, `https://dispatch.example.com${PATH}`)).toMatchObject({ ...delivered, body: PATH })
  await sender.close()
})

test('fail in words while there is no listener, and are tried again like any other', async () => {
  const own = await listener()
  await own.close()
  const gone = await send(senderOf({ address: '127.0.0.1', port: own.port }), `http://localhost:${own.port}${PATH}`)
  expect(gone).toMatchObject({ kind: 'error', code: 'connect', message: expect.stringContaining('own echo') as string })
  expect(await send(senderOf(null), `https://dispatch.example.com${PATH}`)).toMatchObject({ code: 'connect' })
})
