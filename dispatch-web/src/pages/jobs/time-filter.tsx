import { Field } from '../../components/field'
import { Input } from '../../components/input'
import { instantOf, toInstantText } from '../../lib/instant-text'
import { useObservable } from '../../lib/observable'
import { zoneName } from '../../lib/format-time'
import { zone } from '../../lib/zone'
import { useNow } from '../../lib/use-now'

export interface TimeFilterProps {
  readonly label: string
  /** ISO text as in the query string. */
  readonly value: string | undefined
  readonly onChange: (value: string | undefined) => void
}

/** A limit of the time range, in the zone of the settings. */
export function TimeFilter({ label, value, onChange }: TimeFilterProps) {
  const shownIn = useObservable(zone)
  const nowMs = useNow(60_000)
  const ms = Date.parse(value ?? '')
  const text = Number.isNaN(ms) ? '' : toInstantText(ms, shownIn).text
  const take = (typed: string): void => {
    const taken = instantOf({ text: typed, zone: shownIn })
    onChange(taken === null ? undefined : new Date(taken).toISOString())
  }
  return (
    <Field label={`${label} (${zoneName(Number.isNaN(ms) ? nowMs : ms, shownIn)})`}>
      <Input
        // Not controlled: while a date is typed it is none yet, or one of the year 2.
        key={`${text} ${shownIn}`}
        type="datetime-local"
        max="9999-12-31T23:59"
        defaultValue={text}
        onBlur={(event) => event.target.value !== text && take(event.target.value)}
        onKeyDown={(event) => event.key === 'Enter' && take(event.currentTarget.value)}
        className="font-mono text-sm"
      />
    </Field>
  )
}
