/** TLS over an open socket: SNI, HTTP/1.1 only, certificates always checked, sessions resumed. */
import type { Socket } from 'node:net'
import { isIP } from 'node:net'
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import type { Cut } from './cut.js'
import { type SendFailure, tlsFailure } from './failure.js'

/** Kept session tickets, each for one host and port; they save a round trip and most of the handshake's work. */
const MAX_SESSIONS = 512

export interface SecureRequest {
  readonly socket: Socket
  /** Without brackets and trailing dots; the certificate must be for it. */
  readonly host: string
  readonly port: number
  readonly cut: Cut
}

/** Rejects with a `SendFailure` of code `tls` or with the cut's reason; the socket is then destroyed. */
export type Secure = (request: SecureRequest) => Promise<TLSSocket>

/** `ca`: trusted authorities (PEM) instead of the built-in ones. */
export function createSecure(ca?: string): Secure {
  /** Reading the root certificates is slow, so all connections share one context, made with the first. */
  let context: SecureContext | undefined
  const sessions = new Map<string, Buffer>()

  function keepSession(key: string, session: Buffer): void {
    sessions.delete(key)
    sessions.set(key, session)
    if (sessions.size > MAX_SESSIONS) sessions.delete(sessions.keys().next().value!)
  }

  return ({ socket, host, port, cut }) =>
    new Promise((resolve, reject) => {
      if (cut.reason) {
        socket.destroy()
        reject(cut.reason)
        return
      }
      const key = `${host}:${port}`
      const session = sessions.get(key)
      context ??= createSecureContext(ca === undefined ? {} : { ca })
      const tls = connect({
        socket,
        // The name that the certificate is checked against; SNI must not carry an address.
        host,
        ...(isIP(host) === 0 && { servername: host }),
        ALPNProtocols: ['http/1.1'],
        secureContext: context,
        // Explicit, so that NODE_TLS_REJECT_UNAUTHORIZED cannot switch the check off.
        rejectUnauthorized: true,
        ...(session && { session }),
      })

      function end(): void {
        tls.off('secureConnect', succeed).off('close', fail)
        leave()
      }
      function succeed(): void {
        end()
        resolve(tls)
      }
      function fail(error?: unknown): void {
        end()
        tls.destroy()
        reject(tlsFailure(host, error instanceof Error ? error : { code: 'ECONNRESET' }))
      }
      function giveUp(reason: SendFailure): void {
        end()
        tls.destroy()
        reject(reason)
      }

      tls.on('session', (fresh) => keepSession(key, fresh))
      tls.once('secureConnect', succeed)
      // It stays: between two owners an error must not be unhandled. A promise can be settled only once.
      tls.on('error', fail)
      tls.once('close', fail)
      const leave = cut.onCut(giveUp)
    })
}
