import { constants } from 'node:os'
import type { Clock } from './clock.js'

/** Under npm one Ctrl-C arrives twice, from the terminal and passed on by npm: what comes this soon is the same signal. */
const SAME_SIGNAL_MS = 500

export type StopSignal = 'SIGINT' | 'SIGTERM'

export interface StopHandlers {
  readonly first: (signal: StopSignal) => void
  /** A later one; the process exits afterwards, with `exitCodeOf` it. */
  readonly again: () => void
}

/** Calls `first` for the first SIGINT or SIGTERM, and ends the process at the next one. */
export function handleStopSignals(clock: Clock, { first, again }: StopHandlers): void {
  let firstAtMs: number | undefined
  const onSignal = (signal: StopSignal): void => {
    const nowMs = clock.monotonicMs()
    if (firstAtMs === undefined) {
      firstAtMs = nowMs
      first(signal)
    } else if (nowMs - firstAtMs >= SAME_SIGNAL_MS) {
      again()
      process.exit(exitCodeOf(signal))
    }
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}

/** 130 for SIGINT, 143 for SIGTERM: what shells expect of a process that a signal ended. */
export function exitCodeOf(signal: StopSignal): number {
  return 128 + constants.signals[signal]
}
