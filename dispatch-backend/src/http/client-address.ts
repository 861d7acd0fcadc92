/** Who is calling, judged by address. */
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import ipaddr from 'ipaddr.js'

/** Headers that only proxies add. */
const PROXY_HEADER =
  /^(forwarded|via|x-forwarded(-.*)?|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cdn-loop|cf-.*)$/

/** Stands for whatever else is in `X-Forwarded-For`: who writes it there does not get a limit of their own. */
const NO_ADDRESS = '0.0.0.0'
/** Of the columns that hold one. Only the zone of an IPv6 address could be longer. */
const MAX_LENGTH = 64

/** The caller's address, for people to see; null when a proxy passes on something that is none. */
export function clientAddress(request: FastifyRequest): string | null {
  return readAddress(request.ip)
}

/** Some proxies (Azure's) add the port: `192.0.2.7:50123`, `[2001:db8::7]:50123`. */
function readAddress(text: string): string | null {
  const bare = text.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1').replace(/^\[([^\]]*)\](:\d+)?$/, '$1')
  // ipaddr.js alone takes a bare number for an address, and Node zones that ipaddr.js does not know.
  return isIP(bare) !== 0 && ipaddr.isValid(bare) && bare.length <= MAX_LENGTH ? bare : null
}

/** What rate limits count by: an IPv4 address, or the /64 that one IPv6 host can pick addresses from at will. */
export function limitKey(ip: string): string {
  const address = ipaddr.process(readAddress(ip) ?? NO_ADDRESS)
  if (address.kind() === 'ipv4') return address.toString()
  const network = address.toByteArray().slice(0, 8)
  return `${Buffer.from(network).toString('hex')}/64`
}

/**
 * Whether the request was made on this machine. That a proxy here passes on what others sent must not look like it, so
 * whatever shows a proxy counts as elsewhere: its headers, and HTTP/1.0, which nginx speaks (without any such header)
 * unless it is told otherwise. Host and Origin are asked too: a page elsewhere can make a browser on this machine call us.
 */
export function isLocalCaller({ raw }: FastifyRequest): boolean {
  const { headers, httpVersion } = raw
  if (!isLoopback(raw.socket.remoteAddress ?? '') || httpVersion !== '1.1') return false
  if (Object.keys(headers).some((name) => PROXY_HEADER.test(name))) return false
  const hosts = raw.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host')
  return hosts.length === 1 && isLocalHost(headers.host ?? '') && isLocalOrigin(headers.origin)
}

export function isLoopback(ip: string): boolean {
  return ipaddr.isValid(ip) && ipaddr.process(ip).range() === 'loopback'
}

/** Programs send none; a browser tells the page's. */
function isLocalOrigin(origin: string | undefined): boolean {
  return origin === undefined || (URL.canParse(origin) && isLocalHost(new URL(origin).host))
}

function isLocalHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  return name === 'localhost' || isLoopback(name.replace(/^\[(.*)\]$/, '$1'))
}
