import { describe, expect, it, vi } from 'vitest'
import { type Clock, systemClock } from '../clock.js'
import type { ProjectStore } from '../store/store.js'
import { ApiKeyRing, hashApiKey } from './api-key-ring.js'

const KEY = `sk_${'ab'.repeat(32)}`
const IDENTITY = { id: 'k', projectId: 'p', organizationId: 'o' }

/** Only the two verbs that the ring calls, counted; the verbs themselves are proven on real databases. */
function ringOn(find: ProjectStore['findApiKey']) {
  const findApiKey = vi.fn(find)
  const touchApiKeys = vi.fn<ProjectStore['touchApiKeys']>(() => Promise.resolve())
  let nowMs = 1000
  const clock: Clock = { ...systemClock, wallMs: () => nowMs, monotonicMs: () => nowMs }
  const ring = new ApiKeyRing({ findApiKey, touchApiKeys }, clock)
  return { ring, findApiKey, touchApiKeys, advance: (ms: number) => (nowMs += ms) }
}

describe('ApiKeyRing', () => {
  it('reads a busy key once in a few seconds, and each time when asked for a fresh answer', async () => {
    const { ring, findApiKey, advance } = ringOn(() => Promise.resolve(IDENTITY))
    for (let index = 0; index < 5; index += 1)
      expect(await ring.present(KEY).identify({ fresh: false })).toEqual(IDENTITY)
    expect(findApiKey).toHaveBeenCalledTimes(1)
    expect(findApiKey).toHaveBeenCalledWith(hashApiKey(KEY))
    await ring.present(KEY).identify({ fresh: true })
    expect(findApiKey).toHaveBeenCalledTimes(2)
    advance(5000)
    await ring.present(KEY).identify({ fresh: false })
    expect(findApiKey).toHaveBeenCalledTimes(3)
  })

  it('forgets a key that was found revoked', async () => {
    let isValid = true
    const { ring } = ringOn(() => Promise.resolve(isValid ? IDENTITY : null))
    await ring.present(KEY).identify({ fresh: false })
    expect(ring.present(KEY).isKnown).toBe(true)
    isValid = false
    expect(await ring.present(KEY).identify({ fresh: true })).toBeNull()
    expect(await ring.present(KEY).identify({ fresh: false })).toBeNull()
    expect(ring.present(KEY).isKnown).toBe(false)
  })

  it.each(['', 'sk_', KEY.toUpperCase(), `${KEY}0`, ` ${KEY}`, KEY.slice(0, -1)])(
    'asks nobody about %j',
    async (key) => {
      const { ring, findApiKey } = ringOn(() => Promise.resolve(IDENTITY))
      expect(await ring.present(key).identify({ fresh: true })).toBeNull()
      expect(findApiKey).not.toHaveBeenCalled()
    },
  )

  it('writes each key once a flush, with its last use, and keeps what could not be written', async () => {
    const { ring, touchApiKeys, advance } = ringOn(() => Promise.resolve(IDENTITY))
    await ring.flushUses()
    expect(touchApiKeys).not.toHaveBeenCalled()
    await ring.present(KEY).identify({ fresh: false })
    advance(1)
    await ring.present(KEY).identify({ fresh: false })
    touchApiKeys.mockRejectedValueOnce(new Error('away'))
    await expect(ring.flushUses()).rejects.toThrow('away')
    await ring.flushUses()
    expect(touchApiKeys).toHaveBeenLastCalledWith([{ id: 'k', usedAtMs: 1001 }])
    await ring.flushUses()
    expect(touchApiKeys).toHaveBeenCalledTimes(2)
  })
})
