import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../clock.js'
import { type AllowPrivate, createAddressGuard } from '../../delivery/address-guard.js'
import { type Receiver, startReceiver } from '../../testing/receiver.js'
import { createSender, type Sender, type SendRequest, type SendResult } from '../send.js'
import { AUTHORITY, SERVER } from './testing/certificates.js'
import { type DnsServer, startDnsServer, type Zone } from './testing/dns-server.js'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function receiver(host: string, tls?: typeof SERVER): Promise<Receiver> {
  const started = await startReceiver({ host, ...(tls && { tls }) })
  closers.push(() => started.close())
  return started
}

async function dnsServer(answer: Parameters<typeof startDnsServer>[0]): Promise<DnsServer> {
  const started = await startDnsServer(answer)
  closers.push(() => started.close())
  return started
}

/** In these tests 127.0.0.2 stands for the public Internet, and every other loopback address is what must be kept out. */
const PUBLIC = '127.0.0.2'

/** One port on each of two addresses; somebody else may have it on the second. */
async function receiversOnOnePort(): Promise<{ outside: Receiver; inside: Receiver }> {
  for (;;) {
    const outside = await receiver(PUBLIC)
    const inside = await startReceiver({ host: '127.0.0.1', port: outside.port }).catch(() => undefined)
    if (!inside) continue
    closers.push(() => inside.close())
    return { outside, inside }
  }
}

interface World {
  readonly dns: DnsServer
  readonly allow?: AllowPrivate
}

function senderIn({ dns, allow = [PUBLIC] }: World): Sender {
  const sender = createSender({
    clock: systemClock,
    guard: createAddressGuard(allow),
    dnsServers: [dns.address],
    hostsPath: '/nonexistent',
    ca: AUTHORITY,
  })
  closers.push(() => sender.close())
  return sender
}

function sendTo(world: World): (url: string) => Promise<SendResult> {
  const { send } = senderIn(world)
  return (url) => send(request(url))
}

function request(url: string, timeoutMs = 60_000): SendRequest {
  return {
    url,
    headers: {},
    body: Buffer.from('{}'),
    timeoutMs,
    beforeFirstByte: () => true,
    signal: new AbortController().signal,
  }
}

const delivered = { kind: 'response', statusCode: 200 }
const refused = { kind: 'error', code: 'address', bytesSent: false }

describe('literals', () => {
  test.each([
    'http://127.0.0.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.1:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
  ])('%s is refused before a connection is opened', async (url) => {
    const inside = await receiver('127.0.0.1')
    const send = sendTo({ dns: await dnsServer(() => 'NXDOMAIN') })
    const result = await send(url.replace('PORT', String(inside.port)))
    expect(result).toMatchObject(refused)
    expect(result).toHaveProperty('message', expect.stringContaining('ALLOW_PRIVATE_WEBHOOKS'))
    expect(inside.connectionCount).toBe(0)
  })

  test('what the setting allows is delivered', async () => {
    const outside = await receiver(PUBLIC)
    const dns = await dnsServer(() => 'NXDOMAIN')
    expect(await sendTo({ dns })(outside.url)).toMatchObject(delivered)
    expect(dns.questions).toHaveLength(0)
  })

  test('an IPv6 literal is dialled without its brackets', async () => {
    const inside = await receiver('::1')
    const send = sendTo({ dns: await dnsServer(() => 'NXDOMAIN'), allow: ['::1'] })
    expect(await send(inside.url)).toMatchObject(delivered)
  })
})

test('the address that the socket really has is judged before anything is written', async () => {
  const inside = await receiver('127.0.0.1')
  const judged: string[] = []
  const sender = createSender({
    clock: systemClock,
    guard: {
      checkUrl: () => ({ allowed: true }),
      checkAddress(ip) {
        judged.push(ip)
        return { allowed: false, reason: 'no' }
      },
    },
  })
  closers.push(() => sender.close())
  const result = await sender.send(request(inside.url))
  expect(result).toEqual({ kind: 'error', code: 'address', message: 'Not sent: no', bytesSent: false })
  expect(judged).toEqual(['127.0.0.1'])
  expect(inside.requests).toHaveLength(0)
})

