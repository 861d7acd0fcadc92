import { useState, type SubmitEvent } from 'react'
import { Button } from '../../components/button'
import { Field } from '../../components/field'
import { Input, PasswordInput, TextArea } from '../../components/input'
import { Segmented } from '../../components/segmented'
import { readQuestion, type Texts, type TextProblems } from '../../features/verify/read-question'
import type { Question } from '../../features/verify/diagnose'
import { serverNowMs } from '../../lib/server-clock'

const EMPTY: Texts = { form: 'whole', request: '', headers: '', body: '', secret: '', receivedAt: '' }
const FORMS = [
  { value: 'whole', label: 'Whole request' },
  { value: 'parts', label: 'Headers and body' },
] as const

const WHOLE_EXAMPLE = `POST /hooks/hello HTTP/1.1
webhook-id: 0199d0a0-…
webhook-timestamp: 1765703400
webhook-signature: v1,…
x-dispatch-signature: t=1765703400,v1=…

{"jobId":"0199d0a0-…","title":"…","payload":{…},"firedAt":"…"}`

export interface VerifyFormProps {
  readonly isBusy: boolean
  readonly canCheck: boolean
  readonly onAsk: (question: Question) => void
  /** What was asked is not what stands here any more. */
  readonly onChange: () => void
}

export function VerifyForm({ isBusy, canCheck, onAsk, onChange }: VerifyFormProps) {
  const [texts, setTexts] = useState(EMPTY)
  const [problems, setProblems] = useState<TextProblems>({})
  const control = (name: Exclude<keyof Texts, 'form'>) => ({
    name,
    value: texts[name],
    spellCheck: false,
    autoComplete: 'off',
    onChange: (event: { readonly target: { readonly value: string } }) => change({ [name]: event.target.value }),
  })
  const change = (changed: Partial<Texts>): void => {
    setTexts((before) => ({ ...before, ...changed }))
    setProblems({})
    onChange()
  }
  const ask = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const read = readQuestion(texts, serverNowMs())
    setProblems(read.problems)
    if (read.question) {
      onAsk(read.question)
      return
    }
    const [first = ''] = Object.keys(read.problems)
    const field = event.currentTarget.elements.namedItem(first)
    if (field instanceof HTMLElement) field.focus()
  }
  return (
    <form noValidate onSubmit={ask} className="flex flex-col gap-4">
      <div>
        <Segmented label="What is pasted" options={FORMS} value={texts.form} onChange={(form) => change({ form })} />
      </div>
      {texts.form === 'whole' ? (
        <Field
          label="Request"
          error={problems.request}
          hint="As it went over the wire, from a log, or as a curl command: headers, an empty line, the body."
        >
          <TextArea {...control('request')} rows={12} placeholder={WHOLE_EXAMPLE} />
        </Field>
      ) : (
        <>
          <Field
            label="Headers"
            error={problems.headers}
            hint="One on each line, or as JSON, Node or Python print them."
          >
            <TextArea {...control('headers')} rows={6} />
          </Field>
          <Field label="Body" error={problems.body} hint="Exactly as your handler has it.">
            <TextArea {...control('body')} rows={7} />
          </Field>
        </>
      )}
      <Field
        label="Signing secret"
        error={problems.secret}
        hint="On the page of the job's project. Several are taken, with spaces between them."
      >
        <PasswordInput {...control('secret')} placeholder="whsec_…" className="font-mono text-sm" />
      </Field>
      <Field
        label="Received at"
        aside={<span className="text-sm text-faint">optional</span>}
        error={problems.receivedAt}
        hint="By your server's clock, as its log has it: then the clock is judged as well. UTC unless it names a zone."
      >
        <Input {...control('receivedAt')} placeholder="2026-06-13T09:30:00Z" className="font-mono text-sm" />
      </Field>
      <div className="flex items-center justify-end border-t border-line pt-4">
        <Button type="submit" look="primary" disabled={!canCheck} isBusy={isBusy}>
          Find out why
        </Button>
      </div>
    </form>
  )
}
