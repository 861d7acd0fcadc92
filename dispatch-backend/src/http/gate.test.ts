import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { databases } from '../testing/databases.js'
import { DatabaseAwayError } from '../store/store.js'
import { limitKey } from './client-address.js'
import { type Account, openTestApi, PASSWORD, type TestApi, type TestProject } from './testing/test-api.js'

const OFF = { maxBodyBytes: 100_000, perMinutePerKey: 0, perMinutePerAddress: 0, authPer15Minutes: 0 }

describe('rate limits', () => {
  let api: TestApi
  let account: Account
  let project: TestProject
  const open = async (limits: object, trustProxy = false): Promise<void> => {
    api = await openTestApi(databases[0]!, { limits: { ...OFF, ...limits }, trustProxy })
    // What a limit gives back is told by time alone.
    api.clock.hold()
    account = await api.signUp()
    project = await api.project(account)
  }
  const statuses = async (count: number, call: () => Promise<{ status: number }>): Promise<number[]> => {
    const all: number[] = []
    for (let index = 0; index < count; index += 1) all.push((await call()).status)
    return all
  }

  describe('of an address', () => {
    beforeAll(() => open({ perMinutePerAddress: 3 }, true))
    afterAll(() => api.close())
    const bad = (from: string) => () =>
      api.call({ path: '/jobs', key: 'sk_wrong', headers: { 'x-forwarded-for': from } })

    it('stop strangers with words and a hint, and let them in again', async () => {
      expect(await statuses(4, bad('203.0.113.1'))).toEqual([401, 401, 401, 429])
      const answer = await bad('203.0.113.1')()
      expect([answer.headers['x-error-code'], answer.headers['retry-after']]).toEqual(['RATE_LIMITED', '20'])
      expect(answer.json).toMatchObject({ status: false, data: null })
      api.clock.advance(20_000)
      expect(await statuses(2, bad('203.0.113.1'))).toEqual([401, 429])
    })

    it('count each client behind a proxy by itself, and an IPv6 network as one', async () => {
      await statuses(4, bad('203.0.113.3'))
      expect(await statuses(1, bad('203.0.113.2'))).toEqual([401])
      expect(await statuses(4, () => bad(`2001:db8::${Math.ceil(Math.random() * 9999)}`)())).toEqual([
        401, 401, 401, 429,
      ])
      expect(await statuses(1, bad('2001:db8:0:1::1'))).toEqual([401])
    })

    it('count unknown routes too', async () => {
      expect(await statuses(4, () => api.call({ path: '/nothing', from: '203.0.113.20' }))).toEqual([
        404, 404, 404, 429,
      ])
    })

    it('do not count callers with valid credentials', async () => {
      expect(await statuses(8, () => api.call({ path: '/jobs', key: project.key }))).toEqual(Array(8).fill(200))
      expect(await statuses(8, () => api.call({ path: '/me', token: account.token }))).toEqual(Array(8).fill(200))
    })

    it('do not stop a known key because of strangers at the same address', async () => {
      const call = (key: string) => () => api.call({ path: '/jobs', key, from: '203.0.113.30' })
      await call(project.key)()
      expect(await statuses(4, call('sk_wrong'))).toEqual([401, 401, 401, 429])
      expect(await statuses(2, call(project.key))).toEqual([200, 200])
    })
  })

  describe('of keys and sign-ins', () => {
    afterEach(() => api.close())

    it('of a key hold for that key alone', async () => {
      await open({ perMinutePerKey: 10 })
      const other = await api.project(account)
      expect(await statuses(11, () => api.call({ path: '/jobs', key: project.key }))).toEqual([
        ...Array(10).fill(200),
        429,
      ])
      expect(await statuses(1, () => api.call({ path: '/jobs', key: other.key }))).toEqual([200])
    })

    const login = (email: string, password: string, from: string) =>
      api.call({ method: 'POST', path: '/auth/login', body: { email, password }, from })

    it('of sign-in hold per address', async () => {
      await open({ authPer15Minutes: 3 })
      expect(await statuses(4, () => login(`${Math.random()}@example.com`, 'x', '203.0.113.5'))).toEqual([
        401, 401, 401, 429,
      ])
    })

    it('of sign-in hold per account, wherever the tries come from, and forget those that succeed', async () => {
      await open({ authPer15Minutes: 3 })
      let host = 0
      const from = () => `203.0.113.${(host += 1)}`
      expect(await statuses(5, () => login(account.email, PASSWORD, from()))).toEqual(Array(5).fill(200))
      expect(await statuses(4, () => login(account.email, 'wrong', from()))).toEqual([401, 401, 401, 429])
      expect((await login(account.email.toUpperCase(), PASSWORD, from())).status).toBe(429)
      const racing = Array.from({ length: 6 }, () => login('other@example.com', 'wrong', from()))
      const answers = (await Promise.all(racing)).map((answer) => answer.status)
      expect(answers.filter((status) => status === 401)).toHaveLength(3)
    })

    it('of sign-in count wrong passwords only, not our own troubles', async () => {
      await open({ authPer15Minutes: 3 })
      const find = api.store.findUserByEmail.bind(api.store)
      api.store.findUserByEmail = () => Promise.reject(new DatabaseAwayError('gone for a moment'))
      let host = 0
      const from = () => `203.0.113.${(host += 1)}`
      expect(await statuses(5, () => login(account.email, PASSWORD, from()))).toEqual(Array(5).fill(503))
      const remove = () =>
        api.call({ method: 'DELETE', path: '/me/account', token: account.token, body: { password: PASSWORD } })
      expect(await statuses(5, remove)).toEqual(Array(5).fill(503))
      api.store.findUserByEmail = find
      expect(await statuses(4, () => login(account.email, 'wrong', from()))).toEqual([401, 401, 401, 429])
      expect((await remove()).status).toBe(200)
    })
  })
})

describe('limitKey', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '20010db800010002/64'],
    ['2001:db8:1:2::', '20010db800010002/64'],
    ['fe80::1%eth0', 'fe80000000000000/64'],
    ['192.0.2.7:50123', '192.0.2.7'],
    ['[2001:db8:1:2::7]:50123', '20010db800010002/64'],
    ['fe80::1%a-b.c', '0.0.0.0'],
    ['unknown', '0.0.0.0'],
    ['1', '0.0.0.0'],
    ['', '0.0.0.0'],
  ])('of %s is %s', (ip, key) => {
    expect(limitKey(ip)).toBe(key)
  })
})
