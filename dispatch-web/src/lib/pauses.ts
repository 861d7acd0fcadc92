/** People feel a page that does not answer for longer. */
const WORK_MS = 50

/** To be called now and then by work that lasts: lets the browser draw and take input when it is time for that. */
export function makePauses(signal?: AbortSignal): () => Promise<void> {
  let sinceMs = performance.now()
  return async () => {
    if (performance.now() - sinceMs > WORK_MS) {
      await new Promise((resolve) => setTimeout(resolve))
      sinceMs = performance.now()
    }
    signal?.throwIfAborted()
  }
}
