/** The endpoints of the webhooks: answers everything with 200 and remembers what came when. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { headerOf, HttpMessages } from '../http-messages.js'
import { serveVerbs } from '../process.js'

const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"ok":true}'

let ids: string[] = []
let times: number[] = []
let distinct = new Set<string>()
let watcher: (() => void) | undefined

function answer(socket: Socket): void {
  socket.setNoDelay(true)
  // A sender that goes away is nothing to report here: what did not arrive is counted as lost.
  socket.on('error', () => socket.destroy())
  const messages = new HttpMessages(({ head }) => {
    const id = headerOf(head, 'webhook-id') ?? ''
    ids.push(id)
    times.push(Date.now())
    distinct.add(id)
    socket.write(OK)
    watcher?.()
  })
  socket.on('data', (chunk: Buffer) => messages.feed(chunk))
}

const verbs = {
  /** Opens so many ports on loopback: each is an endpoint of its own. */
  async listen(count: number): Promise<number[]> {
    const ports: number[] = []
    for (let index = 0; index < count; index += 1) {
      const server = createServer(answer).listen({ port: 0, host: '127.0.0.1', backlog: 4096 })
      await once(server, 'listening')
      ports.push((server.address() as AddressInfo).port)
    }
    return ports
  },

  /** Resolves when so many different ids have come, or when nothing has come for `patienceMs` (and `untilMs` is over). */
  async waitFor({ count, untilMs, patienceMs }: { count: number; untilMs: number; patienceMs: number }): Promise<void> {
    while (distinct.size < count && Math.max(untilMs, times.at(-1) ?? 0) + patienceMs > Date.now()) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patienceMs)
        watcher = () => {
          if (distinct.size < count) return
          clearTimeout(timer)
          resolve()
        }
      })
    }
    watcher = undefined
  },

  /** All that came since the last time, in order of arrival; forgets it. */
  take(): { ids: string[]; times: number[] } {
    const taken = { ids, times }
    ids = []
    times = []
    distinct = new Set()
    return taken
  },
}

export type ReceiverVerbs = typeof verbs
serveVerbs(verbs)
