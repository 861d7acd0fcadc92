import { BlockList } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AllowPrivate, createAddressGuard, parseAllowPrivate } from './address-guard.js'

const guard = createAddressGuard(false)
const allows = (ip: string, allowPrivate: AllowPrivate = false): boolean =>
  createAddressGuard(allowPrivate).checkAddress(ip).allowed
const allowsUrl = (url: string, allowPrivate: AllowPrivate = false): boolean =>
  createAddressGuard(allowPrivate).checkUrl(new URL(url)).allowed

/** IANA's special-purpose IPv4 blocks that no webhook may reach by default. */
const SPECIAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
] as const

/** Special blocks within 2000::/3; everything outside of it is refused as a whole. */
const SPECIAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'] as const

/** Node's own matcher, as an oracle that shares no code with ours. */
function blockList(cidrs: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [ip = '', bits] = cidr.split('/')
    list.addSubnet(ip, Number(bits), family)
  }
  return list
}
const specialV4 = blockList(SPECIAL_V4, 'ipv4')
const specialV6 = blockList(SPECIAL_V6, 'ipv6')
const globalV6 = blockList(['2000::/3'], 'ipv6')

const dotted = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')
const hex = (value: number, digits = 1): string => value.toString(16).padStart(digits, '0')
const groups = (value: number): string => `${hex(value >>> 16)}:${hex(value & 0xffff)}`

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff })
/** Any address, with each special block as likely as all the rest of the space. */
const v4 = fc.oneof(
  uint32,
  ...SPECIAL_V4.map((cidr) => {
    const [ip = '', bits] = cidr.split('/')
    const base = ip.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
    return fc.integer({ min: 0, max: 2 ** (32 - Number(bits)) - 1 }).map((offset) => base + offset)
  }),
)
const specialV4Values = v4.filter((value) => specialV4.check(dotted(value), 'ipv4'))

describe('addresses', () => {
  test('IPv4: exactly what is in no special block passes', () => {
    fc.assert(
      fc.property(v4, (value) => {
        expect(allows(dotted(value))).toBe(!specialV4.check(dotted(value), 'ipv4'))
      }),
      { numRuns: 2_000 },
    )
  })

  test.each(SPECIAL_V4)('both ends of %s are refused', (cidr) => {
    const [ip = '', bits] = cidr.split('/')
    const first = ip.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
    expect(allows(ip)).toBe(false)
    expect(allows(dotted(first + 2 ** (32 - Number(bits)) - 1))).toBe(false)
  })

  const v6 = fc.oneof(
    fc.ipV6(),
    fc
      .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 7, maxLength: 7 })
      .chain((tail) =>
        fc
          .constantFrom('2000', '2001', '2002', '2a00', '2606', '2620', '3fff', '3ffe', 'fc00', 'fe80', 'ff02', '64')
          .map((head) => [head, ...tail.map((part) => hex(part))].join(':')),
      ),
  )

  test('IPv6: exactly 2000::/3 without its special blocks passes', () => {
    fc.assert(
      fc.property(v6, (ip) => {
        expect(allows(ip)).toBe(globalV6.check(ip, 'ipv6') && !specialV6.check(ip, 'ipv6'))
      }),
      { numRuns: 2_000 },
    )
  })

  test('every IPv6 form of any IPv4 address is refused', () => {
    const forms = [
      (value: number) => `::ffff:${dotted(value)}`,
      (value: number) => `::ffff:${groups(value)}`,
      (value: number) => `0:0:0:0:0:FFFF:${groups(value).toUpperCase()}`,
      (value: number) => `::ffff:0:${groups(value)}`,
      (value: number) => `::${groups(value)}`,
      (value: number) => `64:ff9b::${groups(value)}`,
      (value: number) => `64:ff9b:1:fffe::${groups(value)}`,
      (value: number) => `2002:${groups(value)}::1`,
      (value: number) => `2001:0:1234::${groups(~value >>> 0)}`,
    ]
    fc.assert(
      fc.property(v4, fc.constantFrom(...forms), (value, form) => {
        expect(allows(form(value))).toBe(false)
        expect(allowsUrl(`http://[${form(value)}]/`)).toBe(false)
      }),
      { numRuns: 1_000 },
    )
  })

  test.each([
    ['127.0.0.1', 'a loopback address'],
    ['10.1.2.3', 'a private address'],
    ['169.254.169.254', 'a link-local address'],
    ['100.64.0.1', 'a carrier-grade NAT address'],
    ['::1', 'a loopback address'],
    ['fd00::1', 'a private (unique local) address'],
    ['fe80::1', 'a link-local address'],
    ['::ffff:7f00:1', 'an IPv6 form (IPv4-mapped) of 127.0.0.1'],
    ['64:ff9b::7f00:1', 'an IPv6 form (NAT64) of 127.0.0.1'],
    ['2002:7f00:1::', 'an IPv6 form (6to4) of 127.0.0.1'],
    ['2001:db8::1', 'a reserved address'],
  ])('%s is refused as %s, and the words name the setting', (ip, words) => {
    const verdict = guard.checkAddress(ip)
    expect(verdict).toMatchObject({ allowed: false })
    expect(verdict).toHaveProperty('reason', expect.stringContaining(`${ip} is ${words}; only public addresses`))
    expect(verdict).toHaveProperty('reason', expect.stringContaining('ALLOW_PRIVATE_WEBHOOKS'))
  })

  test.each(['', 'example.com', '1', '010.0.0.1', '0x7f.1', '8.8.8.8.', '[::1]', '1.2.3.4/8'])(
    '"%s" is no address in the form that sockets use',
    (ip) => expect(allows(ip, true)).toBe(false),
  )

  test('an address with a zone is never public', () => expect(allows('2606:4700::1%eth0')).toBe(false))
})

