import { formatInstant, formatRelative, zoneName, type Precision, type Zone } from '../lib/format-time'
import { zone } from '../lib/zone'
import { useNow } from '../lib/use-now'
import { useObservable } from '../lib/observable'
import { Tooltip } from './tooltip'

export interface TimeProps {
  /** ISO text as the API answers it, or epoch milliseconds. */
  readonly at: string | number
  readonly precision?: Precision
  /** Shown as the distance from now, which keeps counting. */
  readonly isRelative?: boolean
}

/** An instant in the zone of the settings; the other zone and the distance on hover and focus. */
export function Time({ at, precision = 'second', isRelative = false }: TimeProps) {
  const ms = typeof at === 'number' ? at : Date.parse(at)
  const shownIn = useObservable(zone)
  const other: Zone = shownIn === 'utc' ? 'local' : 'utc'
  const nowMs = useNow(isRelative ? 1000 : 60_000)
  const full = (inZone: Zone): string => `${formatInstant(ms, inZone, 'ms')} ${zoneName(ms, inZone)}`
  const text = isRelative
    ? formatRelative(ms, nowMs)
    : `${formatInstant(ms, shownIn, precision)}${shownIn === 'utc' ? 'Z' : ''}`
  const more = (
    <span className="flex flex-col font-mono tabular">
      <span>{full(shownIn)}</span>
      <span>{full(other)}</span>
      <span className="text-muted">{formatRelative(ms, nowMs)}</span>
    </span>
  )
  return (
    <Tooltip text={more}>
      <time dateTime={new Date(ms).toISOString()} className="tabular font-mono text-sm whitespace-nowrap">
        {text}
      </time>
    </Tooltip>
  )
}
