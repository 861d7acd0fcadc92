import { useQueryClient } from '@tanstack/react-query'
import { profileBody, type Me } from 'dispatch-contract'
import { Button } from '../../components/button'
import { Field } from '../../components/field'
import { Form } from '../../components/form'
import { Input } from '../../components/input'
import { Panel } from '../../components/panel'
import { toast } from '../../components/toasts'
import { meQuery, updateProfile } from '../../features/account/api'
import { useForm } from '../../lib/use-form'

export function ProfilePanel({ me: { name } }: { readonly me: Me }) {
  const queryClient = useQueryClient()
  const form = useForm({
    schema: profileBody.pick({ name: true }),
    initial: { name: name ?? '' },
    toBody: (values) => ({ name: values['name']?.trim() || null }),
    submit: updateProfile,
    async onDone() {
      await queryClient.invalidateQueries({ queryKey: meQuery.queryKey, exact: true })
      toast('Name saved')
    },
  })
  return (
    <Panel title="Profile" isPadded>
      <Form form={form}>
        <div className="flex max-w-md items-end gap-2">
          <Field label="Name" error={form.errorOf('name')} className="min-w-0 flex-1">
            <Input {...form.control('name')} autoComplete="name" />
          </Field>
          <Button type="submit" disabled={!form.isChanged} isBusy={form.isBusy}>
            Save
          </Button>
        </div>
      </Form>
    </Panel>
  )
}
