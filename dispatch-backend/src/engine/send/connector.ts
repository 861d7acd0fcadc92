/**
 * Opens a socket to the endpoint of a URL, and is the one place where addresses are judged at the moment they are used:
 *
 *   host -> literal: judged as it is; name: resolved once, refused addresses left out (none left = refused)
 *        -> dial only those addresses -> judge the address the socket really has -> TLS
 *
 * Nothing resolves the name again in between, so an answer that changes cannot smuggle another address in.
 */
import type { Socket } from 'node:net'
import { isIP } from 'node:net'
import type { Clock } from '../../clock.js'
import { type AddressGuard, bareHost } from '../../delivery/address-guard.js'
import type { Cut } from './cut.js'
import { dial } from './dial.js'
import { SendFailure } from './failure.js'
import type { Resolver } from './resolver.js'
import type { Secure } from './secure.js'

export interface ConnectorOptions {
  readonly clock: Clock
  readonly guard: AddressGuard
  readonly resolver: Resolver
  readonly secure: Secure
}

/** Rejects with a `SendFailure` of code `address`, `dns`, `connect` or `tls`, or with the cut's reason. */
export type Connect = (url: URL, cut: Cut) => Promise<Socket>

export function createConnector({ clock, guard, resolver, secure }: ConnectorOptions): Connect {
  async function vettedAddresses(host: string, cut: Cut): Promise<readonly string[]> {
    if (isIP(host) !== 0) return [host]
    const resolved = await unlessCut(resolver.resolve(host), cut)
    const allowed = resolved.filter((ip) => guard.checkAddress(ip).allowed)
    if (allowed.length > 0) return allowed
    const verdict = guard.checkAddress(resolved[0] ?? '')
    throw refused(verdict.allowed ? host : `${host} resolves to an address that is not allowed: ${verdict.reason}`)
  }

  return async (url, cut) => {
    const early = guard.checkUrl(url)
    if (!early.allowed) throw refused(early.reason)
    const isTls = url.protocol === 'https:'
    const host = bareHost(url)
    const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port)
    const addresses = await vettedAddresses(host, cut)
    const socket = await dial({ clock, addresses, port, cut })
    const late = guard.checkAddress(socket.remoteAddress ?? '')
    if (!late.allowed) {
      socket.destroy()
      throw refused(late.reason)
    }
    return isTls ? secure({ socket, host, port, cut }) : socket
  }
}

function refused(reason: string): SendFailure {
  return new SendFailure('address', `Not sent: ${reason}`)
}

/** The promise, or a rejection with the cut's reason if that comes first. */
function unlessCut<Value>(promise: Promise<Value>, cut: Cut): Promise<Value> {
  return new Promise((resolve, reject) => {
    const leave = cut.onCut(reject)
    promise.then(resolve, reject).finally(leave)
  })
}
