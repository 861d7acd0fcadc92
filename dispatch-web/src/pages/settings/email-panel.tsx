import { useQueryClient } from '@tanstack/react-query'
import { email as emailSchema, verifyEmailBody, type Me } from 'dispatch-contract'
import { useState } from 'react'
import * as z from 'zod'
import { Banner } from '../../components/banner'
import { Button } from '../../components/button'
import { Field } from '../../components/field'
import { Form } from '../../components/form'
import { Input, PasswordInput } from '../../components/input'
import { Panel } from '../../components/panel'
import { toast } from '../../components/toasts'
import { meQuery, updateProfile, verifyEmail } from '../../features/account/api'
import { startSession } from '../../lib/session'
import { useForm } from '../../lib/use-form'

const emailChange = z.object({ email: emailSchema, password: z.string().min(1, { error: 'your password' }) })

/** A new address counts at once, or, where the server sends mail, when the code sent to it was entered. */
export function EmailPanel({ me }: { readonly me: Me }) {
  const [awaited, setAwaited] = useState<string | null>(null)
  return (
    <Panel title="Email" description={me.email} isPadded>
      <div className="max-w-md">
        {awaited === null ? (
          <ChangeForm me={me} onAwaited={setAwaited} />
        ) : (
          <CodeForm email={awaited} onCancel={() => setAwaited(null)} />
        )}
      </div>
    </Panel>
  )
}

function ChangeForm({ me, onAwaited }: { readonly me: Me; readonly onAwaited: (email: string) => void }) {
  const queryClient = useQueryClient()
  const form = useForm({
    schema: emailChange,
    initial: { email: '', password: '' },
    submit: async (body) => ({ email: body.email, changed: (await updateProfile(body)).data }),
    async onDone({ email, changed }) {
      if (changed.email !== email) {
        onAwaited(email)
        return
      }
      await queryClient.invalidateQueries({ queryKey: meQuery.queryKey, exact: true })
      toast(email === me.email ? 'That is your address already' : 'Email address changed')
    },
  })
  return (
    <Form form={form}>
      <Field label="New address" error={form.errorOf('email')}>
        <Input {...form.control('email')} type="email" autoComplete="email" />
      </Field>
      <Field label="Your password" error={form.errorOf('password')}>
        <PasswordInput {...form.control('password')} autoComplete="current-password" />
      </Field>
      <div>
        <Button type="submit" disabled={!form.isChanged} isBusy={form.isBusy}>
          Change address
        </Button>
      </div>
    </Form>
  )
}

function CodeForm({ email, onCancel }: { readonly email: string; readonly onCancel: () => void }) {
  const queryClient = useQueryClient()
  const form = useForm({
    schema: verifyEmailBody,
    initial: { code: '' },
    toBody: (values) => ({ ...values, email }),
    submit: verifyEmail,
    async onDone({ data }) {
      startSession(data.token)
      await queryClient.invalidateQueries({ queryKey: meQuery.queryKey })
      toast('Email address changed')
    },
  })
  return (
    <Form form={form}>
      <Banner>
        Enter the code that was sent to <strong className="font-semibold">{email}</strong>. Until then your old address
        holds.
      </Banner>
      <Field label="Code" error={form.errorOf('code')}>
        <Input
          {...form.control('code')}
          inputMode="numeric"
          autoComplete="one-time-code"
          className="font-mono"
          autoFocus
        />
      </Field>
      <div className="flex gap-2">
        <Button type="submit" look="primary" isBusy={form.isBusy}>
          Confirm
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </Form>
  )
}
