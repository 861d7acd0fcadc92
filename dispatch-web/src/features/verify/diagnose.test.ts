import { expect, test } from 'vitest'
import { diagnose, type Diagnosis } from './diagnose'
import type { FindingCode } from './finding'
import { readRequest, type Header } from './read-request'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const OTHER = 'whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc='
const ID = '0199d0a0-0000-7000-8000-000000000001'
const T = 1_765_703_400
const NOW = T * 1000 + 60_000
const PAYLOAD = '{"url":"https://x.example/é","list":[1,2.50,12345678901234567890],"b":{},"a":"ü \\"q\\""}'
const body = (payload = PAYLOAD): string =>
  `{"jobId":"${ID}","title":"Trial é","payload":${payload},"firedAt":"2025-12-14T09:10:00.004Z"}`

async function hmac(key: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const imported = await crypto.subtle.importKey('raw', key, algorithm, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, new TextEncoder().encode(text)))
}

/** As Dispatch signs: both kinds, the newest secret first. */
async function sign(text: string, secrets = [SECRET], id = ID): Promise<Header[]> {
  const standard: string[] = []
  const own: string[] = []
  for (const secret of secrets) {
    const decoded = Uint8Array.from(atob(secret.slice(6)), (character) => character.charCodeAt(0))
    const made = await hmac(decoded, `${id}.${T}.${text}`)
    standard.push(`v1,${btoa(String.fromCharCode(...made))}`)
    const hex = [...(await hmac(new TextEncoder().encode(secret), `${T}.${text}`))]
    own.push(`v1=${hex.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`)
  }
  return [
    { name: 'webhook-id', value: id },
    { name: 'webhook-timestamp', value: String(T) },
    { name: 'webhook-signature', value: standard.join(' ') },
    { name: 'x-dispatch-signature', value: `t=${T},${own.join(',')}` },
  ]
}

interface Case {
  readonly headers?: readonly Header[]
  readonly given?: string
  readonly secrets?: readonly string[]
  readonly receivedAtMs?: number
}

async function judge({ headers, given = body(), secrets = [SECRET], receivedAtMs }: Case): Promise<Diagnosis> {
  const request = { headers: headers ?? (await sign(body())), body: given }
  return diagnose({ request, secrets, receivedAtMs: receivedAtMs ?? null, nowMs: NOW })
}

const problems = ({ findings }: Diagnosis): FindingCode[] =>
  findings.filter(({ tone }) => tone === 'problem').map(({ code }) => code)
const textOf = ({ findings }: Diagnosis, code: FindingCode): string => {
  const found = findings.find((finding) => finding.code === code)
  return `${found?.title ?? 'no such finding'}: ${found?.text ?? ''}`
}

test.each([
  ['webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
  ['x-dispatch-signature: t=1614265330,v1=2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964'],
])('the published vectors hold: %s', async (line) => {
  const text = `webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek\nwebhook-timestamp: 1614265330\n${line}\n\n{"test": 2432232314}`
  const request = readRequest(text)
  const found = await diagnose({ request, secrets: [SECRET], receivedAtMs: 1_614_265_331_000, nowMs: NOW })
  expect(found.isValid).toBe(true)
  expect(problems(found)).toEqual([])
  const wrong = await diagnose({ request, secrets: [OTHER], receivedAtMs: null, nowMs: NOW })
  expect([wrong.isValid, problems(wrong)]).toEqual([false, ['wrong-secret']])
})

test('what is as it was sent is said to be valid, for any of the secrets given', async () => {
  for (const secrets of [[SECRET], [OTHER, SECRET]]) {
    const found = await judge({ secrets })
    expect(found.isValid).toBe(true)
    expect(found.findings[0]).toMatchObject({ code: 'valid', tone: 'ok' })
  }
})

test('a wrong secret is told from a changed body', async () => {
  const found = await judge({ secrets: [OTHER] })
  expect(problems(found)).toEqual(['wrong-secret'])
  expect(textOf(found, 'wrong-secret')).toContain('Wrong secret')
})

test('an old secret in its overlap holds, and is said to be old', async () => {
  const found = await judge({ headers: await sign(body(), [OTHER, SECRET]) })
  expect(found.isValid).toBe(true)
  expect(textOf(found, 'old-secret')).toContain('signature 2 of the header')
})

/** The body's UTF-8, read as Windows-1252. */
const latin = (payload: string): string =>
  new TextDecoder('windows-1252').decode(new TextEncoder().encode(body(payload)))

const spaced = '{"url": "https://x.example/é", "list": [1, 2.50, 12345678901234567890], "b": {}, "a": "ü \\"q\\""}'
const php = PAYLOAD.replaceAll('/', '\\/').replaceAll('é', '\\u00e9').replaceAll('ü', '\\u00fc')
const sorted = '{"a":"ü \\"q\\"","b":{},"list":[1,2.50,12345678901234567890],"url":"https://x.example/é"}'
const indent = (text: string, by: number): string =>
  text
    .replace('{"url', `{\n${' '.repeat(by)}"url`)
    .replaceAll(', "', `,\n${' '.repeat(by)}"`)
    .replace(
      '[1, 2.50, 12345678901234567890]',
      ['[1', '2.50', '12345678901234567890'].join(`,\n${' '.repeat(2 * by)}`).replace('[', `[\n${' '.repeat(2 * by)}`) +
        `\n${' '.repeat(by)}]`,
    )
    .replace(/\}$/, '\n}')

