import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { SignatureError, verifySignature, type VerifyOptions } from './index.js'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const OTHER = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
const T = 1_614_265_330
const BODY = '{"test": 2432232314}'
const STANDARD = {
  'webhook-id': ID,
  'webhook-timestamp': String(T),
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}
const V1 = '2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964'
const OWN = { 'x-dispatch-signature': `t=${T},v1=${V1}` }
const NOW = new Date(T * 1_000)

const verify = (options: Partial<VerifyOptions>): Promise<unknown> =>
  verifySignature({ headers: STANDARD, rawBody: BODY, secret: SECRET, now: NOW, ...options } as VerifyOptions)

async function refusal(options: Partial<VerifyOptions>): Promise<SignatureError> {
  const error: unknown = await verify(options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof SignatureError)) throw new Error(`not refused: ${String(error)}`)
  return error
}

/** As `x-dispatch-signature` of `body`. */
function sign(body: string, secret = SECRET): Record<string, string> {
  return { 'x-dispatch-signature': `t=${T},v1=${createHmac('sha256', secret).update(`${T}.${body}`).digest('hex')}` }
}

test.each([
  ['Standard Webhooks', STANDARD],
  ['x-dispatch-signature', OWN],
  ['names in capitals', { 'X-Dispatch-Signature': OWN['x-dispatch-signature'] }],
  ['lists of one value', Object.fromEntries(Object.entries(STANDARD).map(([name, value]) => [name, [value]]))],
  ['a Headers object', new Headers(STANDARD)],
  [
    'other versions beside',
    { ...STANDARD, 'webhook-signature': `v1a,AAAA v1,!! v1,AAAA ${STANDARD['webhook-signature']}` },
  ],
  ['unknown parts', { 'x-dispatch-signature': `v0=00, t=${T}, v1=abcd, v1=${V1}` }],
])('the published vector verifies: %s', async (_what, headers) => {
  expect(await verify({ headers })).toEqual({ test: 2_432_232_314 })
})

test.each([
  ['text', BODY],
  ['a Buffer out of a pool', Buffer.from(`..${BODY}..`).subarray(2, -2)],
  ['an ArrayBuffer', new TextEncoder().encode(BODY).buffer],
])('the body may be %s', async (_what, rawBody) => {
  expect(await verify({ rawBody })).toEqual({ test: 2_432_232_314 })
})

test('what the standardwebhooks library signs verifies here, and what verifies here verifies there', async () => {
  const body = JSON.stringify({ jobId: 'x', title: 'ünï', payload: {}, firedAt: 'now' })
  const now = new Date()
  const headers = {
    'webhook-id': ID,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': new Webhook(SECRET).sign(ID, now, body),
  }
  expect(await verifySignature({ headers, rawBody: body, secret: SECRET })).toEqual(JSON.parse(body))
  expect(new Webhook(SECRET).verify(body, headers)).toEqual(JSON.parse(body))
  expect(await refusal({ headers, rawBody: body, secret: OTHER, now })).toMatchObject({ reason: 'wrong-secret' })
  expect(() => new Webhook(OTHER).verify(body, headers)).toThrow()
})

test('any of several secrets may have signed, and any of several signatures may be ours', async () => {
  await verify({ secret: undefined, secrets: [OTHER, SECRET] } as unknown as Partial<VerifyOptions>)
  const both = `${sign(BODY, OTHER)['x-dispatch-signature']!},v1=${V1}`
  for (const secret of [OTHER, SECRET, ` ${SECRET}\n`]) {
    await verify({ headers: { 'x-dispatch-signature': both }, secret })
  }
})

test.each([
  ['webhook-signature and x-dispatch-signature', {}],
  ['webhook-id', { ...STANDARD, 'webhook-id': undefined }],
  ['webhook-timestamp', { ...STANDARD, 'webhook-timestamp': undefined }],
])('without %s it says that the header is missing', async (name, headers) => {
  const error = await refusal({ headers })
  expect(error.reason).toBe('missing-header')
  expect(error.message).toContain(name)
})

test.each([
  { ...STANDARD, 'webhook-timestamp': 'yesterday' },
  { ...STANDARD, 'webhook-signature': 'v1a,abc' },
  { ...STANDARD, 'webhook-signature': 'v1,%%%' },
  { ...STANDARD, 'webhook-signature': ['v1,AAAA', 'v1,BBBB'] },
  { 'x-dispatch-signature': `v1=${V1}` },
  { 'x-dispatch-signature': `t=${T}` },
  { 'x-dispatch-signature': `t=${T},v1=xyz` },
  { 'x-dispatch-signature': '' },
])('what cannot be read is malformed: %o', async (headers) => {
  expect((await refusal({ headers })).reason).toBe('malformed')
})

