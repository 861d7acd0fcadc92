export interface RereadingOptions {
  readonly read: () => void
  /** Many changes in this time are read once. */
  readonly leastBetweenMs: number
  /** The server may answer what it knew so long ago: it is asked once more when the last change is older. */
  readonly settlesAfterMs: number
}

export interface Rereading {
  /** Something changed. */
  readonly note: () => void
  readonly stop: () => void
}

/** Reads at the first change at once, at the following ones as often as it may, and surely after the last. */
export function startRereading({ read, leastBetweenMs, settlesAfterMs }: RereadingOptions): Rereading {
  let timer: ReturnType<typeof setTimeout> | undefined
  let readAtMs = -Infinity
  let changedAtMs = -Infinity
  const run = (): void => {
    timer = undefined
    readAtMs = performance.now()
    read()
    const settledAtMs = changedAtMs + settlesAfterMs
    if (settledAtMs > readAtMs) plan(Math.max(settledAtMs, readAtMs + leastBetweenMs))
  }
  const plan = (atMs: number): void => {
    timer ??= setTimeout(run, Math.max(0, atMs - performance.now()))
  }
  return {
    note() {
      changedAtMs = performance.now()
      plan(readAtMs + leastBetweenMs)
    },
    stop: () => clearTimeout(timer),
  }
}
