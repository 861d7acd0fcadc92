import { beforeAll, describe, expect, it } from 'vitest'
import { DispatchError } from '../errors.js'
import { Passwords } from './passwords.js'

describe('Passwords', () => {
  let passwords: Passwords
  beforeAll(async () => {
    passwords = await Passwords.create()
  })

  it('are argon2id, salted, and matched only by themselves', async () => {
    const [one, two] = await Promise.all([passwords.hash('pässword 🔑'), passwords.hash('pässword 🔑')])
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(one).not.toBe(two)
    expect(await passwords.matches('pässword 🔑', one)).toBe(true)
    expect(await passwords.matches('pässword', one)).toBe(false)
    expect(await passwords.matches('anything', null)).toBe(false)
  })

  it('may be 1024 bytes long', async () => {
    const longest = 'é'.repeat(512)
    expect(await passwords.matches(longest, await passwords.hash(longest))).toBe(true)
    await expect(passwords.hash(`${longest}x`)).rejects.toMatchObject({ code: 'VALIDATION' })
  })

  it('refuse a flood instead of queueing it, and recover', async () => {
    const results = await Promise.allSettled(Array.from({ length: 210 }, () => passwords.matches('x', null)))
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused).toHaveLength(210 - 202)
    for (const { reason } of refused) {
      expect(reason).toBeInstanceOf(DispatchError)
      expect(reason).toMatchObject({ code: 'BUSY', retryAfterSeconds: 3 })
    }
    expect(await passwords.matches('x', null)).toBe(false)
  })
})