test.each([STANDARD, OWN])('another id, time, body or secret is refused: %o', async (headers) => {
  expect((await refusal({ headers, secret: OTHER })).reason).toBe('wrong-secret')
  expect((await refusal({ headers, rawBody: '{"test": 2432232315}' })).reason).toBe('wrong-secret')
  const later = JSON.parse(JSON.stringify(headers).replaceAll(String(T), String(T + 1))) as Record<string, string>
  expect((await refusal({ headers: later })).reason).toBe('wrong-secret')
})

test('the id is covered where Standard Webhooks signs, even when the other signature holds', async () => {
  const headers = { ...STANDARD, ...OWN, 'webhook-id': 'msg_forged' }
  expect((await refusal({ headers })).reason).toBe('wrong-secret')
})

const DELIVERY = { jobId: 'x', title: 'ü "quoted"', payload: { b: [1, { c: 2 }], a: ', {\n' }, firedAt: 'now' }
const COMPACT = JSON.stringify(DELIVERY)
const { firedAt, payload, title, jobId } = DELIVERY
const around = (text: string): string => COMPACT.replace(JSON.stringify(DELIVERY.payload), () => text)

test.each([
  ['indented', COMPACT, JSON.stringify(DELIVERY, null, 2)],
  ['a line break at its end', COMPACT, `${COMPACT}\n`],
  ['reordered', COMPACT, JSON.stringify({ firedAt, payload, title, jobId })],
  ['its payload squeezed', around('{"b": [1, {"c": 2}], "a": ", {\\n"}'), COMPACT],
  ['its payload squeezed', around('{ "b": [1, { "c": 2 }], "a": ", {\\n" }'), COMPACT],
])('a body that was written anew (%s) is told from a wrong secret', async (_what, sent, rawBody) => {
  expect(await verify({ headers: sign(sent), rawBody: sent })).toEqual(DELIVERY)
  const error = await refusal({ headers: sign(sent), rawBody })
  expect(error.reason).toBe('body-changed')
  expect(error.message).toContain('before any JSON parser')
  expect((await refusal({ headers: sign(sent), rawBody, secret: OTHER })).reason).toBe('wrong-secret')
})

test.each(['[]', 'null', '', 'no JSON', '{"a":'])(
  'the body %j, not signed, is only a wrong secret',
  async (rawBody) => {
    expect((await refusal({ rawBody })).reason).toBe('wrong-secret')
  },
)

test('rightly signed words that are no JSON are malformed', async () => {
  expect((await refusal({ headers: sign('hello'), rawBody: 'hello' })).reason).toBe('malformed')
})

test.each([
  [300, true],
  [301, false],
  [-300, true],
  [-301, false],
])('a signature %i s old is taken: %s', async (ageSeconds, isTaken) => {
  const now = new Date((T + ageSeconds) * 1_000)
  if (isTaken) {
    await verify({ now })
    return
  }
  const error = await refusal({ now })
  expect(error).toMatchObject({ reason: 'clock-skew', skewSeconds: ageSeconds })
  expect(error.message).toContain(`${Math.abs(ageSeconds)} s ${ageSeconds > 0 ? 'ago' : 'in the future'}`)
  await verify({ now, toleranceSeconds: 301 })
  await verify({ now, toleranceSeconds: Infinity })
  expect((await refusal({ now, secret: OTHER })).reason).toBe('wrong-secret')
})

test.each([
  [{ secret: undefined }, /^secret: .*Is its variable set\?/],
  [{ secret: ' ' }, /^secret: /],
  [{ secret: undefined, secrets: [] }, /^secret: /],
  [{ secret: undefined, secrets: [SECRET, ''] }, /^secret: /],
  [{ secret: 'whsec_%%' }, /^secret: .*whsec_ and base64/],
  [{ rawBody: { jobId: 'x' } }, /^rawBody: .*got something parsed/],
  [{ rawBody: undefined }, /^rawBody: /],
])('a call that cannot work is a TypeError: %o', async (options, message) => {
  const error: unknown = await verify(options as Partial<VerifyOptions>).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(TypeError)
  expect((error as Error).message).toMatch(message)
})
