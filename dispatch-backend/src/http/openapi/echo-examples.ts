/** What the description of the API shows of echoes. */
import { JOB_ID } from './examples.js'

export const echo = {
  enabled: true,
  url: 'https://dispatch.example.com/api/v1/echo/Vq0hT1m8b3mCwM7c2n9yJk5sXr4eUoP6aZtLgDfIiQE',
  answer: { status: 200, delayMs: 0, body: '{"received":true}', contentType: 'application/json' },
}

export const echoRequestItem = {
  id: '019752f3-8a51-7c06-b3d1-5f0e9a4c7b28',
  at: '2026-06-13T09:30:00.004Z',
  method: 'POST',
  query: '',
  ipAddress: '127.0.0.1',
  jobId: JOB_ID,
  attempt: 1,
  bodyBytes: 171,
  answeredStatus: 200,
  answeredAfterMs: 0,
  verdict: 'valid',
}

export const echoRequest = {
  ...echoRequestItem,
  headers: [
    { name: 'content-type', value: 'application/json' },
    { name: 'webhook-id', value: JOB_ID },
    { name: 'x-dispatch-attempt', value: '1' },
  ],
  body: `{"jobId":"${JOB_ID}","title":"Trial expiry reminder","payload":{"userId":"usr_812"},"firedAt":"2026-06-13T09:30:00.001Z"}`,
  bodyEncoding: 'utf-8',
  bodyTruncated: false,
  signatures: [
    {
      header: 'webhook-signature',
      verdict: 'valid',
      words: 'Rightly signed with the current secret, over exactly these bytes.',
    },
    {
      header: 'x-dispatch-signature',
      verdict: 'valid',
      words: 'Rightly signed with the current secret, over exactly these bytes.',
    },
  ],
}
