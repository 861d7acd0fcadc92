import { useQueryClient } from '@tanstack/react-query'
import { ECHO_CONTENT_TYPES, updateEchoBody, type EchoAnswer } from 'dispatch-contract'
import { useState } from 'react'
import { Button } from '../../components/button'
import { Field } from '../../components/field'
import { Form } from '../../components/form'
import { Input, TextArea } from '../../components/input'
import { Panel } from '../../components/panel'
import { Select } from '../../components/select'
import { echoQuery, updateEcho } from '../../features/echo/api'
import { useForm } from '../../lib/use-form'

const TYPES = ECHO_CONTENT_TYPES.map((type) => ({ value: type, label: type }))
/** Of an empty field NaN: the schema then says what it expects, where to leave it out would be taken. */
const wholeNumber = (text = ''): number => (text.trim() === '' ? NaN : Number(text))

/** What it answers: also failures and slowness, to see what becomes of them. */
export function AnswerPanel({ projectId, answer }: { readonly projectId: string; readonly answer: EchoAnswer }) {
  const queryClient = useQueryClient()
  const { status, delayMs, body, contentType } = answer
  const told = JSON.stringify(answer)
  const [saved, setSaved] = useState<string>()
  const form = useForm({
    schema: updateEchoBody,
    initial: { status: String(status), delayMs: String(delayMs), contentType, body },
    toBody: (values) => ({
      ...values,
      status: wholeNumber(values['status']),
      delayMs: wholeNumber(values['delayMs']),
    }),
    submit: (body) => updateEcho(projectId, body),
    onDone(changed) {
      queryClient.setQueryData(echoQuery(projectId).queryKey, changed)
      const now = JSON.stringify(changed.answer)
      setSaved(now)
      // The same in other words, as 0503 for 503.
      if (now === told) form.reset()
    },
  })
  // What was told elsewhere is shown here too. A form made anew for it would lose the focus.
  const [shown, setShown] = useState(told)
  if (told !== shown) {
    setShown(told)
    form.reset()
  }
  return (
    <Panel
      title="Answer"
      description="What every request is answered. For a single one, add ?status=503&delayMs=2000 to the address."
      isPadded
    >
      <Form form={form}>
        <div className="grid gap-x-6 gap-y-4 sm:grid-cols-3">
          <Field label="Status" error={form.errorOf('status')} hint="200 to 599. Above 299 the attempt fails.">
            <Input {...form.control('status')} inputMode="numeric" autoComplete="off" className="font-mono text-sm" />
          </Field>
          <Field label="Delay in ms" error={form.errorOf('delayMs')} hint="Up to 30000.">
            <Input {...form.control('delayMs')} inputMode="numeric" autoComplete="off" className="font-mono text-sm" />
          </Field>
          <Field label="Content type" error={form.errorOf('contentType')} hint="Never HTML.">
            <Select
              options={TYPES}
              value={contentTypeOf(form.valueOf('contentType'))}
              onChange={(type) => form.set('contentType', type)}
            />
          </Field>
        </div>
        <Field label="Body" error={form.errorOf('body')}>
          <TextArea
            name="body"
            value={form.valueOf('body')}
            onChange={(event) => form.set('body', event.target.value)}
            rows={4}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
          />
        </Field>
        <div className="flex flex-wrap items-center justify-end gap-x-4 gap-y-2">
          {/* Screen readers tell what comes into a place that was there before. */}
          <p role="status" className="text-sm text-muted">
            {saved === told && !form.isChanged && 'Saved: the echo answers so from now on'}
          </p>
          <Button type="submit" disabled={!form.isChanged} isBusy={form.isBusy}>
            Save answer
          </Button>
        </div>
      </Form>
    </Panel>
  )
}

function contentTypeOf(text: string): (typeof ECHO_CONTENT_TYPES)[number] {
  return ECHO_CONTENT_TYPES.find((type) => type === text) ?? ECHO_CONTENT_TYPES[0]
}
