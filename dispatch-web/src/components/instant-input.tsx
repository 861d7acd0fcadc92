import { INSTANT_PRESETS, instantOf, inZone, toInstantText, type InstantText } from '../lib/instant-text'
import { serverNowMs } from '../lib/server-clock'
import { formatInstant, formatRelative, zoneName, type Zone } from '../lib/format-time'
import { useNow } from '../lib/use-now'
import { Button } from './button'
import { Input } from './input'
import { Segmented } from './segmented'

const ZONES = [
  { value: 'utc', label: 'UTC' },
  { value: 'local', label: 'Local' },
] as const satisfies readonly { value: Zone; label: string }[]

export interface InstantInputProps {
  readonly name: string
  readonly value: InstantText
  readonly onChange: (value: InstantText) => void
}

/** An instant to the millisecond, in UTC or this machine's zone, or one of the usual ones. Inside of a `Field`. */
export function InstantInput({ name, value, onChange }: InstantInputProps) {
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <Input
          type="datetime-local"
          // With milliseconds; the browser shows as many parts as the step asks for.
          step="0.001"
          max="9999-12-31T23:59:59.999"
          name={name}
          value={value.text}
          onChange={(event) => onChange({ ...value, text: event.target.value })}
          className="min-w-0 flex-1 basis-70 font-mono text-sm"
        />
        <Segmented
          label="Time zone"
          options={ZONES}
          value={value.zone}
          onChange={(zone) => onChange(inZone(value, zone))}
        />
      </div>
      <div className="flex flex-wrap gap-1.5">
        {INSTANT_PRESETS.map(({ label, at }) => (
          <Button
            key={label}
            size="sm"
            onClick={() => onChange(toInstantText(at(serverNowMs(), value.zone), value.zone))}
          >
            {label}
          </Button>
        ))}
      </div>
    </div>
  )
}

/** What was typed, in the other zone and as a distance, so that a mistake of hours shows. */
export function InstantMeaning({ value }: { readonly value: InstantText }) {
  const nowMs = useNow(1000)
  const ms = instantOf(value)
  if (ms === null) return 'Date and time, to the millisecond if you like.'
  const other: Zone = value.zone === 'utc' ? 'local' : 'utc'
  return (
    <span className="tabular">
      {formatRelative(ms, nowMs)} · {formatInstant(ms, other)} {zoneName(ms, other)}
      {other === 'local' && ' (this machine)'}
    </span>
  )
}
