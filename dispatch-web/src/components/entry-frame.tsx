import type { ReactNode } from 'react'
import { Logo } from './logo'
import { Main } from './main'
import { UtcClock } from './utc-clock'

export interface EntryFrameProps {
  readonly title: string
  readonly description?: ReactNode
  readonly children: ReactNode
  /** Links to the other ways in. */
  readonly footer?: ReactNode
  /** At the top, beside the clock. */
  readonly aside?: ReactNode
}

/** The frame of the pages before the sign-in. */
export function EntryFrame({ title, description, children, footer, aside }: EntryFrameProps) {
  return (
    <div className="flex min-h-dvh flex-col">
      <title>{`${title} · Dispatch`}</title>
      <header className="flex items-center justify-between px-5 py-4 sm:px-8">
        <Logo />
        <div className="flex items-center gap-5">
          {aside}
          <UtcClock />
        </div>
      </header>
      <Main className="flex flex-1 flex-col items-center justify-center px-4 pt-6 pb-24">
        <div className="w-full max-w-sm">
          <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
          {description !== undefined && <p className="mt-1 text-base text-muted">{description}</p>}
          <div className="mt-6 rounded-lg border border-line bg-panel p-5">{children}</div>
          {footer !== undefined && <div className="mt-4 flex justify-between gap-4 text-sm text-muted">{footer}</div>}
        </div>
      </Main>
    </div>
  )
}
