import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { deleteAccountBody, type Me } from 'dispatch-contract'
import { useId, useState } from 'react'
import { Button } from '../../components/button'
import { Dialog } from '../../components/dialog'
import { Field } from '../../components/field'
import { Form } from '../../components/form'
import { PasswordInput } from '../../components/input'
import { Panel } from '../../components/panel'
import { toast } from '../../components/toasts'
import { deleteAccount } from '../../features/account/api'
import { setupQuery } from '../../features/setup/api'
import { endSession } from '../../lib/session'
import { useForm } from '../../lib/use-form'

export function DeleteAccountPanel({ me }: { readonly me: Me }) {
  const [isAsking, setAsking] = useState(false)
  return (
    <Panel title="Delete your account" tone="danger" isPadded>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-xl text-muted">
          {me.isInstanceOwner
            ? 'You own this instance. While there are other accounts, make one of them its owner first: npx dispatch user promote EMAIL.'
            : 'Organizations that nobody else is in go with it, with their projects and jobs.'}
        </p>
        <Button look="danger" onClick={() => setAsking(true)}>
          Delete account
        </Button>
      </div>
      {isAsking && <DeleteDialog email={me.email} onClose={() => setAsking(false)} />}
    </Panel>
  )
}

function DeleteDialog({ email, onClose }: { readonly email: string; readonly onClose: () => void }) {
  const formId = useId()
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const form = useForm({
    schema: deleteAccountBody,
    initial: { password: '' },
    submit: deleteAccount,
    async onDone({ message }) {
      endSession()
      // Perhaps nobody is left, and the next account is an owner's again.
      queryClient.removeQueries(setupQuery)
      await navigate({ to: '/sign-in' })
      queryClient.clear()
      toast(message)
    },
  })
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Delete your account?"
      description="Organizations that nobody else is in, their projects, jobs and logs are deleted. Nothing of them fires any more. This cannot be undone."
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button type="submit" form={formId} look="danger" isBusy={form.isBusy}>
            Delete account
          </Button>
        </>
      }
    >
      <Form form={form} id={formId}>
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <Field label="Your password" error={form.errorOf('password')}>
          <PasswordInput {...form.control('password')} autoComplete="current-password" />
        </Field>
      </Form>
    </Dialog>
  )
}
