import { useEffect, useRef, type ComponentProps } from 'react'
import { classNames } from '../lib/class-names'

export interface CheckboxProps extends Omit<ComponentProps<'input'>, 'type' | 'ref'> {
  /** Some of what it stands for is checked, and some is not. */
  readonly isMixed?: boolean
}

export function Checkbox({ isMixed = false, className, ...rest }: CheckboxProps) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // Not an attribute: it can only be set on the element.
    if (input.current) input.current.indeterminate = isMixed
  }, [isMixed])
  return (
    <input
      ref={input}
      type="checkbox"
      {...rest}
      className={classNames(
        'size-4 cursor-pointer accent-accent disabled:cursor-not-allowed disabled:opacity-40',
        className,
      )}
    />
  )
}
