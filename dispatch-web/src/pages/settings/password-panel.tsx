import { useQueryClient } from '@tanstack/react-query'
import { changePasswordBody } from 'dispatch-contract'
import { Button } from '../../components/button'
import { Field } from '../../components/field'
import { Form } from '../../components/form'
import { PasswordInput } from '../../components/input'
import { Panel } from '../../components/panel'
import { toast } from '../../components/toasts'
import { changePassword, sessionsQuery } from '../../features/account/api'
import { useForm } from '../../lib/use-form'

export function PasswordPanel({ email }: { readonly email: string }) {
  const queryClient = useQueryClient()
  const form = useForm({
    schema: changePasswordBody,
    initial: { currentPassword: '', newPassword: '' },
    submit: changePassword,
    onDone() {
      form.reset()
      void queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })
      toast('Password changed', 'Your other sessions were ended.')
    },
  })
  return (
    <Panel title="Password" isPadded>
      <div className="max-w-md">
        <Form form={form}>
          {/* Password managers file the new password under it. */}
          <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
          <Field label="Current password" error={form.errorOf('currentPassword')}>
            <PasswordInput {...form.control('currentPassword')} autoComplete="current-password" />
          </Field>
          <Field
            label="New password"
            error={form.errorOf('newPassword')}
            hint="At least 8 characters. Other sessions end."
          >
            <PasswordInput {...form.control('newPassword')} autoComplete="new-password" />
          </Field>
          <div>
            <Button type="submit" disabled={!form.isChanged} isBusy={form.isBusy}>
              Change password
            </Button>
          </div>
        </Form>
      </div>
    </Panel>
  )
}
