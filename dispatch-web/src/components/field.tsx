import { createContext, use, useId, type ReactNode } from 'react'
import { classNames } from '../lib/class-names'

interface FieldIds {
  readonly control: string
  readonly description: string | undefined
  readonly isInvalid: boolean
}

const FieldContext = createContext<FieldIds | null>(null)

/** What a control inside a `Field` takes to be named and described by it. */
export function useFieldControl(): {
  id?: string
  'aria-describedby'?: string | undefined
  'aria-invalid'?: true | undefined
} {
  const field = use(FieldContext)
  if (!field) return {}
  return {
    id: field.control,
    'aria-describedby': field.description,
    'aria-invalid': field.isInvalid || undefined,
  }
}

export interface FieldProps {
  readonly label: ReactNode
  readonly hint?: ReactNode
  readonly error?: string | undefined
  /** Beside the label, such as a link. */
  readonly aside?: ReactNode
  readonly className?: string
  /** One control that calls `useFieldControl` (`Input`, `PasswordInput`, `Select`, …). */
  readonly children: ReactNode
}

/** A control with its label, a hint, and the error that belongs to it. */
export function Field({ label, hint, error, aside, className, children }: FieldProps) {
  const id = useId()
  const hasText = error !== undefined || hint !== undefined
  const ids = { control: id, description: hasText ? `${id}-text` : undefined, isInvalid: error !== undefined }
  return (
    <div className={classNames('flex min-w-0 flex-col gap-1.5', className)}>
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="text-sm font-medium">
          {label}
        </label>
        {aside}
      </div>
      <FieldContext value={ids}>{children}</FieldContext>
      {hasText && (
        <p id={`${id}-text`} className={classNames('text-sm', error === undefined ? 'text-muted' : 'text-danger-text')}>
          {error ?? hint}
        </p>
      )}
    </div>
  )
}
