/** A form whose values are checked by the contract's schema before they are sent, and by the API's answer after. */
import { useMutation } from '@tanstack/react-query'
import { useState, type ChangeEvent, type SubmitEvent } from 'react'
import type * as z from 'zod'
import { fieldErrorsOf, messageOf } from './api-error'

export interface FormOptions<Schema extends z.ZodObject, Result> {
  readonly schema: Schema
  /** The text of each field at the beginning; it also tells which fields there are. */
  readonly initial: Readonly<Record<string, string>>
  /** Called with checked values. */
  readonly submit: (body: z.output<Schema>) => Promise<Result>
  readonly onDone: (result: Result) => unknown
  /** Called with a failure; `true` = it was dealt with and is not shown. */
  readonly onFailed?: (error: unknown) => boolean
  /** From the fields' texts to what `schema` takes, where these differ (an empty text that means "left out"). */
  readonly toBody?: (values: Readonly<Record<string, string>>) => unknown
}

export interface Form {
  /** Whether any field differs from its first text. */
  readonly isChanged: boolean
  readonly isBusy: boolean
  /** What is wrong with no field in particular. */
  readonly error: string | undefined
  readonly errorOf: (field: string) => string | undefined
  readonly valueOf: (field: string) => string
  readonly set: (field: string, value: string) => void
  readonly reset: () => void
  /** Spread onto an `Input`. */
  readonly control: (field: string) => Control
  readonly onSubmit: (event: SubmitEvent<HTMLFormElement>) => void
}

interface Control {
  readonly name: string
  readonly value: string
  readonly onChange: (event: ChangeEvent<HTMLInputElement>) => void
}

export function useForm<Schema extends z.ZodObject, Result>(options: FormOptions<Schema, Result>): Form {
  const { schema, initial, submit, onDone, onFailed, toBody = (values): unknown => values } = options
  const fields = Object.keys(initial)
  const [values, setValues] = useState(initial)
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({})
  const [error, setError] = useState<string>()
  const mutation = useMutation({ mutationFn: submit })

  const set = (field: string, value: string): void => {
    setValues((before) => ({ ...before, [field]: value }))
    // What was wrong with it may be right now; it is judged again when it is sent.
    setErrors((before) => without(before, field))
  }
  const send = async (form: HTMLFormElement): Promise<void> => {
    setError(undefined)
    const parsed = schema.safeParse(toBody(values))
    if (!parsed.success) {
      refuse(form, { ...problemsOf(parsed.error), ...emptyFields(parsed.error, values) })
      return
    }
    try {
      const result = await mutation.mutateAsync(parsed.data)
      setErrors({})
      await onDone(result)
    } catch (failure) {
      if (onFailed?.(failure)) return
      const found = fieldErrorsOf(failure, fields)
      if (Object.keys(found).length > 0) refuse(form, found)
      else setError(messageOf(failure))
    }
  }
  const refuse = (form: HTMLFormElement, found: Readonly<Record<string, string>>): void => {
    setErrors(found)
    const first = fields.find((field) => field in found)
    const control = first === undefined ? null : form.elements.namedItem(first)
    if (control instanceof HTMLElement) control.focus()
  }
  return {
    isChanged: fields.some((field) => values[field] !== initial[field]),
    isBusy: mutation.isPending,
    error,
    errorOf: (field) => errors[field],
    valueOf: (field) => values[field] ?? '',
    set,
    reset() {
      setValues(initial)
      setErrors({})
      setError(undefined)
    },
    control: (field) => ({
      name: field,
      value: values[field] ?? '',
      onChange: (event) => set(field, event.target.value),
    }),
    onSubmit(event) {
      event.preventDefault()
      void send(event.currentTarget)
    },
  }
}

function without(errors: Readonly<Record<string, string>>, field: string): Record<string, string> {
  return Object.fromEntries(Object.entries(errors).filter(([name]) => name !== field))
}

function problemsOf(error: z.ZodError): Record<string, string> {
  const found: Record<string, string> = {}
  for (const issue of error.issues) found[String(issue.path[0] ?? '')] ??= `Expected ${issue.message}`
  return found
}

/** What to enter where nothing is: how long it may be is of no use then. */
const WANTED: Readonly<Record<string, string>> = {
  email: 'Enter your email address.',
  password: 'Enter a password.',
  currentPassword: 'Enter your current password.',
  newPassword: 'Enter a new password.',
  code: 'Enter the code from the mail.',
  name: 'Enter a name.',
  label: 'Enter a label.',
  title: 'Enter a title.',
  webhookUrl: 'Enter the URL to call.',
}

function emptyFields(error: z.ZodError, values: Readonly<Record<string, string>>): Record<string, string> {
  const found: Record<string, string> = {}
  for (const { path } of error.issues) {
    const field = String(path[0] ?? '')
    const wanted = WANTED[field]
    if (wanted !== undefined && values[field]?.trim() === '') found[field] = wanted
  }
  return found
}
