import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RESPONSE_LIMIT_BYTES, responseText } from './response-text.js'

test.each([
  ['plain', Buffer.from('héllo €'), 'héllo €'],
  ['empty', Buffer.alloc(0), ''],
  ['NUL', Buffer.from('a\0b'), 'a\uFFFDb'],
  ['invalid bytes', Buffer.from([0x61, 0xff, 0xfe, 0x62]), 'a\uFFFD\uFFFDb'],
  ['a lone surrogate in bytes', Buffer.from([0xed, 0xa0, 0x80]), '\uFFFD\uFFFD\uFFFD'],
  ['half a character at the very end', Buffer.from([0x61, 0xe2, 0x82]), 'a\uFFFD'],
  ['a byte order mark', Buffer.from('\uFEFFx'), '\uFEFFx'],
])('%s', (_, bytes, text) => {
  expect(responseText(bytes)).toEqual({ text, truncated: false })
})

test('exactly the limit is whole, one byte more is cut', () => {
  const whole = Buffer.alloc(RESPONSE_LIMIT_BYTES, 'x')
  expect(responseText(whole)).toEqual({ text: whole.toString(), truncated: false })
  expect(responseText(Buffer.concat([whole, Buffer.from('y')]))).toEqual({ text: whole.toString(), truncated: true })
})

test.each(['é', '€', '😀'])('no half %s at the cut', (character) => {
  for (let lead = 0; lead < 4; lead += 1) {
    const { text, truncated } = responseText(Buffer.from('x'.repeat(lead) + character.repeat(RESPONSE_LIMIT_BYTES)))
    expect(truncated).toBe(true)
    expect(text).not.toContain('\uFFFD')
    const bytes = Buffer.byteLength(text)
    expect(bytes).toBeLessThanOrEqual(RESPONSE_LIMIT_BYTES)
    expect(bytes).toBeGreaterThan(RESPONSE_LIMIT_BYTES - 4)
  }
})

test('replacements that grow beyond the limit are cut too', () => {
  const { text, truncated } = responseText(Buffer.alloc(RESPONSE_LIMIT_BYTES, 0))
  expect(truncated).toBe(true)
  expect(text).toBe('\uFFFD'.repeat(Math.floor(RESPONSE_LIMIT_BYTES / 3)))
})

test('any bytes become storable text, and valid text without NUL is kept as it is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const { text } = responseText(bytes)
      expect(text).not.toContain('\0')
      expect(Buffer.from(text).toString()).toBe(text)
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(responseText(Buffer.from(text)).text).toBe(text.replaceAll('\0', '\uFFFD'))
    }),
  )
})
