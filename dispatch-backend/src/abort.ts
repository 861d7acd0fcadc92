import { Bag } from './bag.js'

interface Waiting {
  readonly runs: Bag<() => void>
  readonly runAll: () => void
}

const WAITING = new WeakMap<AbortSignal, Waiting>()

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
  const waiting = WAITING.get(signal) ?? listenTo(signal)
  const leave = waiting.runs.add(run)
  return () => {
    leave()
    if (waiting.runs.size === 0) stopListening(signal, waiting)
  }
}

function listenTo(signal: AbortSignal): Waiting {
  const runs = new Bag<() => void>()
  const runAll = (): void => {
    for (const run of runs) run()
  }
  const waiting = { runs, runAll }
  WAITING.set(signal, waiting)
  signal.addEventListener('abort', runAll, { once: true })
  return waiting
}

/** Node keeps a signal of `AbortSignal.any` or `.timeout` for as long as it has a listener. */
function stopListening(signal: AbortSignal, waiting: Waiting): void {
  signal.removeEventListener('abort', waiting.runAll)
  // By now others may wait anew.
  if (WAITING.get(signal) === waiting) WAITING.delete(signal)
}
