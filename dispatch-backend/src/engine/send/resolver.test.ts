import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../../clock.js'
import { parseHosts } from './hosts-file.js'
import { createResolver, type Resolver } from './resolver.js'
import { type DnsServer, startDnsServer } from './testing/dns-server.js'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function dnsServer(answer: Parameters<typeof startDnsServer>[0]): Promise<DnsServer> {
  const started = await startDnsServer(answer)
  closers.push(() => started.close())
  return started
}

/** A clock that the test alone moves on. */
function movableClock(): Clock & { move(ms: number): void } {
  let nowMs = 1_000
  return {
    ...systemClock,
    wallMs: () => nowMs,
    monotonicMs: () => nowMs,
    move(ms) {
      nowMs += ms
    },
  }
}

/** A clock with timers that wait for whatever may still come. */
const patientClock: Clock = {
  ...systemClock,
  setTimer: (delayMs, run, options) => systemClock.setTimer(100 * delayMs, run, options),
}

/** A clock whose long timers are short: what waits for seconds is over at once. */
const hurriedClock: Clock = {
  ...systemClock,
  setTimer: (delayMs, run, options) => systemClock.setTimer(Math.min(delayMs, 20), run, options),
}

const resolverOf = (dns: DnsServer, clock: Clock = systemClock, hostsPath = '/nonexistent'): Resolver =>
  createResolver({ clock, dnsServers: [dns.address], hostsPath })

const countOf = (dns: DnsServer): number => dns.questions.filter(({ type }) => type === 'A').length

describe('answers', () => {
  test('hold both families, IPv4 first', async () => {
    const dns = await dnsServer(() => ({ addresses: ['2001:db8::1', '192.0.2.1', '192.0.2.2'] }))
    const { resolve } = resolverOf(dns, patientClock)
    expect(await resolve('a.test')).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::1'])
  })

  test('are shared by all who ask at the same time, whatever the case of the name', async () => {
    const dns = await dnsServer(() => ({ addresses: ['192.0.2.1'], ttlSeconds: 0 }))
    const { resolve } = resolverOf(dns)
    await Promise.all(['a.test', 'A.test', 'a.TEST'].map((name) => resolve(name)))
    expect(countOf(dns)).toBe(1)
  })

  test.each([
    ['for their TTL', 10, 10_000],
    ['for 30 s at the most', 3_600, 30_000],
  ])('are kept %s', async (_, ttlSeconds, keptMs) => {
    const dns = await dnsServer(() => ({ addresses: ['192.0.2.1'], ttlSeconds }))
    const clock = movableClock()
    const { resolve } = resolverOf(dns, clock)
    await resolve('a.test')
    clock.move(keptMs - 1)
    await resolve('a.test')
    expect(countOf(dns)).toBe(1)
    clock.move(1)
    await resolve('a.test')
    expect(countOf(dns)).toBe(2)
  })

  test('with a TTL of 0 are not kept', async () => {
    const dns = await dnsServer((_, index) => ({ addresses: [`192.0.2.${index}`], ttlSeconds: 0 }))
    const { resolve } = resolverOf(dns)
    expect([await resolve('a.test'), await resolve('a.test')]).toEqual([['192.0.2.0'], ['192.0.2.1']])
  })

  test('that are failures are kept a second', async () => {
    const dns = await dnsServer((_, index) => (index === 0 ? 'NXDOMAIN' : { addresses: ['192.0.2.1'] }))
    const clock = movableClock()
    const { resolve } = resolverOf(dns, clock)
    await expect(resolve('a.test')).rejects.toThrow('does not exist')
    await expect(resolve('a.test')).rejects.toThrow('does not exist')
    clock.move(1_000)
    expect(await resolve('a.test')).toEqual(['192.0.2.1'])
  })

  test('that never come end at the cap', async () => {
    const dns = await dnsServer(() => 'silent')
    const { resolve } = resolverOf(dns, hurriedClock)
    await expect(resolve('a.test')).rejects.toMatchObject({
      code: 'dns',
      message: expect.stringContaining('in time') as string,
    })
  })
})

describe('the hosts file', () => {
  async function hostsFile(text: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'dispatch-hosts-'))
    closers.push(() => rm(folder, { recursive: true }))
    const path = join(folder, 'hosts')
    await writeFile(path, text)
    return path
  }

  test('wins over DNS, and is read again when it has changed', async () => {
    const dns = await dnsServer(() => ({ addresses: ['192.0.2.1'] }))
    const path = await hostsFile('192.0.2.7 a.test\n')
    const clock = movableClock()
    const { resolve } = resolverOf(dns, clock, path)
    expect(await resolve('a.test')).toEqual(['192.0.2.7'])
    await writeFile(path, '# moved\n192.0.2.88 b.test a.test\n')
    clock.move(1_000)
    expect(await resolve('a.test')).toEqual(['192.0.2.88'])
    await rm(path)
    clock.move(1_000)
    expect(await resolve('a.test')).toEqual(['192.0.2.1'])
  })

  test('is parsed as the system does', () => {
    const names = parseHosts('127.0.0.1\tlocalhost  Box.\n::1 localhost # six\n#1.1.1.1 no\n\nnonsense x\n1.2.3 y\r\n')
    expect(Object.fromEntries(names)).toEqual({ localhost: ['127.0.0.1', '::1'], box: ['127.0.0.1'] })
  })

  test('localhost names are loopback without it, and DNS is not asked', async () => {
    const dns = await dnsServer(() => ({ addresses: ['192.0.2.1'] }))
    const { resolve } = resolverOf(dns)
    expect(await resolve('localhost')).toEqual(['127.0.0.1', '::1'])
    expect(await resolve('a.localhost')).toEqual(['127.0.0.1', '::1'])
    expect(dns.questions).toHaveLength(0)
  })
})
