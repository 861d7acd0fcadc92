import type { AttemptLog, JobStatus } from 'dispatch-contract'
import { classNames } from '../lib/class-names'

export type LampState = JobStatus | AttemptLog['status']

const COLOURS: Readonly<Record<LampState, string>> = {
  SCHEDULED: 'text-scheduled',
  FIRING: 'text-firing',
  SUCCESS: 'text-success',
  FAILED: 'text-failed',
  DEAD: 'text-dead',
  CANCELLED: 'text-cancelled',
  INTERRUPTED: 'text-interrupted',
}

/** The text colour of a state. */
export const lampColour = (state: LampState): string => COLOURS[state]

/** Those that are still to come or called off are rings, the others discs: colour is not the only sign. */
const RINGS = new Set<LampState>(['SCHEDULED', 'CANCELLED', 'INTERRUPTED'])

/** A state by its colour and its word. */
export function Lamp({ state, className }: { readonly state: LampState; readonly className?: string }) {
  const isFiring = state === 'FIRING'
  return (
    <span
      className={classNames(
        'inline-flex items-center gap-2 font-mono text-xs font-medium tracking-wide whitespace-nowrap',
        COLOURS[state],
        className,
      )}
    >
      <span
        aria-hidden
        className={classNames(
          'size-2 shrink-0 rounded-full',
          RINGS.has(state) ? 'border-[1.5px] border-current' : 'bg-current',
          isFiring && 'glow animate-pulse-lamp',
          (state === 'SUCCESS' || state === 'DEAD') && 'glow',
        )}
      />
      {state}
    </span>
  )
}
