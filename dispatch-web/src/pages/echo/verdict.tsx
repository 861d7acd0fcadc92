import type { EchoVerdict } from 'dispatch-contract'
import { CircleCheck, CircleDashed, CircleX, Clock } from 'lucide-react'
import { classNames } from '../../lib/class-names'

const LOOKS = {
  valid: { icon: CircleCheck, words: 'signed', colour: 'text-success' },
  unsigned: { icon: CircleDashed, words: 'unsigned', colour: 'text-muted' },
  stale: { icon: Clock, words: 'stale', colour: 'text-failed' },
  invalid: { icon: CircleX, words: 'wrongly signed', colour: 'text-danger-text' },
} as const

/** What a signature came to, by sign, colour and word. */
export function Verdict({ verdict }: { readonly verdict: EchoVerdict }) {
  const { icon: Icon, words, colour } = LOOKS[verdict]
  return (
    <span className={classNames('inline-flex items-center gap-1.5 text-sm font-medium whitespace-nowrap', colour)}>
      <Icon aria-hidden size={14} />
      {words}
    </span>
  )
}
