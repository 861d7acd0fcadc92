/**
 * Follows the server's events across the ends of connections. Nothing is read ahead of the consumer: one that is slow makes
 * the server wait, which then tells it to refresh instead of every change.
 */
import { sleep, type Clock } from './clock.js'
import { readBlocks, type EventBlock } from './event-stream.js'
import type { LiveEvent } from './live-event.js'
import { waitBeforeReconnectMs } from './retry.js'
import type { Transport } from './transport.js'
import { watchedReader } from './watched-reader.js'

export interface EventSource {
  readonly transport: Transport
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
}

/** The server's heartbeats come every 15 s. */
export const SILENCE_MS = 40_000
/** After a connection (or a try to make one) that took so long the waits begin anew: the server is in no danger of a flood. */
const LONG_MS = 15_000

/** See `Dispatch.events`. `path` is below `/api/v1`, with its query. */
export async function* followEvents(
  source: EventSource,
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<LiveEvent, void, undefined> {
  const { clock, random } = source
  const place: Place = { lastId: null }
  for (let failures = 0; !signal?.aborted; failures++) {
    const startedAtMs = clock.nowMs()
    let error: unknown
    try {
      yield* followConnection(source, path, place, signal)
    } catch (thrown) {
      error = thrown
    }
    if (signal?.aborted) return
    if (clock.nowMs() - startedAtMs >= LONG_MS) failures = 0
    const waitMs = waitBeforeReconnectMs(error, failures, random)
    if (waitMs === undefined) throw error
    await sleep(clock, waitMs, signal)
  }
}

/** Where to go on after a connection has ended. */
interface Place {
  lastId: string | null
}

/** Ends when the server ends the connection, and when `signal` aborts; rejects when it breaks. */
async function* followConnection(
  { transport, clock }: EventSource,
  path: string,
  place: Place,
  signal: AbortSignal | undefined,
): AsyncGenerator<LiveEvent, void, undefined> {
  // One for each connection: what listens on the caller's signal would pile up there.
  const ending = new AbortController()
  const end = (): void => ending.abort()
  signal?.addEventListener('abort', end, { once: true })
  try {
    const body = await transport.openEvents(path, place.lastId, ending.signal)
    if (place.lastId === null) yield { type: 'open' }
    for await (const block of readBlocks(watchedReader(body, { url: transport.url, clock, silenceMs: SILENCE_MS }))) {
      if (signal?.aborted) return
      // What is no header cannot be said back to the server.
      place.lastId = block.id !== null && /^[\x21-\x7e]{1,1000}$/.test(block.id) ? block.id : null
      const event = understand(block)
      if (event) yield event
      if (signal?.aborted) return
    }
  } finally {
    signal?.removeEventListener('abort', end)
    end()
  }
}

/** Undefined for what this version does not know: it comes from a newer server, and the others still count. */
function understand({ name, data }: EventBlock): LiveEvent | undefined {
  if (data === null || (name !== 'job' && name !== 'refresh')) return undefined
  try {
    const value: unknown = JSON.parse(data)
    if (typeof value !== 'object' || value === null) return undefined
    return { ...value, type: name } as LiveEvent
  } catch {
    return undefined
  }
}
