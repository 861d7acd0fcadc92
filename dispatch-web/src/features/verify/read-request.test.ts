import { expect, test } from 'vitest'
import { readHeaders, readRequest, UnreadableError } from './read-request'
import { readSecrets } from './read-secrets'
import { shellWords } from './shell-words'

const BODY = `{"title":"it's \\"so\\"","n":1}`
const HEADERS = [
  { name: 'webhook-id', value: 'a' },
  { name: 'X-Dispatch-Signature', value: 't=1,v1=00' },
]

test.each([
  ['with a request line', `POST /hooks HTTP/1.1\nwebhook-id: a\nX-Dispatch-Signature: t=1,v1=00\n\n${BODY}`],
  ['as curl -v prints it', `> POST /hooks HTTP/2\n> webhook-id: a\n> X-Dispatch-Signature: t=1,v1=00\n\n${BODY}`],
  ['without the empty line', `webhook-id: a\nX-Dispatch-Signature: t=1,v1=00\n${BODY}`],
  [
    'as a curl command',
    `curl --globoff -X POST 'https://x.example' \\\n  -H 'webhook-id: a' \\\n  -H "X-Dispatch-Signature: t=1,v1=00" \\\n  --data-raw '${BODY.replaceAll("'", "'\\''")}'`,
  ],
  [
    'as a browser copies it',
    `curl 'https://x.example' -H'webhook-id: a' --header='X-Dispatch-Signature: t=1,v1=00' --data-raw $'${BODY.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
  ],
])('a request %s', (_how, text) => {
  expect(readRequest(text)).toEqual({ headers: HEADERS, body: BODY })
})

test.each([
  ['JSON', '{"webhook-id":"a","X-Dispatch-Signature":["t=1,v1=00"]}'],
  ['what Node prints', "{ 'webhook-id': 'a', 'X-Dispatch-Signature': 't=1,v1=00' }"],
  ['lines of a log', '  webhook-id: a\n\n  "X-Dispatch-Signature": "t=1,v1=00",'],
])('headers as %s', (_how, text) => {
  expect(readHeaders(text)).toEqual(HEADERS)
})

test('a body keeps its ends and empty lines', () => {
  expect(readRequest('webhook-id: a\n\n{\n\n}\n')).toMatchObject({ body: '{\n\n}\n' })
})

test.each([
  ['', /Found none/],
  ['hello', /Found none/],
  ['webhook-id: a', /Is the body missing/],
  ['curl https://x.example -d x', /Expected headers in the curl/],
  ["curl -H 'webhook-id: a'", /Expected a body/],
  ["curl -H 'webhook-id: a' --data-binary @body.json", /from the file body\.json/],
])('what cannot be read says what was expected: %j', (text, words) => {
  expect(() => readRequest(text)).toThrow(UnreadableError)
  expect(() => readRequest(text)).toThrow(words)
})

const MANY = 400_000

// Going back for every character takes minutes: the time limit of the test is what fails then.
test.each([
  ['a header with many blanks in its middle', `a: b${' '.repeat(MANY)}c\n\n{}`],
  ['a body alone with a long word', `{"images":["first","${'a'.repeat(MANY)}"]}\n\n{}`],
  ['blanks where a value should stand', `{"a":"b","c":${' '.repeat(MANY)}x}\n\n{}`],
])('%s is read in one pass', (_name, text) => {
  expect(readRequest(text).body).toBe('{}')
})

test('words as a shell splits them', () => {
  expect(shellWords(`a 'b c'"d\\"\\$e"f\\ g $'h\\n\\x41\\u00e9' '' "unended`)).toEqual([
    'a',
    'b cd"$ef g',
    'h\nAé',
    '',
    'unended',
  ])
})

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

test.each([SECRET, ` "${SECRET}"\n`, `DISPATCH_SIGNING_SECRET=${SECRET}`])('the secret in %j', (text) => {
  expect(readSecrets(text)).toEqual({ secrets: [SECRET], problem: null })
})

test('several secrets, padding, and what is none', () => {
  expect(readSecrets(`${SECRET}, whsec_AAA=\nwhsec_AA==`).secrets).toEqual([SECRET, 'whsec_AAA=', 'whsec_AA=='])
  expect(readSecrets(' ').problem).toContain('Expected the signing secret')
  expect(readSecrets('sk_0123').problem).toContain('API key')
  expect(readSecrets('whsec_%%%%%%%%%%%%').problem).toContain('“whsec_%%…”')
})
