import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJobBody, PayloadSpanError } from './payload-span.js'

const payloadOf = (text: string): string | null => parseJobBody(Buffer.from(text)).payloadText

describe('the span', () => {
  test.each([
    ['{}', null],
    [' \t\r\n{ } ', null],
    ['{"title":"x"}', null],
    ['{"payload":{}}', '{}'],
    ['{"payload" : { "b" : 1 , "a" : 1.0 } }', '{ "b" : 1 , "a" : 1.0 }'],
    ['{"payload":{"n":12345678901234567890,"e":1E+2}}', '{"n":12345678901234567890,"e":1E+2}'],
    ['{"a":"}","payload":{"s":"\\"}]{[,\\\\"},"b":[1,2]}', '{"s":"\\"}]{[,\\\\"}'],
    ['{"pay\\u006coad":{"x":1}}', '{"x":1}'],
    ['{"payload\\u0000":1,"payload ":2,"Payload":3}', null],
    ['{"a":{"payload":{"inner":1}},"b":"\\"payload\\":{}"}', null],
    ['{"payload":{"payload":{"payload":1}}}', '{"payload":{"payload":1}}'],
    ['{"payload":{"é€😀":"\\ud800"}}', '{"é€😀":"\\ud800"}'],
    ['{"payload":{"a":1,"a":2}}', '{"a":1,"a":2}'],
    ['{"payload":null}', 'null'],
    ['{"payload":-1.5e3,"x":1}', '-1.5e3'],
    ['{"payload":[1, 2]\n}', '[1, 2]'],
    ['{"payload":"text"}', '"text"'],
    ['{"payload":true ,"x":1}', 'true'],
  ])('%s', (text, span) => expect(payloadOf(text)).toBe(span))

  test('__proto__ as a key neither pollutes nor fails', () => {
    const { value, payloadText } = parseJobBody(
      Buffer.from('{"__proto__":{"payload":{"evil":1}},"constructor":1,"payload":{"__proto__":{"polluted":true}}}'),
    )
    expect(payloadText).toBe('{"__proto__":{"polluted":true}}')
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(parseJobBody(Buffer.from('{"__proto__":{"payload":{}}}'))).toMatchObject({ payloadText: null })
  })

  test('a million nested brackets, and as many brackets in a string', () => {
    const deep = '['.repeat(1_000_000) + ']'.repeat(1_000_000)
    expect(payloadOf(`{"a":${deep},"payload":${deep}}`)).toBe(deep)
    const text = JSON.stringify('["{'.repeat(300_000))
    expect(payloadOf(`{"payload":{"a":${text}}}`)).toBe(`{"a":${text}}`)
  })
})

