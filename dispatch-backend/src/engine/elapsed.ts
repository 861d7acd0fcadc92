import type { Clock } from '../clock.js'

/** One instant as each of the machine's clocks showed it. */
export interface Moment {
  readonly monotonicMs: number
  readonly wallMs: number
  readonly uptimeMs: number
}

export function momentOf(clock: Clock): Moment {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs(), uptimeMs: clock.uptimeMs() }
}

/**
 * Milliseconds since `moment`: the most that any clock says, for where it matters not to act on what is over. The monotonic
 * clock stands still while the machine is suspended, the wall clock may have been set back, and the uptime, which knows of
 * both, comes in steps.
 *
 * A virtual machine that its host halts has no clock that went on; it learns of the time only when its wall clock is set.
 */
export function elapsedMs(moment: Moment, clock: Clock): number {
  const now = momentOf(clock)
  return Math.max(now.monotonicMs - moment.monotonicMs, now.wallMs - moment.wallMs, now.uptimeMs - moment.uptimeMs)
}
