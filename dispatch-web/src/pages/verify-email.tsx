import { useMutation } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { verifyEmailBody } from 'dispatch-contract'
import { Banner } from '../components/banner'
import { Button } from '../components/button'
import { EntryFrame } from '../components/entry-frame'
import { Field } from '../components/field'
import { Form } from '../components/form'
import { Input } from '../components/input'
import { LINK_CLASS } from '../components/text-link'
import { toast } from '../components/toasts'
import { resendVerification, verifyEmail } from '../features/account/api'
import { passwordOfRegistration, rememberRegistration } from '../features/account/pending-registration'
import { useEntry } from '../features/account/use-entry'
import { messageOf } from '../lib/api-error'
import { useForm } from '../lib/use-form'

const route = getRouteApi('/entry/verify-email')

export function VerifyEmailPage() {
  const { email = '', from } = route.useSearch()
  const enter = useEntry()
  const resending = useMutation({ mutationFn: () => resendVerification({ email: form.valueOf('email') }) })
  const form = useForm({
    schema: verifyEmailBody,
    initial: { email, code: '' },
    toBody: (values) => ({ ...values, password: passwordOfRegistration(values['email'] ?? '') }),
    submit: verifyEmail,
    async onDone({ data, message }) {
      rememberRegistration(null)
      await enter(data)
      toast(message)
    },
  })
  return (
    <EntryFrame
      title="Enter your code"
      description={
        email === '' ? (
          'It came by mail and is valid for 15 minutes.'
        ) : (
          <>
            It was sent to <span className="font-medium text-ink">{email}</span> and is valid for 15 minutes.
          </>
        )
      }
      footer={
        <Link to="/sign-in" search={{ from }} className={LINK_CLASS}>
          Sign in instead
        </Link>
      }
    >
      <Form form={form}>
        {resending.isSuccess && <Banner tone="success">{resending.data.message}</Banner>}
        {resending.isError && <Banner tone="danger">{messageOf(resending.error)}</Banner>}
        {email === '' && (
          <Field label="Email" error={form.errorOf('email')}>
            <Input {...form.control('email')} type="email" autoComplete="username" />
          </Field>
        )}
        <Field label="Code" error={form.errorOf('code')}>
          <Input
            {...form.control('code')}
            inputMode="numeric"
            autoComplete="one-time-code"
            placeholder="000000"
            className="font-mono text-lg tracking-[0.4em]"
            autoFocus
          />
        </Field>
        <Button type="submit" look="primary" isBusy={form.isBusy}>
          Verify
        </Button>
        <Button look="quiet" isBusy={resending.isPending} onClick={() => resending.mutate()}>
          Send a new code
        </Button>
      </Form>
    </EntryFrame>
  )
}
