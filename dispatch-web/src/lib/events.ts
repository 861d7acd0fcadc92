/**
 * Live events of the API. Read by `fetch`, because the token goes in a header and never into a URL. A stream that breaks or
 * falls silent is opened again after a growing pause, with the last id, so that the server can tell what happened meanwhile.
 */
import { echoEvent, jobEvent, type EchoEvent, type JobEvent } from 'dispatch-contract'
import type * as z from 'zod'
import { API_URL } from './api-url'
import { noteUnreachable } from './connection'
import { readEvents } from './event-stream'
import { expireSession, token } from './session'

export interface EventListeners {
  readonly onJob: (event: JobEvent) => void
  readonly onEcho: (event: EchoEvent) => void
  /** Something changed that is not told one by one: read again what is shown. */
  readonly onRefresh: () => void
}

/** The server's heartbeats come every 15 s. */
const SILENCE_MS = 40_000
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000
/** A server of an older version has no such route: no use in asking often. */
const NO_ROUTE_PAUSE_MS = 300_000

const REOPENED = 'reopened'
const reopening = new EventTarget()

/**
 * Opens the stream anew: which projects it tells of is settled when it is opened, and looked at again only every few seconds.
 * To be called when one was made.
 */
export function reopenEvents(): void {
  reopening.dispatchEvent(new Event('reopen'))
}

/** Follows the events of all projects until the function it answers is called. */
export function followEvents(listeners: EventListeners): () => void {
  const ending = new AbortController()
  void follow(listeners, ending.signal)
  return () => ending.abort()
}

async function follow({ onJob, onEcho, onRefresh }: EventListeners, ended: AbortSignal): Promise<void> {
  let lastId: string | null = null
  let failures = 0
  const isOver = (): boolean => ended.aborted
  while (!isOver()) {
    const attempt = new AbortController()
    const abort = (): void => attempt.abort()
    const reopen = (): void => attempt.abort(REOPENED)
    ended.addEventListener('abort', abort, { once: true })
    reopening.addEventListener('reopen', reopen)
    let silence = setTimeout(abort, SILENCE_MS)
    let pauseMs: number | undefined
    try {
      const answer = await open(lastId, attempt.signal)
      if (answer.ok && answer.body) {
        // Without an id nothing tells what happened between the page's reads and now.
        if (lastId === null && failures > 0) onRefresh()
        for await (const event of readEvents(answer.body)) {
          failures = 0
          clearTimeout(silence)
          silence = setTimeout(abort, SILENCE_MS)
          if (event === null) continue
          lastId = event.id ?? lastId
          if (event.name === 'refresh') onRefresh()
          else if (event.name === 'job') tell(event.data, jobEvent, onJob)
          else if (event.name === 'echo') tell(event.data, echoEvent, onEcho)
        }
      } else if (answer.status === 404) pauseMs = NO_ROUTE_PAUSE_MS
      else if (answer.status === 401) return
    } catch {
      // Broken, silent or not there: opened again below. A probe finds out whether the whole server is away.
      if (!isOver() && attempt.signal.reason !== REOPENED) noteUnreachable()
    } finally {
      clearTimeout(silence)
      ended.removeEventListener('abort', abort)
      reopening.removeEventListener('reopen', reopen)
    }
    if (attempt.signal.reason === REOPENED) {
      onRefresh()
      continue
    }
    failures += 1
    await sleep(pauseMs ?? pauseAfter(failures), ended)
  }
}

async function open(lastId: string | null, signal: AbortSignal): Promise<Response> {
  const bearer = token.get() ?? ''
  const answer = await fetch(`${API_URL}/api/v1/events`, {
    headers: {
      accept: 'text/event-stream',
      authorization: `Bearer ${bearer}`,
      ...(lastId !== null && { 'last-event-id': lastId }),
    },
    cache: 'no-store',
    signal,
  })
  if (answer.status === 401) expireSession(bearer)
  return answer
}

/** One that this page does not understand comes from a newer server; the others still count. */
function tell<Event extends z.ZodType>(data: string, schema: Event, listen: (event: z.output<Event>) => void): void {
  try {
    const parsed = schema.safeParse(JSON.parse(data))
    if (parsed.success) listen(parsed.data)
  } catch {
    // No JSON.
  }
}

/** Doubles, and is spread out, so that not all tabs come back at one moment after a restart. */
function pauseAfter(failures: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1))
  return longest * (0.5 + Math.random() / 2)
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
