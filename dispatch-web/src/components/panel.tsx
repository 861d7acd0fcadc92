import { useId, type ReactNode } from 'react'
import { classNames } from '../lib/class-names'

export interface PanelProps {
  readonly title?: ReactNode
  readonly description?: ReactNode
  /** Buttons at the right of the title. */
  readonly actions?: ReactNode
  readonly children: ReactNode
  /** Without it, what is inside brings its own space (tables, lists). */
  readonly isPadded?: boolean
  readonly tone?: 'plain' | 'danger'
  readonly className?: string
}

/** A framed part of a page. With a title it is a section of that name. */
export function Panel({
  title,
  description,
  actions,
  children,
  isPadded = false,
  tone = 'plain',
  className,
}: PanelProps) {
  const id = useId()
  const hasTitle = title !== undefined
  return (
    <section
      aria-labelledby={hasTitle ? id : undefined}
      className={classNames(
        'overflow-hidden rounded-lg border bg-panel',
        tone === 'danger' ? 'border-danger/40' : 'border-line',
        className,
      )}
    >
      {hasTitle && (
        <header className="flex min-h-12 flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line px-4 py-2">
          <div className="min-w-0 flex-1 basis-40">
            <h2 id={id} className="text-base font-semibold">
              {title}
            </h2>
            {description !== undefined && <p className="text-sm text-muted">{description}</p>}
          </div>
          {actions !== undefined && <div className="flex items-center gap-2">{actions}</div>}
        </header>
      )}
      <div className={classNames(isPadded && 'p-4')}>{children}</div>
    </section>
  )
}
