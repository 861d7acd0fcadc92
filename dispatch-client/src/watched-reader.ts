import type { Clock } from './clock.js'
import { DispatchConnectionError, DispatchTimeoutError } from './errors.js'
import type { ReadChunk } from './event-stream.js'

export interface Watch {
  /** Where the server is, for the words of errors. */
  readonly url: string
  readonly clock: Clock
  readonly silenceMs: number
}

/**
 * Reads a body piece by piece. Rejects with a `DispatchTimeoutError` when nothing comes for too long while the consumer waits
 * (not while it is busy), and with a `DispatchConnectionError` when the body breaks off.
 */
export function watchedReader(body: ReadableStream<Uint8Array>, { url, clock, silenceMs }: Watch): ReadChunk {
  const reader = body.getReader()
  return () =>
    new Promise((resolve, reject) => {
      const callOff = clock.after(silenceMs, () => reject(new DispatchTimeoutError(url, silenceMs)))
      void reader
        .read()
        .then(
          ({ value }) => resolve(value),
          (cause: unknown) => reject(new DispatchConnectionError(url, cause)),
        )
        .finally(callOff)
    })
}
