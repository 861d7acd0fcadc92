import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { resetPasswordBody } from 'dispatch-contract'
import { Banner } from '../components/banner'
import { Button } from '../components/button'
import { EntryFrame } from '../components/entry-frame'
import { Field } from '../components/field'
import { Form } from '../components/form'
import { PasswordInput } from '../components/input'
import { LINK_CLASS } from '../components/text-link'
import { toast } from '../components/toasts'
import { resetPassword } from '../features/account/api'
import { endSession } from '../lib/session'
import { useForm } from '../lib/use-form'

const route = getRouteApi('/reset-password')

export function ResetPasswordPage() {
  const { token = '' } = route.useSearch()
  const navigate = useNavigate()
  const form = useForm({
    schema: resetPasswordBody,
    initial: { password: '' },
    toBody: (values) => ({ ...values, token }),
    submit: resetPassword,
    async onDone() {
      // The reset ended every session of the account, perhaps this tab's too.
      endSession()
      await navigate({ to: '/sign-in', replace: true })
      toast('Password changed', 'Sign in with the new one.')
    },
  })
  return (
    <EntryFrame
      title="Choose a new password"
      description="Everybody who is signed in to the account is signed out."
      footer={
        <Link to="/forgot-password" className={LINK_CLASS}>
          Ask for a new link
        </Link>
      }
    >
      {token === '' ? (
        <Banner tone="warning">The link is incomplete: open it from the mail again, or copy all of it.</Banner>
      ) : (
        <Form form={form}>
          <Field label="New password" error={form.errorOf('password')} hint="At least 8 characters.">
            <PasswordInput {...form.control('password')} autoComplete="new-password" autoFocus />
          </Field>
          <Button type="submit" look="primary" isBusy={form.isBusy}>
            Change the password
          </Button>
        </Form>
      )}
    </EntryFrame>
  )
}
