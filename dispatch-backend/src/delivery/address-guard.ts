/**
 * Which addresses webhooks may go to: global unicast, and what the operator allows beyond it. Addresses are judged by
 * their bytes, never by their spelling. The connector asks for every address it is about to dial; asking earlier (when a
 * job is created) only gives an early answer, since names are judged when they have been resolved.
 */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { embeddedIpv4, type Ip, isGlobalUnicast, isNeverAnEndpoint, kindInWords } from './address-kind.js'

export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: string }

export interface AddressGuard {
  /** Judges an address in the spelling of sockets and DNS answers (dotted IPv4, or IPv6). */
  checkAddress(ip: string): Verdict
  /** Judges what shows without DNS: addresses in any form that `URL` normalises, and `localhost` names. Other names pass. */
  checkUrl(url: URL): Verdict
}

/** `true` = all, `false` = public ones only, a list = public ones and these CIDRs. */
export type AllowPrivate = boolean | readonly string[]

const ALLOWED: Verdict = { allowed: true }
const HOW = 'Set ALLOW_PRIVATE_WEBHOOKS to true, or to a list of CIDRs, to allow it.'

/**
 * A guard for one setting. An IPv6 address that carries an IPv4 one (mapped, NAT64, 6to4, …) passes when the carried
 * address is in an allowed CIDR, or when its own form is and the carried address is allowed in itself: allowing
 * `64:ff9b::/96` opens the way to public addresses behind NAT64, not to private ones.
 * Throws an `Error` in words when a CIDR is wrong.
 */
export function createAddressGuard(allowPrivate: AllowPrivate): AddressGuard {
  const ranges = Array.isArray(allowPrivate) ? allowPrivate.map(parseRange) : []

  function isAllowed(address: Ip): boolean {
    const inner = embeddedIpv4(address)
    if (isNeverAnEndpoint(address) || (inner && isNeverAnEndpoint(inner))) return false
    if (allowPrivate === true || isGlobalUnicast(address)) return true
    if (inner && ranges.some((range) => contains(range, inner))) return true
    return ranges.some((range) => contains(range, address)) && (!inner || isGlobalUnicast(inner))
  }

  function checkAddress(ip: string): Verdict {
    if (isIP(ip) === 0) return { allowed: false, reason: `${ip} is not an IP address` }
    const address = ipaddr.parse(ip)
    if (isAllowed(address)) return ALLOWED
    const words = `${ip} is ${kindInWords(address)}`
    return { allowed: false, reason: isNeverAnEndpoint(address) ? `${words}; no server has it.` : refusal(words) }
  }

  function checkUrl(url: URL): Verdict {
    const host = bareHost(url)
    if (host === '') return { allowed: false, reason: 'The URL has no host' }
    if (isIP(host) !== 0) return checkAddress(host)
    if (!isLocalhostName(host) || LOOPBACK.some((ip) => checkAddress(ip).allowed)) return ALLOWED
    return { allowed: false, reason: refusal(`${host} is this machine itself`) }
  }

  return { checkAddress, checkUrl }
}

/**
 * Reads the setting: empty, `false`, `0`, `no`, `off` = false; `true`, `1`, `yes`, `on` = true; else CIDRs (or single
 * addresses) separated by commas or spaces. Throws an `Error` that names the wrong one.
 */
export function parseAllowPrivate(text: string): boolean | string[] {
  const word = text.trim().toLowerCase()
  if (['', 'false', '0', 'no', 'off'].includes(word)) return false
  if (['true', '1', 'yes', 'on'].includes(word)) return true
  const cidrs = word.split(/[\s,]+/).filter((part) => part !== '')
  for (const cidr of cidrs) parseRange(cidr)
  return cidrs
}

/** Loopback addresses that `localhost` names stand for (RFC 6761), whatever DNS says. */
export const LOOPBACK: readonly string[] = ['127.0.0.1', '::1']

/** `host` without trailing dots. */
export function isLocalhostName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost')
}

/** The host of a URL as DNS and sockets want it: no brackets, no trailing dots. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.+$/, '')
}

function refusal(words: string): string {
  return `${words}; only public addresses are allowed. ${HOW}`
}

interface Range {
  readonly address: Ip
  readonly bits: number
}

function parseRange(cidr: string): Range {
  const [ip = '', bitsText, ...rest] = cidr.split('/')
  const most = isIP(ip) === 4 ? 32 : 128
  const bits = bitsText === undefined ? most : /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : Infinity
  if (isIP(ip) === 0 || ip.includes('%') || bits > most || rest.length > 0) {
    throw new Error(`"${cidr}" is not a CIDR; expected an address and a prefix length such as 10.0.0.0/8 or fd00::/8`)
  }
  return { address: ipaddr.parse(ip), bits }
}

function contains({ address, bits }: Range, candidate: Ip): boolean {
  return candidate.kind() === address.kind() && candidate.match(address, bits)
}