describe('names', () => {
  const at = (...addresses: string[]): Zone => ({ addresses })

  test('resolve through DNS, trailing dot or not, and go to the vetted address', async () => {
    const outside = await receiver(PUBLIC)
    const send = sendTo({ dns: await dnsServer(() => at(PUBLIC)) })
    expect(await send(`http://hook.test:${outside.port}/`)).toMatchObject(delivered)
    expect(await send(`http://hook.test.:${outside.port}/`)).toMatchObject(delivered)
    expect(outside.requests.map(({ headers }) => headers.host)).toEqual([
      `hook.test:${outside.port}`,
      `hook.test.:${outside.port}`,
    ])
  })

  test('that resolve to a private address are refused, and nothing is dialled', async () => {
    const inside = await receiver('127.0.0.1')
    const send = sendTo({ dns: await dnsServer(() => at('127.0.0.1', '::1')) })
    const result = await send(`http://hook.test:${inside.port}/`)
    expect(result).toMatchObject(refused)
    expect(result).toHaveProperty('message', expect.stringContaining('hook.test resolves to an address'))
    expect(inside.connectionCount).toBe(0)
  })

  test.each([['10.0.0.1'], ['169.254.169.254'], ['::ffff:127.0.0.1'], ['64:ff9b::7f00:1'], ['fd00::1'], ['0.0.0.0']])(
    'that resolve to %s are refused',
    async (ip) => {
      const send = sendTo({ dns: await dnsServer(() => at(ip)) })
      expect(await send('http://hook.test:9/')).toMatchObject(refused)
    },
  )

  test('mixed answers: only the allowed addresses are dialled, in whatever order they come', async () => {
    const { outside, inside } = await receiversOnOnePort()
    for (const addresses of [
      ['127.0.0.1', PUBLIC, '::1'],
      [PUBLIC, '127.0.0.1'],
    ]) {
      const send = sendTo({ dns: await dnsServer(() => at(...addresses)) })
      expect(await send(`http://hook.test:${outside.port}/`)).toMatchObject(delivered)
    }
    expect(inside.connectionCount).toBe(0)
    expect(outside.requests).toHaveLength(2)
  })

  test('an answer that changes after it was judged is judged again, never dialled unseen', async () => {
    const { outside, inside } = await receiversOnOnePort()
    outside.respond({ headers: { connection: 'close' } })
    const dns = await dnsServer((_, index) => ({ addresses: [index % 2 === 0 ? PUBLIC : '127.0.0.1'], ttlSeconds: 0 }))
    const send = sendTo({ dns })
    const results: SendResult[] = []
    for (let i = 0; i < 6; i += 1) results.push(await send(`http://rebind.test:${outside.port}/`))
    const kinds = results.map((result) => (result.kind === 'error' ? result.code : result.kind))
    expect(kinds).toEqual(['response', 'address', 'response', 'address', 'response', 'address'])
    expect(inside.connectionCount).toBe(0)
  })

  test('that do not exist, have no address, or whose servers fail, say so', async () => {
    const zones: Record<string, Zone> = { 'gone.test': 'NXDOMAIN', 'empty.test': at(), 'broken.test': 'SERVFAIL' }
    const send = sendTo({ dns: await dnsServer(({ name }) => zones[name] ?? 'NXDOMAIN') })
    const [gone, empty, broken] = await Promise.all(Object.keys(zones).map((name) => send(`http://${name}/`)))
    for (const result of [gone, empty, broken])
      expect(result).toMatchObject({ kind: 'error', code: 'dns', bytesSent: false })
    expect(gone).toHaveProperty(
      'message',
      'The host name gone.test does not exist; check the host name of the webhook URL',
    )
    expect(empty).toHaveProperty('message', expect.stringContaining('empty.test has no address'))
    expect(broken).toHaveProperty('message', expect.stringContaining('broken.test could not be looked up'))
  })

  test('a family whose answer never comes does not hold up the other', async () => {
    const outside = await receiver(PUBLIC)
    const dns = await dnsServer(({ type }) => (type === 'A' ? at(PUBLIC) : 'silent'))
    // Before c-ares gives up on a silent server, after 4.5 s; where the machine stalls for so long, a new sender tries again.
    const result = () => senderIn({ dns }).send(request(`http://hook.test:${outside.port}/`, 4_000))
    await expect.poll(result).toMatchObject(delivered)
  })

  test('an address that refuses does not hold up the next one', async () => {
    const outside = await receiver(PUBLIC)
    const send = sendTo({ dns: await dnsServer(() => at('127.0.0.3', PUBLIC)), allow: ['127.0.0.2/31'] })
    expect(await send(`http://hook.test:${outside.port}/`)).toMatchObject(delivered)
  })

  test('when every address refuses, the words name the first', async () => {
    const outside = await receiver(PUBLIC)
    await closers.pop()!()
    const send = sendTo({ dns: await dnsServer(() => at(PUBLIC, '127.0.0.3')), allow: ['127.0.0.2/31'] })
    expect(await send(`http://hook.test:${outside.port}/`)).toMatchObject({
      code: 'connect',
      message: expect.stringMatching(/^127\.0\.0\.[23]:\d+ refused the connection/) as string,
    })
  })
})

