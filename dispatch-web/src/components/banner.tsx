import { CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { classNames } from '../lib/class-names'

export type Tone = 'info' | 'warning' | 'danger' | 'success'

const TONES = {
  info: { icon: Info, box: 'border-line-strong bg-raised', mark: 'text-muted' },
  warning: { icon: TriangleAlert, box: 'border-accent/40 bg-accent-wash', mark: 'text-accent-text' },
  danger: { icon: TriangleAlert, box: 'border-danger/40 bg-danger-wash', mark: 'text-danger-text' },
  success: { icon: CircleCheck, box: 'border-line-strong bg-raised', mark: 'text-success' },
} as const

export interface BannerProps {
  readonly tone?: Tone
  readonly children: ReactNode
  readonly action?: ReactNode
  readonly className?: string
}

/** A message that stays where it stands. Dangers are read out at once, the others when there is time. */
export function Banner({ tone = 'info', children, action, className }: BannerProps) {
  const { icon: Icon, box, mark } = TONES[tone]
  return (
    <div
      role={tone === 'danger' ? 'alert' : 'status'}
      className={classNames('flex items-start gap-2.5 rounded-md border px-3 py-2 text-base', box, className)}
    >
      <Icon aria-hidden size={16} className={classNames('mt-[3px] shrink-0', mark)} />
      <div className="min-w-0 flex-1">{children}</div>
      {action}
    </div>
  )
}