describe('URLs', () => {
  /** The spellings that URL parsers accept for one IPv4 address. */
  const spellings = [
    (value: number) => String(value),
    (value: number) => `0x${hex(value)}`,
    (value: number) => `0X${hex(value).toUpperCase()}`,
    (value: number) => `0${value.toString(8)}`,
    (value: number) => dotted(value),
    (value: number) => `${dotted(value)}.`,
    (value: number) => `${value >>> 24}.${value & 0xff_ffff}`,
    (value: number) => `${value >>> 24}.${(value >>> 16) & 255}.${value & 0xffff}`,
    (value: number) => [24, 16, 8, 0].map((shift) => `0x${hex((value >>> shift) & 255)}`).join('.'),
    (value: number) => [24, 16, 8, 0].map((shift) => `000${((value >>> shift) & 255).toString(8)}`).join('.'),
    (value: number) => dotted(value).replaceAll('.', '。'),
    (value: number) => dotted(value).replace(/\d/, (digit) => String.fromCharCode(0xff10 + Number(digit))),
    (value: number) => encodeURIComponent(dotted(value)).replace('.', '%2e'),
  ]

  test('every spelling of a special IPv4 address is refused', () => {
    fc.assert(
      fc.property(specialV4Values, fc.constantFrom(...spellings), fc.boolean(), (value, spell, secure) => {
        expect(allowsUrl(`${secure ? 'https' : 'http'}://${spell(value)}:8080/hook`)).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })

  test.each(['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', 'a.b.localhost.', '%6cocalhost'])(
    '%s is this machine',
    (host) => {
      expect(allowsUrl(`http://${host}:3000/`)).toBe(false)
      expect(allowsUrl(`http://${host}:3000/`, ['10.0.0.0/8'])).toBe(false)
      expect(allowsUrl(`http://${host}:3000/`, ['127.0.0.1'])).toBe(true)
      expect(allowsUrl(`http://${host}:3000/`, ['::1/128'])).toBe(true)
      expect(allowsUrl(`http://${host}:3000/`, true)).toBe(true)
    },
  )

  test.each(['http://example.com', 'https://localhost.example.com/', 'http://notlocalhost/', 'http://8.8.8.8/'])(
    '%s passes; names are judged when they are resolved',
    (url) => expect(guard.checkUrl(new URL(url))).toEqual({ allowed: true }),
  )

  test('a URL without a host is refused', () => expect(allowsUrl('file:///etc/passwd')).toBe(false))
})

describe('the setting', () => {
  test('true allows all that a server can have', () => {
    for (const ip of ['127.0.0.1', '10.0.0.1', '::1', 'fd00::1', '::ffff:127.0.0.1', '169.254.169.254']) {
      expect(allows(ip, true)).toBe(true)
    }
    for (const ip of ['0.0.0.0', '0.1.2.3', '::', '255.255.255.255', '224.0.0.1', 'ff02::1', '::ffff:0.0.0.0']) {
      expect(allows(ip, true)).toBe(false)
    }
  })

  test('a list allows exactly its ranges beyond the public ones', () => {
    const cidrs = ['10.0.0.0/8', 'fd00::/8']
    const listed = blockList(['10.0.0.0/8'], 'ipv4')
    fc.assert(
      fc.property(v4, (value) => {
        const ip = dotted(value)
        expect(allows(ip, cidrs)).toBe(!specialV4.check(ip, 'ipv4') || listed.check(ip, 'ipv4'))
        expect(allows(`::ffff:${ip}`, cidrs)).toBe(listed.check(ip, 'ipv4'))
        expect(allows(`64:ff9b::${groups(value)}`, cidrs)).toBe(listed.check(ip, 'ipv4'))
      }),
    )
    expect(allows('fd12::1', cidrs)).toBe(true)
    expect(allows('fc12::1', cidrs)).toBe(false)
  })

  test('allowing NAT64 opens the way to public addresses behind it, not to private ones', () => {
    expect(allows('64:ff9b::808:808', ['64:ff9b::/96'])).toBe(true)
    expect(allows('64:ff9b::7f00:1', ['64:ff9b::/96'])).toBe(false)
    expect(allows('64:ff9b::7f00:1', ['64:ff9b::/96', '127.0.0.0/8'])).toBe(true)
    expect(allows('::ffff:10.0.0.1', ['::/0'])).toBe(false)
  })

  test.each([
    ['', false],
    [' false ', false],
    ['0', false],
    ['TRUE', true],
    ['1', true],
    ['10.0.0.0/8', ['10.0.0.0/8']],
    [' 10.0.0.0/8, fd00::/8 192.168.1.7 ', ['10.0.0.0/8', 'fd00::/8', '192.168.1.7']],
  ])('"%s" reads as %j', (text, expected) => expect(parseAllowPrivate(text)).toEqual(expected))

  test.each([
    'yess',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0.0/',
    '10.0.0/8',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    'fe80::%a/10',
  ])('"%s" is refused in words', (text) => {
    expect(() => parseAllowPrivate(text)).toThrow('is not a CIDR; expected an address and a prefix length')
    expect(() => createAddressGuard([text])).toThrow('is not a CIDR')
  })
})
