/**
 * The server's clock, as far as `Date` headers tell: each says that at some moment between request and answer it was that
 * second there. The offsets that all answers allow shrink to a few milliseconds; a clock that was set starts anew.
 */
const SECOND_MS = 1000

let least = -Infinity
let most = Infinity

export function noteServerDate(header: string | null, sentAtMs: number, answeredAtMs: number): void {
  const dateMs = Date.parse(header ?? '')
  if (Number.isNaN(dateMs)) return
  const [low, high] = [dateMs - answeredAtMs, dateMs + SECOND_MS - sentAtMs]
  if (low > most || high < least) [least, most] = [low, high]
  else [least, most] = [Math.max(least, low), Math.min(most, high)]
}

/** Now, by the server's clock; by this machine's before the first answer. */
export function serverNowMs(): number {
  const isKnown = Number.isFinite(least) && Number.isFinite(most)
  return Date.now() + (isKnown ? (least + most) / 2 : 0)
}
