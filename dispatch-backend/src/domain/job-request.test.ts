import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAddressGuard } from '../delivery/address-guard.js'
import { DispatchError } from '../errors.js'
import { type JobRequest, readJobRequest } from './job-request.js'

const NOW_MS = Date.UTC(2026, 5, 12)
const guard = createAddressGuard(false)
const rules = { nowMs: NOW_MS, checkUrl: (url: URL) => guard.checkUrl(url) }
const VALID = { title: 'A', webhookUrl: 'https://example.com/h', fireAt: '2026-06-13T09:30:00Z' }

const read = (body: object): JobRequest => readJobRequest(Buffer.from(JSON.stringify(body)), rules)

function refusal(body: object): DispatchError {
  try {
    read(body)
  } catch (error) {
    if (error instanceof DispatchError) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('readJobRequest', () => {
  it('reads a job; unknown members are ignored', () => {
    expect(read({ ...VALID, retries: 7 })).toEqual({
      title: 'A',
      webhookUrl: 'https://example.com/h',
      endpoint: 'https://example.com:443',
      fireAtMs: Date.UTC(2026, 5, 13, 9, 30),
      payload: '{}',
    })
  })

  it.each([
    [undefined, 'title: expected a text of 1 to 191 characters, got nothing'],
    [42, 'got 42'],
    ['', 'got an empty text'],
    ['x'.repeat(192), '… (192 characters)'],
    ['a\u0000b', 'got "a\\u0000b"'],
    ['\ud800', 'got "\\ud800"'],
    [{ a: 1 }, 'got an object'],
  ])('refuses the title %j', (title, words) => {
    expect(refusal({ ...VALID, title }).message).toContain(words)
  })

  it.each(['x', 'x'.repeat(191), '🚀'.repeat(191), ' spaces stay ', '\n'])('keeps the title %j as it is', (title) => {
    expect(read({ ...VALID, title }).title).toBe(title)
  })

  it.each([
    [7, 'expected an http or https URL'],
    ['', 'expected an http or https URL'],
    ['example.com/h', 'starts with http:// or https://'],
    ['ftp://example.com', 'starts with http:// or https://'],
    ['javascript:alert(1)', 'starts with http:// or https://'],
    ['http:example.com', 'starts with http:// or https://'],
    ['https://', 'valid URL'],
    ['https://exa mple.com', 'without spaces'],
    [' https://example.com', 'without spaces'],
    ['https://example.com/a\r\nx-injected: 1', 'without spaces, backslashes and control characters'],
    ['https://user:hunter2@example.com', 'without user name and password'],
    ['https://user@example.com', 'without user name and password'],
    [`https://${'a.'.repeat(130)}example.com`, 'a host of at most 253 characters'],
    [`https://example.com/${'x'.repeat(2048)}`, 'at most 2048 characters'],
  ])('refuses the URL %j', (webhookUrl, words) => {
    const error = refusal({ ...VALID, webhookUrl })
    expect([error.code, error.message.includes('hunter2')]).toEqual(['VALIDATION', false])
    expect(error.message).toContain(words)
  })

  it.each([
    ['HTTP://Example.COM/Path?q=1#f', 'http://example.com:80'],
    ['https://example.com:8443', 'https://example.com:8443'],
    ['https://example.com./x', 'https://example.com:443'],
    ['https://bücher.example', 'https://xn--bcher-kva.example:443'],
    ['https://[2606:4700::1111]/', 'https://[2606:4700::1111]:443'],
  ])('takes %s as the endpoint %s, and stores the URL as it was sent', (webhookUrl, endpoint) => {
    expect(read({ ...VALID, webhookUrl })).toMatchObject({ webhookUrl, endpoint })
  })

  it.each(['http://localhost:4000', 'http://127.1/', 'http://0x7f000001', 'http://[::1]', 'http://169.254.169.254/x'])(
    'says which setting allows %s',
    (webhookUrl) => {
      const error = refusal({ ...VALID, webhookUrl })
      expect(error.code).toBe('ADDRESS_NOT_ALLOWED')
      expect(error.message).toMatch(/^webhookUrl: .*ALLOW_PRIVATE_WEBHOOKS/)
    },
  )

  it('judges the future on receipt, to the millisecond', () => {
    const at = (fireAt: string) => () => read({ ...VALID, fireAt })
    expect(at('2026-06-12T00:00:00.000Z')).toThrow(
      'a time in the future, got "2026-06-12T00:00:00.000Z" (it is 2026-06-12T00:00:00.000Z now)',
    )
    expect(at('2026-06-12T00:00:00.001Z')().fireAtMs).toBe(NOW_MS + 1)
    expect(at('2026-06-12T00:00:00.0000001Z')().fireAtMs).toBe(NOW_MS + 1)
    expect(() => read({ ...VALID, fireAt: NOW_MS })).toThrow('fireAt: expected a UTC timestamp')
  })

  it.each([
    [null, 'got null'],
    [[1], 'got an array'],
    ['{}', 'got "{}"'],
    [1, 'got 1'],
    [true, 'got true'],
  ])('refuses the payload %j', (payload, words) => {
    expect(refusal({ ...VALID, payload }).message).toBe(`payload: expected a JSON object, ${words}`)
  })

  it('keeps every payload byte for byte', () => {
    const objects = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue())
    fc.assert(
      fc.property(objects, fc.constantFrom(undefined, 1, '\t'), (payload, indent) => {
        const text = JSON.stringify(payload, null, indent)
        const raw = Buffer.from(`{"payload" :\n${text} ,${JSON.stringify(VALID).slice(1)}`)
        expect(readJobRequest(raw, rules).payload).toBe(text)
      }),
    )
  })

  it('answers any body at all with a job or with words', () => {
    const values = fc.oneof(fc.jsonValue(), fc.constantFrom(VALID.fireAt, VALID.webhookUrl))
    const bodies = fc.record(
      { title: values, webhookUrl: values, fireAt: values, payload: values },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(bodies, (body) => {
        expect(refusal({ ...body, title: 7 }).code).toBe('VALIDATION')
      }),
    )
  })
})
