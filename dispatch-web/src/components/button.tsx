import type { ComponentProps, MouseEvent, ReactNode } from 'react'
import { classNames } from '../lib/class-names'

export type ButtonLook = 'primary' | 'plain' | 'quiet' | 'danger'
export type ButtonSize = 'md' | 'sm' | 'icon'

const LOOKS: Readonly<Record<ButtonLook, string>> = {
  primary: 'border-transparent bg-accent text-accent-ink hover:brightness-110 active:brightness-95',
  plain: 'border-line-strong bg-panel text-ink hover:bg-raised active:bg-well',
  quiet: 'border-transparent bg-transparent text-muted hover:bg-raised hover:text-ink',
  danger: 'border-transparent bg-danger text-danger-ink hover:brightness-110 active:brightness-95',
}

const SIZES: Readonly<Record<ButtonSize, string>> = {
  md: 'h-9 px-3.5 text-base',
  sm: 'h-7 px-2.5 text-sm',
  icon: 'size-8 justify-center',
}

/** The class of everything that looks like a button; links take it too. */
export function buttonClass(look: ButtonLook = 'plain', size: ButtonSize = 'md'): string {
  return classNames(
    'inline-flex shrink-0 items-center justify-center gap-2 rounded-md border font-medium whitespace-nowrap select-none',
    'transition-[background-color,filter,color] duration-100 aria-disabled:cursor-not-allowed aria-disabled:opacity-50',
    LOOKS[look],
    SIZES[size],
  )
}

export interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: ButtonLook
  readonly size?: ButtonSize
  /** Under way: keeps its width and takes no second click. */
  readonly isBusy?: boolean
  readonly icon?: ReactNode
}

/**
 * One that is off takes no click and stays where the keyboard is: the browser takes the focus away from what is `disabled`,
 * and a form's button is off as soon as it has sent it.
 */
export function Button(props: ButtonProps) {
  const { look, size, isBusy = false, icon, className, children, disabled = false, onClick, ...rest } = props
  const isOff = disabled || isBusy
  return (
    <button
      type="button"
      {...rest}
      onClick={isOff ? refuse : onClick}
      aria-disabled={isOff || undefined}
      aria-busy={isBusy || undefined}
      className={classNames(buttonClass(look, size), isBusy && 'animate-shimmer', className)}
    >
      {icon}
      {children}
    </button>
  )
}

/** Enter in a field clicks the form's button too. */
function refuse(event: MouseEvent): void {
  event.preventDefault()
}
