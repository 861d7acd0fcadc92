/** Instants and lengths of time as text for people. Pure. */

export type Zone = 'utc' | 'local'

const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0')

export type Precision = 'minute' | 'second' | 'ms'

/** `2026-06-13 09:30:00.000`, without the zone's name. */
export function formatInstant(ms: number, inZone: Zone, precision: Precision = 'second'): string {
  const date = new Date(ms)
  // Shifted, so that the UTC getters answer local parts.
  const shifted = new Date(inZone === 'utc' ? ms : ms - date.getTimezoneOffset() * 60_000)
  const day = `${pad(shifted.getUTCFullYear(), 4)}-${pad(shifted.getUTCMonth() + 1)}-${pad(shifted.getUTCDate())}`
  const minute = `${pad(shifted.getUTCHours())}:${pad(shifted.getUTCMinutes())}`
  if (precision === 'minute') return `${day} ${minute}`
  const second = `${day} ${minute}:${pad(shifted.getUTCSeconds())}`
  return precision === 'second' ? second : `${second}.${pad(shifted.getUTCMilliseconds(), 3)}`
}

/** `UTC`, or the offset of this machine then: `UTC+02:00`. */
export function zoneName(ms: number, inZone: Zone): string {
  if (inZone === 'utc') return 'UTC'
  const minutes = -new Date(ms).getTimezoneOffset()
  const size = Math.abs(minutes)
  return `UTC${minutes < 0 ? '−' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
]

/** The two largest units: `3 d 4 h`, `1 min 5 s`, `12 s`, `340 ms`. */
export function formatDuration(ms: number): string {
  const size = Math.abs(ms)
  if (size < 1000) return `${size < 10 && size % 1 !== 0 ? size.toFixed(1) : Math.round(size)} ms`
  if (size < 10_000 && size % 1000 !== 0) return `${(size / 1000).toFixed(2)} s`
  const first = UNITS.findIndex(([, unitMs]) => size >= unitMs)
  const [name, unitMs] = UNITS[first]!
  const next = UNITS[first + 1]
  const whole = `${Math.floor(size / unitMs)} ${name}`
  const rest = next ? Math.floor((size % unitMs) / next[1]) : 0
  return next && rest > 0 ? `${whole} ${rest} ${next[0]}` : whole
}

/** `in 3 h 4 min`, `12 s ago`, `just now`. */
export function formatRelative(ms: number, nowMs: number): string {
  const distance = ms - nowMs
  if (Math.abs(distance) < 1000) return 'just now'
  const text = formatDuration(Math.trunc(distance / 1000) * 1000)
  return distance > 0 ? `in ${text}` : `${text} ago`
}
