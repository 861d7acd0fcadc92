import { formatDuration, formatInstant } from '../../lib/format-time'
import type { Finding } from './finding'

/** What receivers usually tolerate, either way; so does `verifySignature` of `dispatch-client`. */
export const TOLERANCE_SECONDS = 300

interface Times {
  /** Of the signature; null when it cannot be read. */
  readonly timestampSeconds: number | null
  readonly isSigned: boolean
  readonly receivedAtMs: number | null
  readonly nowMs: number
}

/** The clock is only judged where it is known when the request arrived. */
export function timeFindings({ timestampSeconds, isSigned, receivedAtMs, nowMs }: Times): Finding[] {
  if (timestampSeconds === null || !isSigned) return []
  const signedAt = `${formatInstant(timestampSeconds * 1000, 'utc')}Z`
  if (receivedAtMs === null) {
    const ageMs = nowMs - timestampSeconds * 1000
    const text = `That is ${formatDuration(ageMs)} ${ageMs < 0 ? 'ahead of' : 'before'} this browser's clock. A receiver refuses what is more than ${TOLERANCE_SECONDS} s off when it arrives: say above when that was, to have it judged.`
    return [{ code: 'age', tone: 'note', title: `Signed at ${signedAt}`, text }]
  }
  const skew = Math.round(receivedAtMs / 1000 - timestampSeconds)
  const size = `${Math.abs(skew)} s`
  if (Math.abs(skew) <= TOLERANCE_SECONDS) {
    const text = `It was signed at ${signedAt}; up to ${TOLERANCE_SECONDS} s are usually tolerated, either way.`
    return [
      { code: 'age', tone: 'ok', title: `It arrived ${size} ${skew < 0 ? 'before' : 'after'} it was signed`, text },
    ]
  }
  const title = `Clock skew of ${size}`
  const text =
    skew > 0
      ? `Signed at ${signedAt}, and received ${size} later: your server's clock is fast, or the request was held up or sent again.`
      : `Signed at ${signedAt}, which is ${size} after it was received: your server's clock is slow, or that of Dispatch is fast.`
  const cure = `Let both machines keep time (NTP). At most ${TOLERANCE_SECONDS} s are usually tolerated.`
  return [{ code: 'clock-skew', tone: 'problem', title, text, cure }]
}
