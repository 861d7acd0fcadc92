import { useNow } from '../lib/use-now'

const pad = (value: number): string => String(value).padStart(2, '0')

/** Time left until an instant, by the server's clock: `2 d 03:04:05`; `00:00:00` once it has come. */
export function Countdown({ to }: { readonly to: string | number }) {
  const toMs = typeof to === 'number' ? to : Date.parse(to)
  const seconds = Math.max(0, Math.ceil((toMs - useNow(1000)) / 1000))
  const days = Math.floor(seconds / 86_400)
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map(pad).join(':')
  return (
    <span role="timer" className="tabular font-mono whitespace-nowrap">
      {days > 0 && `${days} d `}
      {clock}
    </span>
  )
}
