/**
 * Opens TCP to the first of several addresses that answers (RFC 8305 in short): they are tried in order, the next one when
 * the one before has failed or has been silent for a moment; the first that connects wins and the others are dropped.
 */
import { connect, isIPv4, type Socket } from 'node:net'
import type { Clock, Timer } from '../../clock.js'
import type { Cut } from './cut.js'
import { connectFailure, type SendFailure } from './failure.js'

/** RFC 8305 §5 recommends 250 ms. */
const STAGGER_MS = 250
/** A name with hundreds of addresses must not cost hundreds of sockets. */
const MAX_ADDRESSES = 6

export interface DialRequest {
  readonly clock: Clock
  /** Vetted IP addresses; at least one. */
  readonly addresses: readonly string[]
  readonly port: number
  /** Gives up; the promise then rejects with its reason. */
  readonly cut: Cut
}

/** Rejects with a `SendFailure` of code `connect` (the first address's) or with the cut's reason. */
export function dial({ clock, addresses, port, cut }: DialRequest): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const queue = inTurns(addresses).slice(0, MAX_ADDRESSES)
    const open = new Set<Socket>()
    let stagger: Timer | undefined
    let firstFailure: SendFailure | undefined

    function tryNext(): void {
      stagger?.cancel()
      const ip = queue.shift()
      if (ip === undefined) {
        if (open.size === 0 && firstFailure) end(() => reject(firstFailure!))
        return
      }
      const socket = connect({ host: ip, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 })
      open.add(socket)
      socket.once('connect', () => {
        open.delete(socket)
        end(() => resolve(socket))
      })
      // It stays on the winner: between two owners an error must not be unhandled.
      socket.on('error', (error) => {
        if (!open.delete(socket)) return
        firstFailure ??= connectFailure(isIPv4(ip) ? `${ip}:${port}` : `[${ip}]:${port}`, error)
        tryNext()
      })
      if (queue.length > 0) stagger = clock.setTimer(STAGGER_MS, tryNext)
    }

    function end(settle: () => void): void {
      stagger?.cancel()
      leave()
      for (const socket of open) socket.destroy()
      open.clear()
      settle()
    }

    if (cut.reason) {
      reject(cut.reason)
      return
    }
    const leave = cut.onCut((reason) => end(() => reject(reason)))
    tryNext()
  })
}

/**
 * IPv4 and IPv6 in turns, IPv4 first: against the RFC, because containers often have IPv6 addresses but no IPv6 route, and
 * a webhook would be late by the stagger.
 */
function inTurns(addresses: readonly string[]): string[] {
  const v4 = addresses.filter((ip) => isIPv4(ip))
  const v6 = addresses.filter((ip) => !isIPv4(ip))
  const turns: string[] = []
  for (let i = 0; i < Math.max(v4.length, v6.length); i += 1) {
    for (const ip of [v4[i], v6[i]]) if (ip !== undefined) turns.push(ip)
  }
  return turns
}
