import { formatInstant } from '../lib/format-time'
import { useNow } from '../lib/use-now'

/** The server's time. */
export function UtcClock() {
  const [day = '', time = ''] = formatInstant(useNow(1000), 'utc').split(' ')
  return (
    <p
      className="tabular flex items-baseline gap-2 font-mono text-sm whitespace-nowrap"
      title="The server's clock, in UTC"
    >
      <span className="text-faint max-[380px]:hidden">{day}</span>
      <span>{time}</span>
      <span className="text-2xs text-accent-text">UTC</span>
    </p>
  )
}
