/** Reads an export as it comes. It is all of it only when the iteration ends without an error. */
import type { Clock } from './clock.js'
import { DispatchConnectionError, DispatchError } from './errors.js'
import type { ExportedJob } from './job.js'
import type { Transport } from './transport.js'
import { watchedReader } from './watched-reader.js'

/** The server closes connections on which nothing moves for 70 s. */
const SILENCE_MS = 75_000

export interface ExportSource {
  readonly transport: Transport
  readonly clock: Clock
}

/** The bytes of the file. Leaving the loop ends the download. `path` is below `/api/v1`, with its query. */
export async function* readExport(
  { transport, clock }: ExportSource,
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  // One of its own: leaving the loop must end the download too.
  const ending = new AbortController()
  const end = (): void => ending.abort(signal?.reason)
  signal?.throwIfAborted()
  signal?.addEventListener('abort', end, { once: true })
  try {
    const body = await transport.openBody(path, ending.signal)
    const read = watchedReader(body, { url: transport.url, clock, silenceMs: SILENCE_MS })
    for (let chunk = await read(); chunk !== undefined; chunk = await read()) yield chunk
  } catch (error) {
    signal?.throwIfAborted()
    if (!(error instanceof DispatchConnectionError)) throw error
    throw new DispatchConnectionError(transport.url, new Error('the export broke off; what came is not all of it'))
  } finally {
    signal?.removeEventListener('abort', end)
    end()
  }
}

/** The jobs of an export in JSON lines. */
export async function* readJobLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ExportedJob, void, undefined> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let pieces: string[] = []
  for await (const chunk of chunks) {
    const lines = decoder.decode(chunk, { stream: true }).split('\n')
    pieces.push(lines[0]!)
    for (const next of lines.slice(1)) {
      yield parseJob(pieces.join(''))
      pieces = [next]
    }
  }
  // Each line has its end.
  if (pieces.join('') !== '') throw notDispatch()
}

function parseJob(line: string): ExportedJob {
  try {
    return JSON.parse(line) as ExportedJob
  } catch {
    throw notDispatch()
  }
}

function notDispatch(): DispatchError {
  return new DispatchError('The export is not JSON lines; check url, and what stands in front of the server')
}
