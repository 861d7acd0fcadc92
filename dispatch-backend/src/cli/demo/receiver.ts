/** The demo's endpoint: answers each job as planned and tells of each delivery when it arrives. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../clock.js'
import type { PlannedJob } from './plan.js'
import type { DemoJob, Progress } from './progress.js'

export interface DemoReceiver {
  urlOf(planned: PlannedJob): string
  close(): Promise<void>
}

export interface ReceiverOptions {
  readonly progress: Progress
  readonly clock: Clock
  /** The name by which the server reaches this machine; null = it is this machine. */
  readonly reachedAs: string | null
}

const LOOPBACK = '127.0.0.1'
const LARGEST_BODY_BYTES = 64 * 1_024

/** Listens on a free port: of loopback, or of every interface when the server is to reach it from elsewhere. */
export async function startReceiver({ progress, clock, reachedAs }: ReceiverOptions): Promise<DemoReceiver> {
  const server = createServer((request, response) => {
    // A sender that went away in the middle has no answer to get.
    request.on('error', () => response.destroy())
    void answer(request, response, progress, clock)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    // The burst connects all at once.
    server.listen({ port: 0, host: reachedAs === null ? LOOPBACK : '0.0.0.0', backlog: 1_024 }, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    urlOf: ({ key }) => `http://${reachedAs ?? LOOPBACK}:${port}/${key}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  progress: Progress,
  clock: Clock,
): Promise<void> {
  const atMs = clock.wallMs()
  const one = progress.find(request.url?.slice(1) ?? '')
  if (!one || request.method !== 'POST') {
    response.writeHead(404).end()
    return
  }
  const attempt = Number(request.headers['x-dispatch-attempt'])
  const arrival = progress.arrived(one, attempt, atMs)
  if (!(await drain(request))) return
  await clock.sleep(one.planned.holdMs)
  const status = statusFor(one, attempt)
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ received: status === 200, attempt }), () => (arrival.answeredAtMs = clock.wallMs()))
}

function statusFor({ planned: { answers } }: DemoJob, attempt: number): number {
  return answers[attempt - 1] ?? answers.at(-1) ?? 200
}

/** Reads the body to its end; false when it broke off, or is none that Dispatch sends. */
async function drain(request: IncomingMessage): Promise<boolean> {
  let bytes = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > LARGEST_BODY_BYTES) throw new Error('larger than any body of the demo')
    }
    return true
  } catch {
    request.destroy()
    return false
  }
}
