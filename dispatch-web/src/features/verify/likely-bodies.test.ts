/** What trying other bodies costs: nothing when the first one is right, and never a page that does not answer. */
import { beforeEach, expect, test, vi } from 'vitest'
import { makePauses } from '../../lib/pauses'
import { diagnose, type Question } from './diagnose'
import type * as layouts from './json-layouts'
import { likelyBodies } from './likely-bodies'

/** When each layout was begun, in turns of the event loop. */
const madeInTurn: number[] = []
let turn = 0

vi.mock('./json-layouts', async (importOriginal) => {
  const original = await importOriginal<typeof layouts>()
  return {
    ...original,
    writeJson(...given: Parameters<typeof original.writeJson>) {
      madeInTurn.push(turn)
      return original.writeJson(...given)
    },
  }
})

beforeEach(() => {
  madeInTurn.length = 0
})

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const OTHER = 'whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc='
const BODY = '{"jobId":"1","title":"t","payload":{"a":[1,"b"]},"firedAt":"2025-12-14T09:10:00.004Z"}'

/** About `BODY` as it was signed with `SECRET`. */
async function questionWith(secret: string): Promise<Question> {
  const value = `t=1765703400,v1=${await hmac(`1765703400.${BODY}`)}`
  const request = { headers: [{ name: 'x-dispatch-signature', value }], body: BODY }
  return { request, secrets: [secret], receivedAtMs: null, nowMs: 0 }
}

async function hmac(text: string): Promise<string> {
  const bytes = (of: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(of)
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', bytes(SECRET), algorithm, false, ['sign'])
  const made = [...new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes(text)))]
  return made.map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

test('a body that is right as it came is laid out in no other way', async () => {
  expect((await diagnose(await questionWith(SECRET))).isValid).toBe(true)
  expect(madeInTurn).toEqual([])
  await diagnose(await questionWith(OTHER))
  expect(madeInTurn.length).toBeGreaterThan(0)
})

test('work that lasts leaves the page its turns, between layouts that come out alike too', async () => {
  // Each look at the clock is a long time after the one before.
  let nowMs = 0
  vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 1000))
  let isOver = false
  const count = (): void => {
    turn += 1
    if (!isOver) setTimeout(count)
  }
  count()
  const bodies = []
  for await (const body of likelyBodies('{"payload":[]}', makePauses())) bodies.push(body.text)
  isOver = true
  expect(bodies).toEqual(['{"payload":[]}'])
  expect(madeInTurn.length).toBeGreaterThan(30)
  expect(new Set(madeInTurn).size).toBe(madeInTurn.length)
})

test('nothing more is tried once nobody waits for the answer', async () => {
  const question = await questionWith(OTHER)
  const asked = new AbortController()
  const sign = vi.spyOn(crypto.subtle, 'sign').mockImplementationOnce(() => {
    asked.abort()
    return Promise.resolve(new ArrayBuffer(32))
  })
  await expect(diagnose(question, asked.signal)).rejects.toThrow(/abort/i)
  expect(sign).toHaveBeenCalledTimes(1)
  expect(madeInTurn).toEqual([])
})
