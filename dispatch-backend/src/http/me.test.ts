import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { session as sessionSchema } from 'dispatch-contract'
import { databases } from '../testing/databases.js'
import { type Account, openTestApi, PASSWORD, type TestApi } from './testing/test-api.js'

describe.each(databases)('the own account on $name, without mail', (database) => {
  let api: TestApi
  let account: Account
  beforeAll(async () => {
    api = await openTestApi(database)
    await api.signUp()
  })
  afterAll(() => api.close())
  beforeEach(async () => {
    account = await api.signUp()
  })

  const call = (method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object, token = account.token) =>
    api.call({ method, path, token, ...(body && { body }) })
  const login = (password = PASSWORD, email = account.email) =>
    api.call({ method: 'POST', path: '/auth/login', body: { email, password } })

  it('takes a name and an address at once, as there is nobody to ask', async () => {
    const email = `new-${account.email}`
    const answer = await call('PUT', '/me/profile', { name: 'Ada', email: email.toUpperCase(), password: PASSWORD })
    expect(answer.json.data).toMatchObject({ name: 'Ada', email, isEmailVerified: false })
    expect((await call('GET', '/me')).json.data).toMatchObject({ name: 'Ada', email })
    expect((await call('PUT', '/me/profile', { name: null })).json.data.name).toBeNull()
    expect((await call('PUT', '/me/profile', {})).json.data.email).toBe(email)
    const other = await api.signUp()
    const taken = await call('PUT', '/me/profile', { email: other.email, password: PASSWORD })
    expect([taken.status, taken.headers['x-error-code']]).toEqual([409, 'EMAIL_TAKEN'])
  })

  it('does not give its address away to an open session: that takes the password', async () => {
    const change = { name: 'Eve', email: `eve-${account.email}` }
    const without = await call('PUT', '/me/profile', change)
    expect([without.status, without.headers['x-error-code']]).toEqual([400, 'VALIDATION'])
    expect(without.json.message).toBe(
      'password: expected your password, because the email address is to change, got nothing',
    )
    const wrong = await call('PUT', '/me/profile', { ...change, password: 'wrong' })
    expect([wrong.status, wrong.headers['x-error-code']]).toEqual([401, 'WRONG_PASSWORD'])
    expect((await call('GET', '/me')).json.data).toMatchObject({ name: null, email: account.email })
    const same = await call('PUT', '/me/profile', { email: account.email.toUpperCase(), name: 'Ada' })
    expect([same.status, same.json.data.name]).toEqual([200, 'Ada'])
  })

  it('takes nothing else from a profile', async () => {
    const body = { isInstanceOwner: true, isEmailVerified: true, id: 'x', passwordHash: 'x', name: 'Eve' }
    const answer = await call('PUT', '/me/profile', body)
    expect(answer.json.data).toMatchObject({ id: account.userId, name: 'Eve', isInstanceOwner: false, isEmailVerified: false }) // prettier-ignore
  })

  it('changes the password, ending the other sessions only', async () => {
    const second = String((await login()).json.data.token)
    const wrong = await call('PUT', '/me/password', { currentPassword: 'wrong', newPassword: 'the new password' })
    expect([wrong.status, wrong.headers['x-error-code']]).toEqual([401, 'WRONG_PASSWORD'])
    const short = await call('PUT', '/me/password', { currentPassword: PASSWORD, newPassword: 'short' })
    expect([short.status, short.headers['x-error-code']]).toEqual([400, 'VALIDATION'])
    const body = { currentPassword: PASSWORD, newPassword: 'the new password' }
    expect((await call('PUT', '/me/password', body)).json).toMatchObject({ status: true, data: null })
    expect((await call('GET', '/me')).status).toBe(200)
    expect((await call('GET', '/me', undefined, second)).status).toBe(401)
    expect([(await login()).status, (await login('the new password')).status]).toEqual([401, 200])
  })

  it('limits guesses at the password of a stolen session', async () => {
    const limits = { maxBodyBytes: 100_000, perMinutePerKey: 0, perMinutePerAddress: 0, authPer15Minutes: 3 }
    const strict = await openTestApi(database, { limits })
    const { token } = await strict.signUp()
    const password = 'guess'
    const leave = () => strict.call({ method: 'DELETE', path: '/me/account', token, body: { password } })
    const move = (email = 'eve@example.com') =>
      strict.call({ method: 'PUT', path: '/me/profile', token, body: { email, password } })
    const statuses = [await leave(), await move(), await leave(), await move(), await leave()]
    expect(statuses.map(({ status }) => status)).toEqual([401, 401, 401, 429, 429])
    await strict.close()
  })

  it('is not kept from the own account by strangers who try to sign in to it', async () => {
    const limits = { maxBodyBytes: 100_000, perMinutePerKey: 0, perMinutePerAddress: 0, authPer15Minutes: 3 }
    const strict = await openTestApi(database, { limits })
    const { token, email } = await strict.signUp()
    const guess = (_: unknown, n: number) =>
      strict.call({ method: 'POST', path: '/auth/login', body: { email, password: 'x' }, from: `203.0.113.${n}` })
    const guesses = await Promise.all(Array.from({ length: 4 }, guess))
    expect(guesses.map(({ status }) => status).toSorted()).toEqual([401, 401, 401, 429])
    const change = { currentPassword: PASSWORD, newPassword: 'the new password' }
    expect((await strict.call({ method: 'PUT', path: '/me/password', token, body: change })).status).toBe(200)
    const body = { password: 'the new password' }
    expect((await strict.call({ method: 'DELETE', path: '/me/account', token, body })).status).toBe(200)
    await strict.close()
  })

  it('lists its sessions, ends one, and ends all others', async () => {
    const tokens = [String((await login()).json.data.token), String((await login()).json.data.token)]
    const list = async () =>
      sessionSchema
        .strict()
        .array()
        .parse((await call('GET', '/me/sessions')).json.data)
    const before = await list()
    expect(before).toHaveLength(3)
    expect(before.filter(({ current }) => current)).toHaveLength(1)
    const foreign = await api.signUp()
    const [ended] = before.filter(({ current }) => !current)
    const stolen = await call('DELETE', `/me/sessions/${ended!.id}`, undefined, foreign.token)
    expect(stolen.status).toBe(404)
    expect((await call('DELETE', `/me/sessions/${ended!.id}`)).status).toBe(200)
    expect(await list()).toHaveLength(2)
    expect((await call('DELETE', '/me/sessions/no-id')).status).toBe(404)
    expect((await call('DELETE', '/me/sessions')).json.message).toBe('1 other session ended')
    expect(await list()).toMatchObject([{ current: true }])
    for (const token of tokens) expect((await call('GET', '/me', undefined, token)).status).toBe(401)
  })

  it('is deleted by its password, with all that was its own, and says so', async () => {
    const project = await api.project(account)
    const jobId = await api.job(project)
    await api.job(project)
    const wrong = await call('DELETE', '/me/account', { password: 'wrong' })
    expect([wrong.status, wrong.headers['x-error-code']]).toEqual([401, 'WRONG_PASSWORD'])
    const answer = await call('DELETE', '/me/account', { password: PASSWORD })
    expect([answer.status, answer.json.data]).toEqual([200, null])
    expect(answer.json.message).toBe('Account deleted, with 1 organization, 1 project and 2 pending jobs')
    expect((await call('GET', '/me')).status).toBe(401)
    expect((await login()).status).toBe(401)
    expect((await api.call({ path: `/jobs/${jobId}`, key: project.key })).status).toBe(401)
    const again = { email: account.email, password: PASSWORD }
    expect((await api.call({ method: 'POST', path: '/auth/register', body: again })).status).toBe(201)
  })

  it('is nobody’s without a session', async () => {
    const routes = [
      ['PUT', '/me/profile'],
      ['PUT', '/me/password'],
      ['DELETE', '/me/account'],
      ['GET', '/me/sessions'],
      ['DELETE', '/me/sessions'],
      ['DELETE', '/me/sessions/x'],
    ] as const
    for (const [method, path] of routes) expect((await api.call({ method, path })).status).toBe(401)
  })

  it('answers the mailed routes as harmlessly as it can', async () => {
    const post = (path: string, body: object) => api.call({ method: 'POST', path, body })
    for (const path of ['/auth/forgot-password', '/auth/resend-verification']) {
      const answer = await post(path, { email: account.email })
      expect([answer.status, answer.json.data]).toEqual([200, null])
      expect(answer.json.message).toContain('npx dispatch user reset-password')
    }
    const verify = await post('/auth/verify-email', { email: account.email, code: '123456' })
    expect([verify.status, verify.headers['x-error-code']]).toEqual([400, 'CODE_INVALID'])
  })
})
