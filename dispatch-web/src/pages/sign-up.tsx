import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { registerBody, type RegisterBody } from 'dispatch-contract'
import { Button } from '../components/button'
import { EntryFrame } from '../components/entry-frame'
import { Field } from '../components/field'
import { Form } from '../components/form'
import { Input, PasswordInput } from '../components/input'
import { HEADER_LINK_CLASS, LINK_CLASS } from '../components/text-link'
import { register } from '../features/account/api'
import { rememberRegistration } from '../features/account/pending-registration'
import { useEntry } from '../features/account/use-entry'
import { DocsLink } from '../features/docs/docs-link'
import { setupQuery } from '../features/setup/api'
import { useForm } from '../lib/use-form'

export function SignUpPage() {
  const { from } = useSearch({ from: '/entry' })
  return (
    <EntryFrame
      title="Create an account"
      aside={<DocsLink className={HEADER_LINK_CLASS}>Docs</DocsLink>}
      description="You get an organization of your own."
      footer={
        <Link to="/sign-in" search={{ from }} className={LINK_CLASS}>
          Sign in instead
        </Link>
      }
    >
      <RegistrationForm action="Create account" needsSetupToken={false} />
    </EntryFrame>
  )
}

/** The first page of an empty install. */
export function WelcomePage() {
  const { data: setup } = useQuery(setupQuery)
  return (
    <EntryFrame
      title="Welcome to Dispatch"
      aside={<DocsLink className={HEADER_LINK_CLASS}>Docs</DocsLink>}
      description="Nobody has an account here yet. The first one becomes the owner of this instance."
    >
      <RegistrationForm action="Create the owner's account" needsSetupToken={setup?.needsSetupToken ?? false} />
    </EntryFrame>
  )
}

interface RegistrationFormProps {
  readonly action: string
  readonly needsSetupToken: boolean
}

function RegistrationForm({ action, needsSetupToken }: RegistrationFormProps) {
  const enter = useEntry()
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const { from } = useSearch({ from: '/entry' })
  const form = useForm({
    schema: registerBody,
    initial: { ...(needsSetupToken && { setupToken: '' }), name: '', email: '', password: '' },
    toBody: ({ name, setupToken, ...rest }) => ({
      ...rest,
      ...(name?.trim() && { name }),
      ...(setupToken !== undefined && { setupToken: setupToken.trim() }),
    }),
    submit: async (body) => ({ body, answer: await register(body) }),
    async onDone({ body, answer }) {
      queryClient.removeQueries(setupQuery)
      if ('token' in answer) return enter(answer)
      rememberRegistration(pick(body))
      await navigate({ to: '/verify-email', search: { email: answer.email, from } })
    },
  })
  return (
    <Form form={form}>
      {needsSetupToken && (
        <Field
          label="Set-up token"
          error={form.errorOf('setupToken')}
          hint="Dispatch printed it when it started. It shows that you run this server."
        >
          <Input
            {...form.control('setupToken')}
            className="font-mono"
            autoComplete="off"
            spellCheck={false}
            autoFocus
          />
        </Field>
      )}
      <Field label="Name" error={form.errorOf('name')} aside={<span className="text-sm text-faint">optional</span>}>
        <Input {...form.control('name')} autoComplete="name" autoFocus={!needsSetupToken} />
      </Field>
      <Field label="Email" error={form.errorOf('email')}>
        <Input {...form.control('email')} type="email" autoComplete="username" />
      </Field>
      <Field label="Password" error={form.errorOf('password')} hint="At least 8 characters.">
        <PasswordInput {...form.control('password')} autoComplete="new-password" />
      </Field>
      <Button type="submit" look="primary" isBusy={form.isBusy}>
        {action}
      </Button>
    </Form>
  )
}

function pick({ email, password }: RegisterBody): Pick<RegisterBody, 'email' | 'password'> {
  return { email, password }
}
