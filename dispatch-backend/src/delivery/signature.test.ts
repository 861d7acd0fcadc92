import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { generateSigningSecret, signatureHeaders } from './signature.js'

/** The vector published with Standard Webhooks; the second signature is the same bytes in our own scheme. */
const VECTOR = {
  jobId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampSeconds: 1_614_265_330,
  body: Buffer.from('{"test": 2432232314}'),
  secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
}

test('the published vectors', () => {
  expect(signatureHeaders(VECTOR)).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    'x-dispatch-signature': 't=1614265330,v1=2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964',
  })
})

test('a secret is whsec_ and 32 fresh bytes', () => {
  const secrets = Array.from({ length: 50 }, generateSigningSecret)
  expect(new Set(secrets).size).toBe(50)
  for (const secret of secrets) {
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32)
  }
})

// Text only: the library decodes what it verifies; a delivery's body is always JSON.
const bodies = fc.json().map((text) => Buffer.from(text))
const nowSeconds = (): number => Math.floor(Date.now() / 1000)

test('a Standard Webhooks library accepts every secret of a rotation, and no other', () => {
  fc.assert(
    fc.property(bodies, fc.uuid(), fc.integer({ min: 1, max: 4 }), (body, jobId, count) => {
      const secrets = Array.from({ length: count }, generateSigningSecret)
      const headers = signatureHeaders({ jobId, body, timestampSeconds: nowSeconds(), secrets })
      const verify = (secret: string, bytes: Buffer): unknown =>
        new Webhook(secret).verify(bytes, headers, { jsonParse: false })
      for (const secret of secrets) verify(secret, body)
      expect(() => verify(generateSigningSecret(), body)).toThrow(WebhookVerificationError)
      expect(() => verify(secrets[0]!, Buffer.concat([body, Buffer.from(' ')]))).toThrow(WebhookVerificationError)
    }),
  )
})

test('x-dispatch-signature lists a v1 per secret, newest first, keyed by the literal text', () => {
  const secrets = [generateSigningSecret(), generateSigningSecret()]
  const body = Buffer.from('{"a":"ü"}')
  const header = signatureHeaders({ jobId: 'x', body, timestampSeconds: 42, secrets })['x-dispatch-signature']
  const expected = secrets.map((secret) => createHmac('sha256', secret).update('42.{"a":"ü"}').digest('hex'))
  expect(header).toBe(`t=42,v1=${expected[0]!},v1=${expected[1]!}`)
})

test('nothing is sent unsigned', () => {
  expect(() => signatureHeaders({ ...VECTOR, secrets: [] })).toThrow(RangeError)
})
