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

/** Rejects with a `SendFailure` of code `address`, `dns`, `connect` or `tls`, or with the signal's reason. */
export type Connect = (url: URL, signal: AbortSignal) => Promise<Socket>

export function createConnector({ clock, guard, resolver, secure }: ConnectorOptions): Connect {
  async function vettedAddresses(host: string, signal: AbortSignal): Promise<readonly string[]> {
    if (isIP(host) !== 0) return [host]
    const resolved = await unlessAborted(resolver.resolve(host), signal)
    const allowed = resolved.filter((ip) => guard.checkAddress(ip).allowed)
    if (allowed.length > 0) return allowed
    const verdict = guard.checkAddress(resolved[0] ?? '')
    throw refused(verdict.allowed ? host : `${host} resolves to an address that is not allowed: ${verdict.reason}`)
  }

  return async (url, signal) => {
    const early = guard.checkUrl(url)
    if (!early.allowed) throw refused(early.reason)
    const isTls = url.protocol === 'https:'
    const host = bareHost(url)
    const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port)
    const addresses = await vettedAddresses(host, signal)
    const socket = await dial({ clock, addresses, port, signal })
    const late = guard.checkAddress(socket.remoteAddress ?? '')
    if (!late.allowed) {
      socket.destroy()
      throw refused(late.reason)
    }
    return isTls ? secure({ socket, host, port, signal }) : socket
  }
}

function refused(reason: string): SendFailure {
  return new SendFailure('address', `Not sent: ${reason}`)
}

/** The promise, or a rejection with the signal's reason if that comes first. */
function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason as SendFailure)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