test('prepare looks a name up ahead, and what goes wrong with it waits for the request', async () => {
  const outside = await receiver(PUBLIC)
  let noteName: (name: string) => void = () => undefined
  const asked = new Promise<string>((resolve) => (noteName = resolve))
  const dns = await dnsServer(({ name }) => {
    noteName(name)
    return { addresses: [PUBLIC] }
  })
  const { prepare, send } = senderIn({ dns })
  for (const url of ['nonsense', 'http://127.0.0.1/', 'http://[::1]/']) prepare(url)
  prepare(`http://hook.test:${outside.port}/`)
  expect(await asked).toBe('hook.test')
  expect(await send(request(`http://hook.test:${outside.port}/`))).toMatchObject(delivered)
  expect(dns.questions.map(({ type }) => type).sort()).toEqual(['A', 'AAAA'])
})

describe('names and TLS', () => {
  const dns = (): Promise<DnsServer> => dnsServer(() => ({ addresses: [PUBLIC] }))

  test('the name is announced to the server, without a trailing dot', async () => {
    const announced: unknown[] = []
    const server = createServer(SERVER, (incoming, response) => {
      announced.push(incoming.socket instanceof TLSSocket && incoming.socket.servername)
      incoming.resume().on('end', () => response.end())
    })
    await new Promise<void>((resolve) => server.listen(0, PUBLIC, resolve))
    closers.push(() => new Promise((resolve) => server.close(() => resolve())))
    const { port } = server.address() as AddressInfo
    const send = sendTo({ dns: await dns() })
    expect(await send(`https://hook.test.:${port}/`)).toMatchObject(delivered)
    expect(announced).toEqual(['hook.test'])
  })

  test('the certificate must be for the name of the URL', async () => {
    const outside = await receiver(PUBLIC, SERVER)
    const send = sendTo({ dns: await dns() })
    expect(await send(`https://hook.test:${outside.port}/`)).toMatchObject(delivered)
    expect(await send(`https://hook.test.:${outside.port}/`)).toMatchObject(delivered)
    expect(await send(`https://other.test:${outside.port}/`)).toMatchObject({
      code: 'tls',
      message: 'TLS with other.test failed: its certificate is for another host name',
      bytesSent: false,
    })
    expect(await send(outside.url)).toMatchObject({ code: 'tls' })
  })
})
