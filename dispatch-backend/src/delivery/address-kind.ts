/** What an IP address is, by the special-purpose registries of IANA. */
import ipaddr from 'ipaddr.js'

export type Ip = ipaddr.IPv4 | ipaddr.IPv6

/** Everything that is handed out as public IPv6 lies here; new special ranges are always carved out elsewhere. */
const GLOBAL_IPV6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3]

/** An ordinary address of the public Internet; forms that only carry another address are not. */
export function isGlobalUnicast(address: Ip): boolean {
  if (address.range() !== 'unicast') return false
  return address instanceof ipaddr.IPv4 || (address.match(GLOBAL_IPV6) && address.zoneId === undefined)
}

/** No server can have it, whatever is allowed: "this host", broadcast, multicast. */
export function isNeverAnEndpoint(address: Ip): boolean {
  return NEVER.has(address.range())
}

const NEVER: ReadonlySet<string> = new Set(['unspecified', 'broadcast', 'multicast'])

interface Carrier {
  readonly prefix: [ipaddr.IPv6, number]
  /** Position of the first byte of the carried IPv4 address. */
  readonly at: number
  readonly words: string
  /** The address is stored with all bits flipped. */
  readonly flipped?: true
}

const carrier = (cidr: string, at: number, words: string): Carrier => ({
  prefix: ipaddr.IPv6.parseCIDR(cidr),
  at,
  words,
})

/** Ranges of IPv6 whose packets end at an IPv4 address written inside them. */
const CARRIERS: readonly Carrier[] = [
  carrier('::ffff:0:0/96', 12, 'IPv4-mapped'),
  carrier('::ffff:0:0:0/96', 12, 'IPv4-translated'),
  carrier('::/96', 12, 'IPv4-compatible'),
  carrier('64:ff9b::/96', 12, 'NAT64'),
  carrier('64:ff9b:1::/48', 12, 'local NAT64'),
  carrier('2002::/16', 2, '6to4'),
  { ...carrier('2001::/32', 12, 'Teredo'), flipped: true },
]

function carrierOf(address: Ip): Carrier | undefined {
  if (address instanceof ipaddr.IPv4 || address.range() === 'unspecified' || address.range() === 'loopback')
    return undefined
  return CARRIERS.find(({ prefix }) => address.match(prefix))
}

/** The IPv4 address inside an IPv6 one, if it carries one. */
export function embeddedIpv4(address: Ip): ipaddr.IPv4 | undefined {
  const found = carrierOf(address)
  if (!found) return undefined
  const octets = address.toByteArray().slice(found.at, found.at + 4)
  return new ipaddr.IPv4(found.flipped ? octets.map((octet) => octet ^ 0xff) : octets)
}

/** `a loopback address`; for a carrier: `an IPv6 form (NAT64) of 127.0.0.1`. */
export function kindInWords(address: Ip): string {
  const inner = embeddedIpv4(address)
  if (inner) return `an IPv6 form (${carrierOf(address)!.words}) of ${inner.toString()}`
  return WORDS[address.range()] ?? 'a reserved address'
}

const WORDS: Readonly<Record<string, string>> = {
  unspecified: 'the unspecified address',
  broadcast: 'the broadcast address',
  multicast: 'a multicast address',
  loopback: 'a loopback address',
  linkLocal: 'a link-local address',
  private: 'a private address',
  uniqueLocal: 'a private (unique local) address',
  carrierGradeNat: 'a carrier-grade NAT address',
}
