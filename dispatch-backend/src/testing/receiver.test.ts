import { afterEach, expect, test } from 'vitest'
import { startReceiver, type Receiver, type ReceiverOptions } from './receiver.js'

let receiver: Receiver | undefined

afterEach(async () => {
  await receiver?.close()
  receiver = undefined
})

async function start(options?: ReceiverOptions): Promise<Receiver> {
  return (receiver = await startReceiver(options))
}

const post = (url: string, body: string | Uint8Array<ArrayBuffer>): Promise<Response> =>
  fetch(url, { method: 'POST', body })

test('records what came and answers as told, changeable at any time', async () => {
  const { url, requests, respond } = await start({ respond: { status: 418, headers: { 'x-a': 'b' }, body: 'tea' } })
  const bytes = new Uint8Array([0, 255, 128, 10])
  const first = await post(`${url}/hook?a=1`, bytes)
  expect([first.status, first.headers.get('x-a'), await first.text()]).toEqual([418, 'b', 'tea'])
  respond((request, index) => ({ status: 200, body: `${request.path} ${index}` }))
  expect(await (await post(`${url}/second`, 'x')).text()).toBe('/second 1')
  expect(requests[0]).toMatchObject({ method: 'POST', path: '/hook?a=1' })
  expect(requests[0]?.rawBody).toEqual(Buffer.from(bytes))
})

test('waitFor resolves when the request arrives and rejects when it does not', async () => {
  const { url, waitFor } = await start({ respond: { delayMs: 5 } })
  const waiting = waitFor((all) => all.some((request) => request.path === '/b'))
  await Promise.all([post(`${url}/a`, ''), post(`${url}/b`, '')])
  expect(await waiting).toHaveLength(2)
  await expect(waitFor(3, 10)).rejects.toThrow('2 requests came')
})

test('resets on demand', async () => {
  const { url } = await start({ respond: { reset: true } })
  await expect(post(url, 'x')).rejects.toThrow()
})

test('close destroys what hangs and rejects who waits', async () => {
  const { url, waitFor, close } = await start({ respond: { hang: true } })
  const hanging = expect(post(url, 'x')).rejects.toThrow()
  await waitFor(1)
  const waiting = expect(waitFor(2)).rejects.toThrow('closed')
  await close()
  await Promise.all([hanging, waiting])
  receiver = undefined
})
