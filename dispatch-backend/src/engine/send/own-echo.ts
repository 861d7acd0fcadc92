/**
 * Deliveries to this server's own echo, by a dispatcher of their own: its connections lead to our listener and nowhere
 * else, and are kept apart from all others, so that none is ever used for another URL of the same origin. It judges no
 * address, since it takes none from the URL.
 */
import { connect as open, type Socket } from 'node:net'
import type { Clock } from '../../clock.js'
import { dialTarget, ECHO_PATH, isEchoOf, type ListenAddress, ownOrigins } from '../../delivery/own-echo.js'
import { createSenderOver, type Sender } from '../send.js'
import type { Connect } from './connector.js'
import { connectFailure, SendFailure } from './failure.js'

/** Idle connections to ourselves; a job that finds none opens one, within a fraction of a millisecond. */
const MAX_IDLE_SOCKETS = 16

/** What every echo's URL holds in its text, whatever else is in it: others need not be parsed. */
const MARK = ECHO_PATH.split('/').at(-2)!

export interface OwnEchoOptions {
  readonly clock: Clock
  /** Where this server is reached, an http or https URL. */
  readonly publicUrl: () => string
  /** Our own listener; null while there is none. */
  readonly listening: () => ListenAddress | null
}

export interface OwnEcho {
  /** Accepting a job and delivering it both ask this. */
  readonly owns: (url: URL) => boolean
  /** `others` for all but our own echo. */
  readonly around: (others: Sender) => Sender
}

export function createOwnEcho({ clock, publicUrl, listening }: OwnEchoOptions): OwnEcho {
  const owns = (url: URL): boolean => isEchoOf(url, () => ownOrigins(publicUrl(), listening()))
  const ownsText = (url: string): boolean => url.includes(`${MARK}/`) && URL.canParse(url) && owns(new URL(url))

  function around(others: Sender): Sender {
    const own = createSenderOver(connectTo(listening), () => undefined, { clock, maxIdleSockets: MAX_IDLE_SOCKETS })
    const senderOf = (url: string): Sender => (ownsText(url) ? own : others)
    return {
      send: (request) => senderOf(request.url).send(request),
      prepare: (url) => senderOf(url).prepare(url),
      async close() {
        await Promise.all([own.close(), others.close()])
      },
    }
  }

  return { owns, around }
}

/** To the listener, whatever the URL says: TLS, if there is any, ends before us. */
function connectTo(listening: OwnEchoOptions['listening']): Connect {
  return (_url, cut) =>
    new Promise<Socket>((resolve, reject) => {
      const address = listening()
      if (address === null) {
        reject(new SendFailure('connect', "This server's own echo is not up: it is starting or stopping"))
        return
      }
      const socket = open({ ...dialTarget(address), noDelay: true })
      const leave = cut.onCut((reason) => {
        socket.destroy()
        reject(reason)
      })
      socket.once('connect', () => {
        leave()
        resolve(socket)
      })
      // It stays: between two owners an error must not be unhandled. A promise can be settled only once.
      socket.on('error', (error) => {
        leave()
        reject(connectFailure("This server's own echo", error))
      })
    })
}
