/** Instants as people type them: the text of an `<input type="datetime-local">` and the zone that it is meant in. */
import { formatInstant, type Precision, type Zone } from './format-time'

export interface InstantText {
  /** `2026-06-13T09:30`, with `:00` and `.000` where they are not zero; empty = not, or not wholly, given. */
  readonly text: string
  readonly zone: Zone
}

/** Epoch milliseconds, or null when it is no instant. A local time that a change of the clocks leaves out is moved on. */
export function instantOf({ text, zone }: InstantText): number | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?$/.test(text)) return null
  const ms = Date.parse(zone === 'utc' ? `${text}Z` : text)
  return Number.isNaN(ms) ? null : ms
}

/** As the API takes it; empty when it is no instant. */
export function toIso(instant: InstantText): string {
  const ms = instantOf(instant)
  return ms === null ? '' : new Date(ms).toISOString()
}

export function toInstantText(ms: number, zone: Zone): InstantText {
  const precision: Precision = ms % 1000 !== 0 ? 'ms' : ms % 60_000 !== 0 ? 'second' : 'minute'
  return { text: formatInstant(ms, zone, precision).replace(' ', 'T'), zone }
}

/** The same instant in the other zone; what is no instant keeps its text. */
export function inZone(instant: InstantText, zone: Zone): InstantText {
  const ms = instantOf(instant)
  return ms === null ? { ...instant, zone } : toInstantText(ms, zone)
}

export interface InstantPreset {
  readonly label: string
  readonly at: (nowMs: number, zone: Zone) => number
}

const MINUTE_MS = 60_000
const wholeSecond = (ms: number): number => Math.ceil(ms / 1000) * 1000

export const INSTANT_PRESETS: readonly InstantPreset[] = [
  { label: 'In 10 s', at: (nowMs) => wholeSecond(nowMs + 10_000) },
  { label: 'In 1 min', at: (nowMs) => wholeSecond(nowMs + MINUTE_MS) },
  { label: 'In 1 h', at: (nowMs) => wholeSecond(nowMs + 60 * MINUTE_MS) },
  { label: 'Tomorrow 09:00', at: tomorrowAtNine },
]

function tomorrowAtNine(nowMs: number, zone: Zone): number {
  const now = new Date(nowMs)
  if (zone === 'utc') return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1, 9)
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 9).getTime()
}
