import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSealer } from './secrets.js'

const KEY = Buffer.alloc(32, 7)

describe('createSealer', () => {
  it('opens what it sealed, and seals the same text differently each time', () => {
    const sealer = createSealer(KEY)
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(sealer.open(sealer.seal(text))).toBe(text)
      }),
    )
    expect(sealer.seal('whsec_x')).not.toBe(sealer.seal('whsec_x'))
    expect(sealer.seal('whsec_x')).not.toContain('whsec')
  })

  it('says so when the key is another one', () => {
    const sealed = createSealer(KEY).seal('secret')
    expect(() => createSealer(randomBytes(32)).open(sealed)).toThrow('another DISPATCH_ENCRYPTION_KEY')
  })

  it('notices every changed byte', () => {
    const sealer = createSealer(KEY)
    const sealed = sealer.seal('secret')
    const [version, keyId, body] = sealed.split('.')
    const bytes = Buffer.from(body!, 'base64url')
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes)
      changed[index]! ^= 1
      expect(() => sealer.open(`${version}.${keyId}.${changed.toString('base64url')}`)).toThrow('was changed')
    }
  })

  it.each([
    ['', 'unknown format'],
    ['v2.a.b', 'unknown format'],
    ['plain text', 'unknown format'],
  ])('refuses %j', (sealed, problem) => {
    expect(() => createSealer(KEY).open(sealed)).toThrow(problem)
  })

  it('refuses a cut text and a key of another length', () => {
    const sealed = createSealer(KEY).seal('secret')
    expect(() => createSealer(KEY).open(sealed.slice(0, 20))).toThrow('cut short')
    expect(() => createSealer(Buffer.alloc(16))).toThrow('32 bytes, got 16')
  })
})
