import { expect, test } from 'vitest'
import { jobBodyText } from './job-body'
import { snippets, type SnippetJob } from './snippets'

const withPayload = (payload: string): SnippetJob => ({
  bodyText: jobBodyText({
    title: 'Hello',
    webhookUrl: 'https://example.com/hook',
    fireAt: '2026-06-13T09:30:00.000Z',
    payload,
  }),
  idempotencyKey: 'k-1',
})

test('every language carries the body as it is, the idempotency key, and reads the API key from the environment', () => {
  const job = withPayload('{"n": 12345678901234567890}')
  for (const code of Object.values(snippets(job, 'https://d.example'))) {
    expect(code).toContain(job.bodyText)
    expect(code).toContain('https://d.example/api/v1/jobs')
    expect(code).toContain('Idempotency-Key')
    expect(code).toContain('k-1')
    expect(code).toContain('DISPATCH_API_KEY')
    expect(code).not.toContain('sk_')
  }
})

test('Go writes raw strings where they can hold the text, and escapes what they cannot', () => {
  expect(snippets(withPayload('{"a":"\\n$x \'"}'), 'https://d.example').go).toContain('"payload":{"a":"\\n$x \'"}}`')
  const quoted = snippets(withPayload('{"a":"`",\r\n"b":1}'), 'https://d.example').go
  expect(quoted).toContain('\\"payload\\":{\\"a\\":\\"`\\",\\u000d\\n\\"b\\":1}}"')
})
