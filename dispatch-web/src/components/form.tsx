import type { ReactNode } from 'react'
import type { Form as FormState } from '../lib/use-form'
import { Banner } from './banner'

export interface FormProps {
  readonly form: FormState
  readonly id?: string
  readonly children: ReactNode
}

/** Fields below each other, after what is wrong with all of them together. The browser's own bubbles stay out of it. */
export function Form({ form, id, children }: FormProps) {
  return (
    <form id={id} noValidate onSubmit={form.onSubmit} className="flex flex-col gap-4">
      {form.error !== undefined && <Banner tone="danger">{form.error}</Banner>}
      {children}
    </form>
  )
}
