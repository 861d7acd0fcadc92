/** The only file that reads the time and sets timers, so that tests own both. Durations are milliseconds. */
export interface Clock {
  /** UTC epoch milliseconds. */
  nowMs(): number
  /** Calls `run` once, after `delayMs`; the answer calls it off. */
  after(delayMs: number, run: () => void): () => void
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

/** Resolves after `delayMs`, or at once when `signal` aborts (it never rejects). */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve()
      return
    }
    const callOff = clock.after(delayMs, finish)
    signal?.addEventListener('abort', finish, { once: true })
    function finish(): void {
      callOff()
      signal?.removeEventListener('abort', finish)
      resolve()
    }
  })
}
