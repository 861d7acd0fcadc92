import { formatDuration } from '../lib/format-time'

/** A length of time in milliseconds; a dash where there is none. */
export function Duration({ ms }: { readonly ms: number | null }) {
  return <span className="tabular font-mono text-sm whitespace-nowrap">{ms === null ? '–' : formatDuration(ms)}</span>
}