describe('what is refused', () => {
  const kindOf = (raw: Buffer): string => {
    try {
      parseJobBody(raw)
    } catch (error) {
      if (error instanceof PayloadSpanError) return error.kind
      throw error
    }
    return 'accepted'
  }

  test.each([
    ['', 'not-json'],
    ['{', 'not-json'],
    ['{"a":1,}', 'not-json'],
    ["{'a':1}", 'not-json'],
    ['{"a":01}', 'not-json'],
    ['{"a":1} x', 'not-json'],
    ['{"a":"\n"}', 'not-json'],
    ['{"a":NaN}', 'not-json'],
    ['\u00a0{}', 'not-json'],
    ['null', 'not-object'],
    ['[{"payload":{}}]', 'not-object'],
    ['"{}"', 'not-object'],
    ['{"title":"a","title":"a"}', 'duplicate-member'],
    ['{"payload":{},"payl\\u006fad":{}}', 'duplicate-member'],
    ['{"__proto__":1,"__proto__":2}', 'duplicate-member'],
    ['{"":1,"":2}', 'duplicate-member'],
    ['\uFEFF{}', 'byte-order-mark'],
  ])('%j: %s', (text, kind) => expect(kindOf(Buffer.from(text))).toBe(kind))

  test.each([
    ['a stray continuation byte', [0x80]],
    ['an overlong form', [0xc0, 0xaf]],
    ['an encoded surrogate', [0xed, 0xa0, 0x80]],
    ['half a character', [0xe2, 0x82]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ])('invalid UTF-8: %s', (_, bytes) => {
    const raw = Buffer.concat([Buffer.from('{"payload":{"a":"'), Buffer.from(bytes), Buffer.from('"}}')])
    expect(kindOf(raw)).toBe('not-utf8')
  })

  test('the words name the member, shortened', () => {
    const long = 'k'.repeat(10_000)
    expect(() => payloadOf(`{"${long}":1,"${long}":2}`)).toThrow(`"${'k'.repeat(64)}…" twice`)
  })
})

describe('against JSON.parse', () => {
  const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 })
  const literal = (text: string, escaped: boolean): string =>
    escaped
      ? `"${Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`
      : JSON.stringify(text)
  const anyString = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', 'é') }),
    fc.constantFrom('payload', '__proto__', 'constructor', ''),
  )
  const stringText = fc.tuple(anyString, fc.boolean()).map(([text, escaped]) => literal(text, escaped))
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.constantFrom('0', '-0', '1.0', '12345678901234567890', '1E400', '1e-7'),
  )
  /** JSON source text, with white space wherever it may stand. */
  const { source } = fc.letrec<{ source: string; object: string }>((tie) => ({
    source: fc.oneof(
      { maxDepth: 4 },
      number,
      stringText,
      fc.constantFrom('null', 'true', 'false'),
      tie('object'),
      array(tie('source')),
    ),
    object: fc
      .tuple(fc.array(fc.tuple(space, stringText, space, space, tie('source'), space), { maxLength: 4 }), space)
      .map(
        ([members, pad]) =>
          `{${members.map(([a, key, b, c, value, d]) => `${a}${key}${b}:${c}${value}${d}`).join(',') || pad}}`,
      ),
  }))
  function array(item: fc.Arbitrary<string>): fc.Arbitrary<string> {
    return fc
      .tuple(fc.array(fc.tuple(space, item, space), { maxLength: 4 }), space)
      .map(([items, pad]) => `[${items.map((parts) => parts.join('')).join(',') || pad}]`)
  }
  const members = fc.uniqueArray(fc.tuple(anyString, fc.boolean(), source, space), {
    selector: ([key]) => key,
    maxLength: 6,
  })

  test('the span is the exact source of the value that JSON.parse sees', () => {
    fc.assert(
      fc.property(members, space, (list, pad) => {
        const text = `${pad}{${list.map(([key, escaped, value, s]) => `${s}${literal(key, escaped)}${s}:${s}${value}${s}`).join(',')}}${pad}`
        const { value, payloadText } = parseJobBody(Buffer.from(text))
        const expected = list.find(([key]) => key === 'payload')?.[2] ?? null
        expect(payloadText).toBe(expected)
        expect(value).toEqual(JSON.parse(text))
        if (payloadText !== null) expect(JSON.parse(payloadText)).toEqual(value['payload'])
      }),
      { numRuns: 1_000 },
    )
  })

  test('any damage to valid text is refused by kind or still read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(members, fc.nat(), fc.nat({ max: 255 }), (list, position, byte) => {
        const raw = Buffer.from(
          `{${list.map(([key, escaped, value]) => `${literal(key, escaped)}:${value}`).join(',')}}`,
        )
        raw[position % raw.length] = byte
        try {
          const { value, payloadText } = parseJobBody(raw)
          expect(value).toEqual(JSON.parse(raw.toString()))
          expect(payloadText === null ? undefined : JSON.parse(payloadText)).toEqual(
            Object.hasOwn(value, 'payload') ? value['payload'] : undefined,
          )
        } catch (error) {
          expect(error).toBeInstanceOf(PayloadSpanError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
