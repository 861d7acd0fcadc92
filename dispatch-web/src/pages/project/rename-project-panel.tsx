import { useQueryClient } from '@tanstack/react-query'
import { renameProjectBody, type Project } from 'dispatch-contract'
import { Button } from '../../components/button'
import { Field } from '../../components/field'
import { Form } from '../../components/form'
import { Input } from '../../components/input'
import { Panel } from '../../components/panel'
import { toast } from '../../components/toasts'
import { projectQuery, projectsQuery, renameProject } from '../../features/projects/api'
import { useForm } from '../../lib/use-form'

export function RenameProjectPanel({ project: { id, name } }: { readonly project: Project }) {
  const queryClient = useQueryClient()
  const form = useForm({
    schema: renameProjectBody,
    initial: { name },
    submit: (body) => renameProject(id, body),
    onDone(renamed) {
      queryClient.setQueryData(projectQuery(id).queryKey, renamed)
      void queryClient.invalidateQueries({ queryKey: projectsQuery.queryKey, exact: true })
      toast('Project renamed')
    },
  })
  return (
    <Panel title="Name" isPadded>
      <Form form={form}>
        <div className="flex max-w-md items-end gap-2">
          <Field label="Project name" error={form.errorOf('name')} className="min-w-0 flex-1">
            <Input {...form.control('name')} autoComplete="off" />
          </Field>
          <Button type="submit" disabled={!form.isChanged} isBusy={form.isBusy}>
            Rename
          </Button>
        </div>
      </Form>
    </Panel>
  )
}
