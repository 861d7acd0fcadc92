/** Who is calling, judged by address. */
import type { FastifyRequest } from 'fastify'
import ipaddr from 'ipaddr.js'

const FORWARDING_HEADERS = ['forwarded', 'x-forwarded-for', 'x-real-ip'] as const

/** What rate limits count by: an IPv4 address, or the /64 that one IPv6 host can pick addresses from at will. */
export function limitKey(ip: string): string {
  if (!ipaddr.isValid(ip)) return ip
  const address = ipaddr.process(ip)
  if (address.kind() === 'ipv4') return address.toString()
  const network = address.toByteArray().slice(0, 8)
  return `${Buffer.from(network).toString('hex')}/64`
}

/**
 * Whether the request comes from this machine: the socket's address and, behind a trusted proxy, the client's. Headers
 * that a proxy adds while none is trusted mean that the client is unknown, so not here. The Host header is asked too: a
 * web page elsewhere can make a browser on this machine call us under a name of its own.
 */
export function isLocalCaller(request: FastifyRequest, trustsProxy: boolean): boolean {
  const socketAddress = request.raw.socket.remoteAddress ?? ''
  if (!isLoopback(socketAddress) || !isLoopback(request.ip) || !isLocalHost(request.headers.host ?? '')) return false
  return trustsProxy || FORWARDING_HEADERS.every((name) => request.headers[name] === undefined)
}

function isLoopback(ip: string): boolean {
  return ipaddr.isValid(ip) && ipaddr.process(ip).range() === 'loopback'
}

function isLocalHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  return name === 'localhost' || isLoopback(name.replace(/^\[(.*)\]$/, '$1'))
}
