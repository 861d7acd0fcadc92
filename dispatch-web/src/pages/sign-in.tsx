import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { loginBody } from 'dispatch-contract'
import { Banner } from '../components/banner'
import { Button } from '../components/button'
import { EntryFrame } from '../components/entry-frame'
import { Field } from '../components/field'
import { Form } from '../components/form'
import { Input, PasswordInput } from '../components/input'
import { HEADER_LINK_CLASS, LINK_CLASS } from '../components/text-link'
import { signIn } from '../features/account/api'
import { rememberRegistration } from '../features/account/pending-registration'
import { useEntry } from '../features/account/use-entry'
import { DocsLink } from '../features/docs/docs-link'
import { ApiError } from '../lib/api-error'
import { useForm } from '../lib/use-form'

const route = getRouteApi('/entry/sign-in')

export function SignInPage() {
  const { expired = false, from } = route.useSearch()
  const navigate = useNavigate()
  const enter = useEntry()
  const form = useForm({
    schema: loginBody,
    initial: { email: '', password: '' },
    submit: signIn,
    onDone: enter,
    onFailed(error) {
      if (!(error instanceof ApiError) || error.code !== 'EMAIL_NOT_VERIFIED') return false
      const email = form.valueOf('email').trim().toLowerCase()
      rememberRegistration({ email, password: form.valueOf('password') })
      void navigate({ to: '/verify-email', search: { email, from } })
      return true
    },
  })
  return (
    <EntryFrame
      title="Sign in"
      aside={<DocsLink className={HEADER_LINK_CLASS}>Docs</DocsLink>}
      footer={
        <>
          <Link to="/sign-up" search={{ from }} className={LINK_CLASS}>
            Create an account
          </Link>
          <Link to="/forgot-password" search={{ from }} className={LINK_CLASS}>
            Forgot your password?
          </Link>
        </>
      }
    >
      <Form form={form}>
        {expired && <Banner>Your session is over. Sign in to go on where you were.</Banner>}
        <Field label="Email" error={form.errorOf('email')}>
          <Input {...form.control('email')} type="email" autoComplete="username" autoFocus />
        </Field>
        <Field label="Password" error={form.errorOf('password')}>
          <PasswordInput {...form.control('password')} autoComplete="current-password" />
        </Field>
        <Button type="submit" look="primary" isBusy={form.isBusy}>
          Sign in
        </Button>
      </Form>
    </EntryFrame>
  )
}
