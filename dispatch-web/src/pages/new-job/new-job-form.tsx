import { useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { Project } from 'dispatch-contract'
import { useState } from 'react'
import { Button, buttonClass } from '../../components/button'
import { Field } from '../../components/field'
import { Form } from '../../components/form'
import { Input } from '../../components/input'
import { InstantInput, InstantMeaning } from '../../components/instant-input'
import { JsonEditor } from '../../components/json-editor'
import { Select } from '../../components/select'
import { useReadyEcho } from '../../features/echo/use-ready-echo'
import { createJob } from '../../features/jobs/api'
import { jobBodyText, jobForm } from '../../features/jobs/job-body'
import { JobSnippets } from '../../features/jobs/job-snippets'
import { webhookUrlHint } from '../../features/jobs/webhook-url-hint'
import { ApiError, messageOf } from '../../lib/api-error'
import { toInstantText, toIso, type InstantText } from '../../lib/instant-text'
import { describeProblem, scanJson } from '../../lib/json-text'
import { randomKey } from '../../lib/random-key'
import { serverNowMs } from '../../lib/server-clock'
import { zone } from '../../lib/zone'
import { useForm } from '../../lib/use-form'
import { EchoOffer } from './echo-offer'

const MINUTE_MS = 60_000
const ECHO_HINT =
  'The echo of this project: it arrives without leaving this server, and is shown on the page of the echo.'
/** Enough to fill in the form before it is past. */
const FIRST_IN_MS = 5 * MINUTE_MS
const BLANK = { title: '', webhookUrl: '', payload: '{\n  \n}' }
/** Only a click is left to do. */
const FIRST_WEBHOOK = { title: 'My first webhook', payload: '{\n  "hello": "world"\n}' }

export interface NewJobFormProps {
  readonly projects: readonly Project[]
  /** Chosen at first. */
  readonly projectId: string | undefined
  /** Filled in at first: a first webhook to this echo. */
  readonly echoUrl: string | null
}

export function NewJobForm({ projects, projectId, echoUrl }: NewJobFormProps) {
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const [inZone, setInZone] = useState(zone.get)
  const [initial] = useState(() => ({
    projectId: (projects.find(({ id }) => id === projectId) ?? projects[0])?.id ?? '',
    ...(echoUrl === null ? BLANK : { ...FIRST_WEBHOOK, webhookUrl: echoUrl }),
    fireAt: firstInstant(inZone, echoUrl === null ? FIRST_IN_MS : MINUTE_MS).text,
  }))
  // One for each form: a double click, or trying again after an answer that got lost, makes one job.
  const [key, setKey] = useState(randomKey)
  const form = useForm({
    schema: jobForm,
    initial,
    toBody: (values) => ({ ...values, fireAt: toIso({ text: values['fireAt'] ?? '', zone: inZone }) }),
    submit: ({ projectId: chosen, ...body }) => createJob(chosen, jobBodyText(body), key).catch(explainConflict),
    onFailed(failure) {
      // The job that the key stands for is there; what was changed since is another one.
      if (failure instanceof ApiError && failure.code === 'IDEMPOTENCY_CONFLICT') setKey(randomKey())
      return false
    },
    async onDone({ id }) {
      void queryClient.invalidateQueries({ queryKey: ['jobs'] })
      await navigate({ to: '/jobs/$jobId', params: { jobId: id } })
    },
  })
  const at: InstantText = { text: form.valueOf('fireAt'), zone: inZone }
  const takeInstant = ({ text, zone: chosen }: InstantText): void => {
    setInZone(chosen)
    form.set('fireAt', text)
  }
  const payload = form.valueOf('payload')
  const problem = payload.trim() === '' ? null : scanJson(payload).problem
  const url = form.valueOf('webhookUrl')
  const title = form.valueOf('title')
  const echo = useReadyEcho(form.valueOf('projectId'))
  const chooseProject = (id: string): void => {
    // Another project signs with another secret: its own echo would call that wrong.
    if (url !== '' && url === echo.url) form.set('webhookUrl', '')
    form.set('projectId', id)
  }
  return (
    <Form form={form}>
      <div className="grid gap-x-6 gap-y-4 lg:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-4">
          <Field label="Project" error={form.errorOf('projectId')} hint="Its secret signs the webhook.">
            <Select
              options={projects.map(({ id, name }) => ({ value: id, label: name }))}
              value={form.valueOf('projectId')}
              onChange={chooseProject}
            />
          </Field>
          <Field label="Title" error={form.errorOf('title')} hint="For people; it is also sent to the endpoint.">
            <Input {...form.control('title')} autoComplete="off" maxLength={191} />
          </Field>
          <Field
            label="Webhook URL"
            error={form.errorOf('webhookUrl') ?? (echo.error === null ? undefined : messageOf(echo.error))}
            hint={url !== '' && url === echo.url ? ECHO_HINT : (webhookUrlHint(url) ?? 'Where Dispatch will POST to.')}
            aside={url === '' && <EchoOffer echo={echo} onTake={(taken) => form.set('webhookUrl', taken)} />}
          >
            <Input
              {...form.control('webhookUrl')}
              inputMode="url"
              autoComplete="off"
              spellCheck={false}
              autoCapitalize="off"
              placeholder="https://your-app.example/hooks/hello"
              className="font-mono text-sm"
            />
          </Field>
          <Field label="Fire at" error={form.errorOf('fireAt')} hint={<InstantMeaning value={at} />}>
            <InstantInput name="fireAt" value={at} onChange={takeInstant} />
          </Field>
        </div>
        <Field
          label="Payload"
          error={form.errorOf('payload')}
          hint={
            problem ? `Not JSON yet: expected ${describeProblem(problem)}` : 'A JSON object, delivered byte for byte.'
          }
        >
          <JsonEditor name="payload" value={payload} onChange={(text) => form.set('payload', text)} problem={problem} />
        </Field>
      </div>
      <JobSnippets
        job={{ bodyText: jobBodyText({ title, webhookUrl: url, fireAt: toIso(at), payload }), idempotencyKey: key }}
      />
      <div className="flex flex-wrap justify-end gap-2 border-t border-line pt-4">
        <Link to="/jobs" className={buttonClass()}>
          Back to the jobs
        </Link>
        <Button type="submit" look="primary" isBusy={form.isBusy}>
          Schedule job
        </Button>
      </div>
    </Form>
  )
}

function firstInstant(inZone: InstantText['zone'], inMs: number): InstantText {
  const nowMs = serverNowMs()
  return toInstantText(Math.ceil((nowMs + inMs) / MINUTE_MS) * MINUTE_MS, inZone)
}

function explainConflict(failure: unknown): never {
  if (!(failure instanceof ApiError) || failure.code !== 'IDEMPOTENCY_CONFLICT') throw failure
  const message =
    'A job was made from this form before, though its answer did not get here: look for it in the list of jobs. Schedule once more to make another one, as it stands here now.'
  throw new ApiError({ code: failure.code, status: failure.status, message, cause: failure })
}
