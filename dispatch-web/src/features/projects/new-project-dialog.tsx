import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { createProjectBody } from 'dispatch-contract'
import { useId } from 'react'
import { Button } from '../../components/button'
import { Dialog } from '../../components/dialog'
import { Field } from '../../components/field'
import { Form } from '../../components/form'
import { Input } from '../../components/input'
import { reopenEvents } from '../../lib/events'
import { useForm } from '../../lib/use-form'
import { createProject, projectsQuery } from './api'

/** Leads to the new project, where the next step is a key. */
export function NewProjectDialog({ onClose }: { readonly onClose: () => void }) {
  const formId = useId()
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const form = useForm({
    schema: createProjectBody,
    initial: { name: '' },
    submit: createProject,
    async onDone({ id }) {
      reopenEvents()
      void queryClient.invalidateQueries({ queryKey: projectsQuery.queryKey })
      await navigate({ to: '/projects/$projectId', params: { projectId: id } })
    },
  })
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="New project"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={formId} look="primary" isBusy={form.isBusy}>
            Create project
          </Button>
        </>
      }
    >
      <Form form={form} id={formId}>
        <Field
          label="Name"
          error={form.errorOf('name')}
          hint="Such as “production” or “billing”. You can change it later."
        >
          <Input {...form.control('name')} autoComplete="off" />
        </Field>
      </Form>
    </Dialog>
  )
}
