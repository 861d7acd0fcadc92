import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { classNames } from '../lib/class-names'
import { buttonClass } from './button'
import { dimPage } from './dim-page'

export interface DialogProps {
  readonly isOpen: boolean
  /** Asked to close: by Escape, a click beside it, its ✕. */
  readonly onClose: () => void
  readonly title: string
  readonly description?: ReactNode
  readonly children?: ReactNode
  /** Buttons, the main one last. */
  readonly actions?: ReactNode
  /** A click beside it closes it too; false for what must not be lost by accident. */
  readonly isDismissible?: boolean
  readonly width?: 'md' | 'lg'
}

/** Keeps the focus inside while it is open, and gives it back to where it was. */
export function Dialog({ isOpen, onClose, title, description, children, actions, ...options }: DialogProps) {
  const { isDismissible = true, width = 'md' } = options
  return (
    // The scroll lock of the library keeps the scrollbar's place, which no scrim covers; ours is `dimPage`.
    <Base.Root
      modal="trap-focus"
      open={isOpen}
      onOpenChange={(open) => !open && onClose()}
      disablePointerDismissal={!isDismissible}
    >
      <Base.Portal>
        <Base.Backdrop
          ref={dimPage}
          className="fixed inset-0 z-20 bg-scrim transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0"
        />
        <Base.Viewport className="fixed inset-0 z-20 flex items-end justify-center overflow-y-auto p-3 sm:items-center sm:p-6">
          <Base.Popup
            className={classNames(
              'relative flex max-h-full w-full flex-col rounded-lg border border-line-strong bg-panel shadow-float outline-none',
              'transition-[opacity,transform] duration-150 data-ending-style:opacity-0 data-starting-style:translate-y-1 data-starting-style:opacity-0',
              width === 'md' ? 'max-w-md' : 'max-w-xl',
            )}
          >
            <header className="flex flex-col gap-1 px-5 pt-4">
              {/* Room for the ✕ beside it. */}
              <Base.Title className="pr-8 text-lg font-semibold">{title}</Base.Title>
              {description !== undefined && (
                <Base.Description className="text-base text-muted" render={<div />}>
                  {description}
                </Base.Description>
              )}
            </header>
            {/* What scrolls is cut off at its edges: room for the outline of a focused field. A form may hold only the actions. */}
            {children !== undefined && (
              <div className="overflow-y-auto px-5 pt-4 pb-1.5 has-[>form:empty]:hidden">{children}</div>
            )}
            <footer className="flex flex-wrap justify-end gap-2 px-5 pt-3.5 pb-4">{actions}</footer>
            <Base.Close
              aria-label="Close"
              className={classNames(buttonClass('quiet', 'icon'), 'absolute top-3 right-3')}
            >
              <X aria-hidden size={16} />
            </Base.Close>
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  )
}
