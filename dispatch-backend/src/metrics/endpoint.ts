import { createHash, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Metrics } from './metrics.js'

/** Whether the header holds the token. Compared as hashes, in constant time whatever the lengths. */
export function holdsToken(authorization: string | undefined, token: string): boolean {
  const given = /^bearer +(.+)$/i.exec(authorization ?? '')?.[1]
  return given !== undefined && timingSafeEqual(sha256(given), sha256(token))
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

export interface MetricsListenerOptions {
  readonly metrics: Metrics
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
  /** Asked for as a bearer token; null = whoever reaches the port may read. */
  readonly token: string | null
}

/** Serves `/metrics` on a port of its own. Rejects when it cannot listen. */
export async function listenForMetrics(
  options: MetricsListenerOptions,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const { metrics, host, port, token } = options
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0]
    if (path !== '/metrics') answer(response, 404, 'Not found; the metrics are at /metrics\n')
    else if (request.method !== 'GET' && request.method !== 'HEAD') answer(response, 405, 'GET only\n')
    else if (token !== null && !holdsToken(request.headers.authorization, token)) {
      response.setHeader('www-authenticate', 'Bearer')
      answer(response, 401, 'Send METRICS_TOKEN as a bearer token\n')
    } else void answerMetrics(response, metrics)
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    // A TCP server that listens always has an address of this form.
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function answerMetrics(response: ServerResponse, metrics: Metrics): Promise<void> {
  try {
    answer(response, 200, await metrics.read(), metrics.contentType)
  } catch {
    answer(response, 500, 'The metrics could not be read\n')
  }
}

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  response.end(text)
}
