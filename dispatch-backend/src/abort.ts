import { Bag } from './bag.js'

/** What waits for each signal. */
const WAITING = new WeakMap<AbortSignal, Bag<() => void>>()

/**
 * Calls `run` when the signal aborts (at once if it has), unless what is answered is called before. `run` must not throw.
 *
 * For signals that outlive many who wait for them: the signal has one listener, and they are in a `Bag`. Node's own list of
 * listeners is searched from its head for each that comes or goes, and those that left go on pointing to their neighbours,
 * which has the effect that `Bag` describes.
 */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  if (signal.aborted) {
    run()
    return () => undefined
  }
  return (WAITING.get(signal) ?? listenTo(signal)).add(run)
}

function listenTo(signal: AbortSignal): Bag<() => void> {
  const waiting = new Bag<() => void>()
  WAITING.set(signal, waiting)
  const runAll = (): void => {
    for (const run of waiting) run()
  }
  signal.addEventListener('abort', runAll, { once: true })
  return waiting
}
