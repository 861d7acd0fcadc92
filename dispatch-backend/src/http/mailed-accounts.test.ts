import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { needsVerification, registered, signedIn } from 'dispatch-contract'
import { codeIn, tokenIn } from '../mail/testing/mail-receiver.js'
import { databases } from '../testing/databases.js'
import { type Answer, PASSWORD } from './testing/test-api.js'
import { FRONTEND_URL, type MailApi, openMailApi } from './testing/test-mail.js'

const HOUR_MS = 3_600_000

describe.each(databases)('accounts by mail on $name', (database) => {
  let api: MailApi
  let email: string
  beforeAll(async () => {
    api = await openMailApi(database)
    await makeAccount('owner@example.com')
  })
  afterAll(() => api.close())
  beforeEach(() => {
    email = `${randomBytes(6).toString('hex')}@example.com`
  })

  const post = (path: string, body: object, more: object = {}) => api.call({ method: 'POST', path, body, ...more })
  const put = (path: string, token: string, body: object) => api.call({ method: 'PUT', path, token, body })
  const register = (address = email, password = PASSWORD) => post('/auth/register', { email: address, password })
  const verify = (code: string, more: object = {}) => post('/auth/verify-email', { email, code, ...more })
  const login = (password = PASSWORD, address = email) => post('/auth/login', { email: address, password })
  const errorOf = (answer: Answer) => [answer.status, answer.headers['x-error-code']]
  const me = (token: unknown) => api.call({ path: '/me', token: String(token) })
  async function codeFor(address = email, count = 1): Promise<string> {
    return codeIn(await api.receiver.mailTo(address, count))
  }
  /** A code that is not the right one. */
  const other = (code: string) => (code === '000000' ? '000001' : '000000')
  async function makeAccount(address = email): Promise<string> {
    await register(address)
    const answer = await post('/auth/verify-email', { email: address, code: await codeFor(address) })
    expect(answer.status).toBe(200)
    return String(answer.json.data.token)
  }

  describe('verification', () => {
    it('makes the account when the mailed code comes back, once', async () => {
      const answer = await register(email)
      expect(answer.status).toBe(201)
      expect(registered.strict().parse(answer.json.data)).toEqual({ email })
      const code = await codeFor()
      const verified = await verify(code)
      expect(verified.status).toBe(200)
      const { token, user } = signedIn.strict().parse(verified.json.data)
      expect(user).toMatchObject({ email, isEmailVerified: true, isInstanceOwner: false })
      expect((await me(token)).json.data.organizations).toHaveLength(1)
      expect((await login()).status).toBe(200)
      expect(errorOf(await verify(code))).toEqual([400, 'CODE_INVALID'])
    })

    it('is asked for at sign-in, by the right password only, and mails a fresh code', async () => {
      await register()
      const first = await codeFor()
      expect(errorOf(await login('not the password'))).toEqual([401, 'BAD_CREDENTIALS'])
      const answer = await login()
      expect(errorOf(answer)).toEqual([403, 'EMAIL_NOT_VERIFIED'])
      expect(needsVerification.strict().parse(answer.json.data)).toEqual({ needsVerification: true, email })
      const second = await codeFor(email, 2)
      if (first !== second) expect(errorOf(await verify(first))).toEqual([400, 'CODE_INVALID'])
      expect((await verify(`${second.slice(0, 3)} ${second.slice(3)}`)).status).toBe(200)
    })

    it('is over after fifteen minutes, and a new code can be had', async () => {
      await register()
      const code = await codeFor()
      api.clock.advance(15 * 60_000)
      expect(errorOf(await verify(code))).toEqual([400, 'CODE_INVALID'])
      expect((await post('/auth/resend-verification', { email })).json.data).toBeNull()
      expect((await verify(await codeFor(email, 2))).status).toBe(200)
    })

    it('takes five wrong codes, counted across resends and registrations, then none for an hour', async () => {
      await register()
      const code = await codeFor()
      for (let n = 0; n < 3; n += 1) expect(errorOf(await verify(other(code)))).toEqual([400, 'CODE_INVALID'])
      await post('/auth/resend-verification', { email })
      await codeFor(email, 2)
      await register()
      const third = await codeFor(email, 3)
      for (let n = 0; n < 2; n += 1) expect(errorOf(await verify(other(third)))).toEqual([400, 'CODE_INVALID'])
      const locked = await verify(third)
      expect(errorOf(locked)).toEqual([400, 'CODE_LOCKED'])
      expect(locked.json.message).toBe('Too many wrong codes; try again in 60 min')
      api.clock.advance(HOUR_MS)
      await post('/auth/resend-verification', { email })
      expect((await verify(await codeFor(email, 4))).status).toBe(200)
    })

    it('is stopped alike where nobody registered', async () => {
      for (let n = 0; n < 5; n += 1) expect(errorOf(await verify('123456'))).toEqual([400, 'CODE_INVALID'])
      expect(errorOf(await verify('123456'))).toEqual([400, 'CODE_LOCKED'])
    })

    it('refuses what is no code in words', async () => {
      const answer = await verify('12345')
      expect(answer.json.message).toBe('code: expected the 6 digits that were mailed, got a text of 5 characters')
    })
  })

  describe('an address that has an account', () => {
    it('answers a registration as any other, and its owner is told', async () => {
      await makeAccount()
      const free = await register(`free-${email}`)
      const taken = await register(email, 'the password of a stranger')
      expect([taken.status, taken.json.message, taken.headers['x-error-code']]).toEqual([free.status, free.json.message, undefined]) // prettier-ignore
      expect(taken.json.data).toEqual({ email })
      const mail = await api.receiver.mailTo(email, 2)
      expect(mail.subject).toBe('Dispatch: You already have an account')
      expect(mail.text).not.toMatch(/\d{6}/)
      // A free address would answer the same: the password of the registration, not of the account.
      expect(errorOf(await login('the password of a stranger'))).toEqual([403, 'EMAIL_NOT_VERIFIED'])
      expect((await login()).status).toBe(200)
    })
  })

  describe('an address registered twice', () => {
    it('keeps the last password when it is the same', async () => {
      await register()
      await codeFor()
      await register()
      expect((await verify(await codeFor(email, 2))).status).toBe(200)
      expect((await login()).status).toBe(200)
    })

    it('gives a stranger nothing: a contested password counts only with the code', async () => {
      await register(email, 'password of the owner')
      const first = await codeFor()
      await register(email, 'password of a stranger')
      const second = await codeFor(email, 2)
      if (first !== second) expect(errorOf(await verify(first))).toEqual([400, 'CODE_INVALID'])
      const verified = await verify(second)
      expect(verified.json.message).toMatch(/choose yours by the link/)
      expect((await me(verified.json.data.token)).status).toBe(200)
      for (const password of ['password of the owner', 'password of a stranger']) {
        expect(errorOf(await login(password))).toEqual([401, 'BAD_CREDENTIALS'])
      }
      const token = tokenIn(await api.receiver.mailTo(email, 3))
      expect((await post('/auth/reset-password', { token, password: 'chosen by mail' })).status).toBe(200)
      expect((await login('chosen by mail')).status).toBe(200)
    })

    it('is contested also when both come at once', async () => {
      await Promise.all([register(email, 'password of the owner'), register(email, 'password of a stranger')])
      const registration = await api.store.findRegistration({ email, nowMs: api.clock.wallMs() })
      expect(registration!.isContested).toBe(true)
    })

    it('keeps the password of who knows both it and the code', async () => {
      await register(email, 'password of a stranger')
      await codeFor()
      await register(email, 'password of the owner')
      const password = 'password of the owner'
      expect((await verify(await codeFor(email, 2), { password })).status).toBe(200)
      expect((await login(password)).status).toBe(200)
    })

    it('does not take over the password of another registration than the one typed', async () => {
      await register(email, 'password of a stranger')
      const verified = await verify(await codeFor(), { password: 'password of the owner' })
      expect(verified.json.message).toMatch(/choose yours by the link/)
      expect(errorOf(await login('password of a stranger'))).toEqual([401, 'BAD_CREDENTIALS'])
    })
  })

  describe('a forgotten password', () => {
    const forget = () => post('/auth/forgot-password', { email })

    it('is replaced by a link that works once and ends every session', async () => {
      const session = await makeAccount()
      const asked = await forget()
      expect([asked.status, asked.json.data]).toEqual([200, null])
      const mail = await api.receiver.mailTo(email, 2)
      expect(mail.text).toContain(`${FRONTEND_URL}/reset-password?token=`)
      const token = tokenIn(mail)
      const reset = (password: string) => post('/auth/reset-password', { token, password })
      expect(errorOf(await reset('short'))).toEqual([400, 'VALIDATION'])
      expect((await reset('the new password')).json.data).toBeNull()
      expect((await me(session)).status).toBe(401)
      expect((await login()).status).toBe(401)
      expect((await login('the new password')).status).toBe(200)
      expect(errorOf(await reset('another password'))).toEqual([400, 'RESET_TOKEN_INVALID'])
      expect((await api.receiver.mailTo(email, 3)).subject).toBe('Dispatch: Your password was changed')
    })

    it('is over after an hour, and void when there is a new link', async () => {
      await makeAccount()
      await forget()
      const first = tokenIn(await api.receiver.mailTo(email, 2))
      await forget()
      const second = tokenIn(await api.receiver.mailTo(email, 3))
      const reset = (token: string) => post('/auth/reset-password', { token, password: 'the new password' })
      expect(errorOf(await reset(first))).toEqual([400, 'RESET_TOKEN_INVALID'])
      api.clock.advance(HOUR_MS)
      expect(errorOf(await reset(second))).toEqual([400, 'RESET_TOKEN_INVALID'])
      expect(errorOf(await reset('guessed'))).toEqual([400, 'RESET_TOKEN_INVALID'])
    })

    it('answers alike and mails nothing where there is no account', async () => {
      await makeAccount(`known-${email}`)
      const known = await post('/auth/forgot-password', { email: `known-${email}` })
      const unknown = await forget()
      expect(unknown.json).toEqual(known.json)
      await post('/auth/resend-verification', { email })
      await api.receiver.mailTo(`known-${email}`, 2)
      await makeAccount(`later-${email}`)
      expect(api.receiver.mails.some((mail) => mail.to.includes(email))).toBe(false)
    })

    it('is of no use to a disabled account', async () => {
      await makeAccount()
      const user = await api.store.findUserByEmail(email)
      await api.store.setUserDisabled({ id: user!.id, isDisabled: true })
      await forget()
      await makeAccount(`later-${email}`)
      expect(api.receiver.mails.filter((mail) => mail.to.includes(email))).toHaveLength(1)
    })
  })

  describe('a new address', () => {
    it('counts once its code comes back from the account that asked; the old one is told', async () => {
      const token = await makeAccount()
      const next = `next-${email}`
      const answer = await put('/me/profile', token, { email: next.toUpperCase(), name: 'Ada', password: PASSWORD })
      expect([answer.status, answer.json.data.email, answer.json.data.name]).toEqual([200, email, 'Ada'])
      const code = await codeFor(next)
      const confirm = (more: object) => post('/auth/verify-email', { email: next, code }, more)
      const stranger = await makeAccount(`stranger-${email}`)
      expect(errorOf(await confirm({}))).toEqual([400, 'CODE_INVALID'])
      expect(errorOf(await confirm({ token: stranger }))).toEqual([400, 'CODE_INVALID'])
      expect((await login()).status).toBe(200)
      const confirmed = await confirm({ token })
      expect(confirmed.status).toBe(200)
      const fresh = signedIn.strict().parse(confirmed.json.data)
      expect(fresh.user).toMatchObject({ email: next, name: 'Ada', isEmailVerified: true })
      // The session goes on; a new one could outlive what ends this one.
      expect(fresh.token).toBe(token)
      expect((await me(token)).json.data.email).toBe(next)
      expect((await login()).status).toBe(401)
      expect((await login(PASSWORD, next)).status).toBe(200)
      const notice = await api.receiver.mailTo(email, 2)
      expect([notice.subject, notice.text.includes(next)]).toEqual(['Dispatch: Your email address was changed', true])
    })

    it('that others have is told to them only', async () => {
      await makeAccount(`taken-${email}`)
      const token = await makeAccount()
      const [taken, free] = await Promise.all([
        put('/me/profile', token, { email: `taken-${email}`, password: PASSWORD }),
        put('/me/profile', token, { email: `free-${email}`, password: PASSWORD }),
      ])
      expect(taken.json).toEqual(free.json)
      const mail = await api.receiver.mailTo(`taken-${email}`, 2)
      expect(mail.subject).toBe('Dispatch: You already have an account')
    })

    it('is mailed to nobody without the password', async () => {
      const token = await makeAccount()
      const body = { email: `next-${email}`, password: 'a guess' }
      expect(errorOf(await put('/me/profile', token, body))).toEqual([401, 'WRONG_PASSWORD'])
      expect(errorOf(await put('/me/profile', token, { email: body.email }))).toEqual([400, 'VALIDATION'])
      await makeAccount(`later-${email}`)
      expect(api.receiver.mails.some((mail) => mail.to.includes(body.email))).toBe(false)
    })

    it('that somebody else took meanwhile is said to be taken', async () => {
      const next = `next-${email}`
      const tokens = [await makeAccount(), await makeAccount(`other-${email}`)]
      const codes: string[] = []
      for (const token of tokens) {
        await put('/me/profile', token, { email: next, password: PASSWORD })
        codes.push(await codeFor(next, codes.length + 1))
      }
      const confirm = (n: number) => post('/auth/verify-email', { email: next, code: codes[n] }, { token: tokens[n] })
      expect((await confirm(0)).status).toBe(200)
      expect(errorOf(await confirm(1))).toEqual([409, 'EMAIL_TAKEN'])
    })

    it('is lost to a reset that comes between the judgement of its code and its use', async () => {
      const token = await makeAccount()
      await post('/auth/forgot-password', { email })
      const link = tokenIn(await api.receiver.mailTo(email, 2))
      const next = `next-${email}`
      await put('/me/profile', token, { email: next, password: PASSWORD })
      const code = await codeFor(next)
      const tryCode = api.store.tryCode.bind(api.store)
      onTestFinished(() => {
        api.store.tryCode = tryCode
      })
      api.store.tryCode = async (request) => {
        const verdict = await tryCode(request)
        await post('/auth/reset-password', { token: link, password: 'the new password' })
        return verdict
      }
      const late = await post('/auth/verify-email', { email: next, code }, { token })
      expect(errorOf(late)).toEqual([400, 'CODE_INVALID'])
      expect((await login('the new password')).status).toBe(200)
      expect((await me(token)).status).toBe(401)
    })

    it('is not mailed when the password is changed while the letter is being written', async () => {
      const token = await makeAccount()
      const next = `next-${email}`
      const find = api.store.findUserByEmail.bind(api.store)
      onTestFinished(() => {
        api.store.findUserByEmail = find
        return api.outbox.start()
      })
      const change = { currentPassword: PASSWORD, newPassword: 'the new password' }
      const changed = new Promise<number>((resolve) => {
        api.store.findUserByEmail = async (address) => {
          if (address === next) resolve((await put('/me/password', token, change)).status)
          return find(address)
        }
      })
      await put('/me/profile', token, { email: next, password: PASSWORD })
      expect(await changed).toBe(200)
      await api.outbox.stop()
      expect(api.receiver.mails.some((mail) => mail.to.includes(next))).toBe(false)
    })

    it('is dropped when the password is changed before', async () => {
      const token = await makeAccount()
      await put('/me/profile', token, { email: `next-${email}`, password: PASSWORD })
      const code = await codeFor(`next-${email}`)
      await put('/me/password', token, { currentPassword: PASSWORD, newPassword: 'the new password' })
      expect(errorOf(await post('/auth/verify-email', { email: `next-${email}`, code }, { token }))).toEqual([400, 'CODE_INVALID']) // prettier-ignore
    })
  })

  it('tell their owner of a changed password', async () => {
    const token = await makeAccount()
    const body = { currentPassword: PASSWORD, newPassword: 'the new password' }
    expect((await put('/me/password', token, body)).status).toBe(200)
    expect((await api.receiver.mailTo(email, 2)).subject).toBe('Dispatch: Your password was changed')
  })

  it('tell their owner of the end', async () => {
    const token = await makeAccount()
    expect((await api.call({ method: 'DELETE', path: '/me/account', token, body: { password: PASSWORD } })).status).toBe(200) // prettier-ignore
    const mail = await api.receiver.mailTo(email, 2)
    expect(mail.subject).toBe('Dispatch: Your account was deleted')
    expect(mail.text).toContain('with 1 organization, 0 projects and 0 pending jobs')
  })

  it('do not use up sign-ins while they wait to be verified', async () => {
    const limits = { maxBodyBytes: 100_000, perMinutePerKey: 0, perMinutePerAddress: 0, authPer15Minutes: 3 }
    const strict = await openMailApi(database, { limits })
    const call = (path: string, host: number, password = PASSWORD) =>
      strict.call({ method: 'POST', path, body: { email, password }, from: `127.0.0.${host}` })
    await call('/auth/register', 1)
    for (let host = 2; host < 7; host += 1) expect((await call('/auth/login', host)).status).toBe(403)
    expect((await call('/auth/login', 8, 'wrong')).status).toBe(401)
    await strict.close()
  })

  it('leave no code, token or password in the database', async () => {
    await register(email, 'a password to look for')
    const code = await codeFor()
    const registration = await api.store.findRegistration({ email, nowMs: api.clock.wallMs() })
    expect(registration!.passwordHash).toMatch(/^\$argon2id\$/)
    expect(JSON.stringify(registration)).not.toContain(code)
  })
})
