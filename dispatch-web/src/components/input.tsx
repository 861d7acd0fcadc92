import { Eye, EyeOff } from 'lucide-react'
import { useState, type ComponentProps } from 'react'
import { classNames } from '../lib/class-names'
import { useFieldControl } from './field'

export const CONTROL_CLASS = classNames(
  'h-9 w-full rounded-md border border-line-strong bg-well px-3 text-base text-ink placeholder:text-faint',
  'aria-invalid:border-danger disabled:cursor-not-allowed disabled:opacity-60',
)

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input type="text" {...useFieldControl()} {...rest} className={classNames(CONTROL_CLASS, className)} />
}

export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return (
    <textarea
      {...useFieldControl()}
      {...rest}
      className={classNames(CONTROL_CLASS, 'h-auto min-h-24 py-2 font-mono text-sm', className)}
    />
  )
}

/** Can be shown; set `autoComplete` to `current-password` or `new-password` for password managers. */
export function PasswordInput({ className, ...rest }: ComponentProps<'input'>) {
  const [isShown, setShown] = useState(false)
  const Icon = isShown ? EyeOff : Eye
  return (
    <div className="relative">
      <Input {...rest} type={isShown ? 'text' : 'password'} className={classNames('pr-10', className)} />
      <button
        type="button"
        aria-label="Show password"
        aria-pressed={isShown}
        onClick={() => setShown(!isShown)}
        className="absolute inset-y-0 right-0 grid w-9 place-items-center rounded-md text-faint hover:text-ink"
      >
        <Icon aria-hidden size={16} />
      </button>
    </div>
  )
}