test.each([
  ['compact', PAYLOAD, body(spaced)],
  ['a blank after each comma', spaced, body()],
  ['inside of braces', `{ "url": "https://x.example/é" }`, body('{"url":"https://x.example/é"}')],
  ['indented by two blanks', indent(spaced, 2), body()],
  ['indented by four blanks', indent(spaced, 4), body(spaced)],
  ['names in alphabetical order', sorted, body()],
  ['\\u00e9 and / as \\/', php, body()],
  ['letters such as é written as they are', PAYLOAD, body(php)],
])('a body that was written anew: signed was %s', async (words, signedPayload, given) => {
  const headers = await sign(body(signedPayload))
  const found = await judge({ headers, given })
  expect(problems(found)).toEqual(['body-changed'])
  expect(textOf(found, 'body-changed')).toContain('serialised anew')
  expect(textOf(found, 'body-changed')).toContain(words)
  expect(problems(await judge({ headers, given, secrets: [OTHER] }))).toEqual(['wrong-secret'])
})

test('the whole body indented, its members in another order and one more: told, and where it differs', async () => {
  const { jobId, title, payload, firedAt } = JSON.parse(body('{"a":1}')) as Record<string, unknown>
  const given = JSON.stringify({ added: true, firedAt, title, payload, jobId }, null, 2)
  const found = await judge({ headers: await sign(body('{"a":1}')), given })
  expect(problems(found)).toEqual(['body-changed'])
  const { difference } = found.findings.find(({ code }) => code === 'body-changed')!
  expect(difference).toMatchObject({ at: 1, given: expect.stringContaining('{\\n  "added"') as string })
})

test.each([
  ['a line break at its end', `${body()}\n`, body(), 'A line break was added at its end.'],
  ['blanks around', ` ${body()} `, body(), 'Space was added around it.'],
  ['a byte order mark', `\ufeff${body()}`, body(), 'byte order mark'],
  ['LF for CRLF', body('{\n"a":1}'), body('{\r\n"a":1}'), 'CRLF and are LF now'],
  ['CRLF for LF', body('{\r\n"a":1}'), body('{\n"a":1}'), 'LF and are CRLF now'],
  ['Latin-1', latin('{"a":"ét"}'), body('{"a":"ét"}'), 'read as Latin-1'],
  ['Windows-1252', latin('{"a":"€"}'), body('{"a":"€"}'), 'read as Latin-1 (or Windows-1252)'],
  ['decomposed letters', body('{"a":1}').normalize('NFD'), body('{"a":1}'), 'normalisation'],
  ['a JSON string', JSON.stringify(body()), body(), 'escaped'],
  ['HTML', body().replaceAll('"', '&quot;'), body(), 'escaped'],
])('a changed body: %s', async (_what, given, sent, words) => {
  const found = await judge({ headers: await sign(sent), given })
  expect(problems(found)).toEqual(['body-changed'])
  expect(textOf(found, 'body-changed')).toContain(words)
})

test('a line break that came with copying is no problem where content-length tells', async () => {
  const length = new TextEncoder().encode(body()).length
  const headers = [...(await sign(body())), { name: 'Content-Length', value: String(length) }]
  const found = await judge({ headers, given: `${body()}\n` })
  expect(found.isValid).toBe(true)
  expect(textOf(found, 'body-changed')).toContain('came with copying')
})

test('a body that is cut off: content-length tells how much, and JSON ends too soon', async () => {
  const length = new TextEncoder().encode(body()).length
  const headers = [...(await sign(body())), { name: 'content-length', value: String(length) }]
  const found = await judge({ headers, given: body().slice(0, -10) })
  expect(problems(found)).toEqual(['body-cut', 'wrong-secret'])
  expect(textOf(found, 'body-cut')).toContain('10 are missing')
  const unknown = await judge({ given: body().slice(0, -10) })
  expect(textOf(unknown, 'body-cut')).toContain('not JSON')
})

test('many blanks inside of a body are looked at once', async () => {
  const given = body().replace('"title"', `${' '.repeat(400_000)}"title"`)
  expect(problems(await judge({ headers: await sign(body()), given }))).toEqual(['body-changed'])
})

