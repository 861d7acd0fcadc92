import { Menu as Base } from '@base-ui/react/menu'
import type { ReactElement, ReactNode } from 'react'
import { classNames } from '../lib/class-names'
import { POPUP_CLASS } from './popup'

export interface MenuProps {
  /** A `Button`; it opens the menu. */
  readonly trigger: ReactElement
  readonly align?: 'start' | 'center' | 'end'
  readonly side?: 'top' | 'bottom'
  readonly isOpenAtFirst?: boolean
  readonly children: ReactNode
}

export function Menu({ trigger, align = 'end', side = 'bottom', isOpenAtFirst = false, children }: MenuProps) {
  return (
    <Base.Root defaultOpen={isOpenAtFirst}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} side={side} sideOffset={4} className="z-30 outline-none">
          <Base.Popup className={classNames(POPUP_CLASS, 'min-w-44 py-1')}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

export interface MenuItemProps {
  readonly icon?: ReactNode
  readonly isDanger?: boolean
  readonly disabled?: boolean
  readonly onClick?: () => void
  /** A link that the item is, instead of `onClick`. */
  readonly render?: ReactElement
  readonly children: ReactNode
}

export function MenuItem({ icon, isDanger = false, children, ...rest }: MenuItemProps) {
  return (
    <Base.Item
      {...rest}
      className={classNames(
        'flex items-center gap-2.5 px-3 py-1.5 text-base outline-none select-none data-highlighted:bg-raised data-disabled:opacity-50',
        isDanger && 'text-danger-text',
      )}
    >
      {icon}
      {children}
    </Base.Item>
  )
}

export function MenuSeparator() {
  return <Base.Separator className="my-1 h-px bg-line" />
}
