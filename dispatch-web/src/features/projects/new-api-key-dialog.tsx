import { useQueryClient } from '@tanstack/react-query'
import { createApiKeyBody, type NewApiKey } from 'dispatch-contract'
import { useId, useState } from 'react'
import { Banner } from '../../components/banner'
import { Button } from '../../components/button'
import { CopyButton } from '../../components/copy-button'
import { Dialog } from '../../components/dialog'
import { Field } from '../../components/field'
import { Form } from '../../components/form'
import { Input } from '../../components/input'
import { useForm } from '../../lib/use-form'
import { createApiKey, projectQuery, projectsQuery } from './api'

export interface NewApiKeyDialogProps {
  readonly projectId: string
  readonly onClose: () => void
}

/** Asks for a label, then shows the key, this once. */
export function NewApiKeyDialog({ projectId, onClose }: NewApiKeyDialogProps) {
  const [created, setCreated] = useState<NewApiKey>()
  return created ? (
    <ShownOnce apiKey={created} onClose={onClose} />
  ) : (
    <LabelForm projectId={projectId} onClose={onClose} onCreated={setCreated} />
  )
}

interface LabelFormProps extends NewApiKeyDialogProps {
  readonly onCreated: (key: NewApiKey) => void
}

function LabelForm({ projectId, onClose, onCreated }: LabelFormProps) {
  const formId = useId()
  const queryClient = useQueryClient()
  const form = useForm({
    schema: createApiKeyBody,
    initial: { label: '' },
    submit: (body) => createApiKey(projectId, body),
    onDone(key) {
      void queryClient.invalidateQueries({ queryKey: projectQuery(projectId).queryKey })
      void queryClient.invalidateQueries({ queryKey: projectsQuery.queryKey, exact: true })
      onCreated(key)
    },
  })
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="New API key"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} look="primary" isBusy={form.isBusy}>
            Create key
          </Button>
        </>
      }
    >
      <Form form={form} id={formId}>
        <Field
          label="Label"
          error={form.errorOf('label')}
          hint="Where the key will live, such as “production server” or “CI”."
        >
          <Input {...form.control('label')} autoComplete="off" />
        </Field>
      </Form>
    </Dialog>
  )
}

function ShownOnce({ apiKey: { key, label }, onClose }: { readonly apiKey: NewApiKey; readonly onClose: () => void }) {
  return (
    <Dialog
      isOpen
      onClose={onClose}
      isDismissible={false}
      width="lg"
      title={`Your key “${label}”`}
      actions={
        <>
          <CopyButton text={key} what="key" look="primary" />
          <Button onClick={onClose}>Done</Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Banner tone="warning">Copy it now. It is shown this once: Dispatch only keeps its hash.</Banner>
        <output
          aria-label="API key"
          className="block rounded-md border border-line-strong bg-well p-3 font-mono text-sm break-all select-all"
        >
          {key}
        </output>
        <p className="text-sm text-muted">
          Send it as the header <code className="font-mono">x-api-key</code>. Keep it out of source code and browsers.
        </p>
      </div>
    </Dialog>
  )
}