test('digits that JSON.parse rounded are noticed', async () => {
  const found = await judge({ given: body().replace('12345678901234567890', '12345678901234567000') })
  expect(textOf(found, 'body-changed')).toContain('12345678901234567000')
})

test.each([
  [301, 'problem', 'Clock skew of 301 s', 'fast'],
  [-301, 'problem', 'Clock skew of 301 s', 'slow'],
  [300, 'ok', 'arrived 300 s after', ''],
  [-300, 'ok', 'arrived 300 s before', ''],
])('received %i s after it was signed: %s', async (seconds, tone, title, words) => {
  const found = await judge({ receivedAtMs: (T + seconds) * 1000 })
  const time = found.findings.find(({ code }) => code === 'clock-skew' || code === 'age')
  expect(time?.tone).toBe(tone)
  expect(`${time?.title}: ${time?.text}`).toContain(title)
  expect(time?.text).toContain(words)
  expect(found.isValid).toBe(tone === 'ok')
})

test('without a time of arrival the age is told, and not judged', async () => {
  const found = await judge({})
  expect(found.findings.find(({ code }) => code === 'age')).toMatchObject({ tone: 'note' })
  expect(textOf(found, 'age')).toContain("1 min before this browser's clock")
})

test('no signature at all; one kind alone; webhook-id lost', async () => {
  const headers = await sign(body())
  expect(problems(await judge({ headers: [{ name: 'host', value: 'x' }] }))).toEqual(['headers-missing'])
  const own = await judge({ headers: headers.slice(3) })
  expect([own.isValid, textOf(own, 'header-missing')]).toEqual([
    true,
    expect.stringContaining('webhook-signature did not'),
  ])
  const lost = await judge({ headers: headers.slice(1) })
  expect(problems(lost)).toEqual(['header-missing'])
  expect(textOf(lost, 'header-missing')).toContain('webhook-id did not arrive')
})

test.each([
  ['HTTP_WEBHOOK_SIGNATURE', 'webhook-signature'],
  ['x-forwarded-webhook-id', 'webhook-id'],
  ['webhook_timestamp', 'webhook-timestamp'],
  ['X_Signature', 'x-dispatch-signature'],
])('the header %s is found to be %s', async (arrivedAs, name) => {
  const headers = (await sign(body())).map((header) => (header.name === name ? { ...header, name: arrivedAs } : header))
  const found = await judge({ headers })
  expect(problems(found)).toEqual(['header-renamed'])
  expect(textOf(found, 'header-renamed')).toContain(`${name} arrived as ${arrivedAs}`)
})

const withValue = async (name: string, change: (value: string) => string): Promise<Header[]> =>
  (await sign(body())).map((header) => (header.name === name ? { name, value: change(header.value) } : header))

test('another id, another time, a signature decoded like a URL: the change is told', async () => {
  const id = await judge({ headers: await withValue('webhook-id', () => 'msg_2') })
  expect(textOf(id, 'header-changed')).toContain(
    `webhook-id was changed on the way: The secret is right. It was signed for the id ${ID}`,
  )
  const time = await judge({ headers: await withValue('webhook-timestamp', () => String(T + 7)) })
  expect(textOf(time, 'header-changed')).toContain(`signed for the time ${T}`)
  // Some signature among these holds a plus sign.
  let title = 0
  let sent = body()
  while (!(await sign(sent))[2]!.value.includes('+')) sent = body(`{"n":${title++}}`)
  const headers = (await sign(sent)).map(({ name, value }) => ({ name, value: value.replaceAll('+', ' ') }))
  expect(textOf(await judge({ headers, given: sent }), 'header-changed')).toContain('as if it stood in a URL')
})

test('headers of one delivery with the body of another', async () => {
  const other = '0199d0a0-0000-7000-8000-000000000002'
  const headers = await sign(body().replace(ID, other), [SECRET], other)
  expect(problems(await judge({ headers }))).toContain('other-delivery')
  const mixed = [
    ...(await sign(body().replace(ID, other), [SECRET], other)).slice(0, 3),
    ...(await sign(body())).slice(3),
  ]
  expect(problems(await judge({ headers: mixed }))).toContain('one-signature')
})

test('signatures that cannot be read, and headers that came twice', async () => {
  const malformed = await judge({ headers: [{ name: 'x-dispatch-signature', value: 'v1=00' }] })
  expect(problems(malformed)).toContain('header-malformed')
  const headers = await sign(body())
  expect(problems(await judge({ headers: [...headers, headers[2]!] }))).toEqual(['header-twice'])
})

test.each(['', '[]', 'null', 'x', '{"a":', '['.repeat(5000), '\0\ufffd'])(
  'the body %j breaks nothing',
  async (given) => {
    expect((await judge({ given: given.slice(0, 5000) })).isValid).toBe(false)
  },
)
