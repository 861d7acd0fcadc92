/** Where a server listens, and how it ends to. */
import type { FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'
import type { Clock } from './clock.js'

/** A place to listen on, and the settings that name it. */
export interface Place {
  readonly host: string
  /** Null where nothing was asked to listen. */
  readonly port: number | null
  readonly hostName: string
  readonly portName: string
}

/** Listens on HOST and PORT. Rejects with words that say what to do. */
export async function listen(app: FastifyInstance, { host, port }: { host: string; port: number }): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw cannotListen(error, { host, port, hostName: 'HOST', portName: 'PORT' })
  }
}

/** In words that say what to do. */
export function cannotListen(cause: unknown, { host, port, hostName, portName }: Place): Error {
  return new Error(adviceOn(cause, `${host}:${port}`, portName, hostName), { cause })
}

function adviceOn(error: unknown, where: string, portName: string, hostName: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE')
    return `${where} is in use already, perhaps by another Dispatch. Set ${portName} to a free one.`
  if (code === 'EACCES') return `this user may not listen on ${where}. Set ${portName} to one above 1023.`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${where} is no address of this machine. Check ${hostName}.`
  return `cannot listen on ${where}: ${String(error)}`
}

/** For a browser on this machine. */
export function listeningUrl(app: FastifyInstance, host: string): string {
  // A TCP server that listens always has an address of this form.
  return urlAt(host, (app.server.address() as AddressInfo).port)
}

export function urlAt(host: string, port: number): string {
  const name = host === '127.0.0.1' || host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

/** A client that never ends its request must not hold up a stop. */
export async function closeWithin(limitMs: number, app: FastifyInstance, clock: Clock): Promise<void> {
  const waiting = new AbortController()
  await Promise.race([app.close(), clock.sleep(limitMs, waiting.signal)])
  waiting.abort()
}
