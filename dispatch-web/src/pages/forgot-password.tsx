import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { emailBody } from 'dispatch-contract'
import { useState } from 'react'
import { Banner } from '../components/banner'
import { Button } from '../components/button'
import { CodeBlock } from '../components/code-block'
import { EntryFrame } from '../components/entry-frame'
import { Field } from '../components/field'
import { Form } from '../components/form'
import { Input } from '../components/input'
import { LINK_CLASS } from '../components/text-link'
import { forgotPassword } from '../features/account/api'
import { setupQuery } from '../features/setup/api'
import { useForm } from '../lib/use-form'

export function ForgotPasswordPage() {
  const { from } = useSearch({ from: '/entry' })
  const { data: setup } = useQuery(setupQuery)
  return (
    <EntryFrame
      title="A new password"
      footer={
        <Link to="/sign-in" search={{ from }} className={LINK_CLASS}>
          Back to the sign-in
        </Link>
      }
    >
      {setup?.mail === false ? <WithoutMail /> : <RequestForm />}
    </EntryFrame>
  )
}

function WithoutMail() {
  return (
    <div className="flex flex-col gap-3">
      <p>This server sends no mail. Whoever runs it can make a link for you, on the machine itself:</p>
      <CodeBlock what="command" text="npx dispatch user reset-password EMAIL" />
    </div>
  )
}

function RequestForm() {
  const [answer, setAnswer] = useState<string>()
  const form = useForm({
    schema: emailBody,
    initial: { email: '' },
    submit: forgotPassword,
    onDone: ({ message }) => setAnswer(message),
  })
  return (
    <Form form={form}>
      {answer !== undefined && <Banner tone="success">{answer}</Banner>}
      <Field label="Email" error={form.errorOf('email')} hint="We send a link with which you choose a new password.">
        <Input {...form.control('email')} type="email" autoComplete="username" autoFocus />
      </Field>
      <Button type="submit" look="primary" isBusy={form.isBusy}>
        Send the link
      </Button>
    </Form>
  )
}
