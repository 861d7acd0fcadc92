import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, PASSWORD, type Account, type TestApi } from '../http/testing/test-api.js'
import { databases } from '../testing/databases.js'
import { databaseUrlOf } from '../testing/server-url.js'
import { userCommand, type UserAction } from './user.js'

// The API stands for the running server: it has the same database open.
describe.each(databases)('dispatch user on $name, beside a running server', (database) => {
  let api: TestApi
  let owner: Account
  let ada: Account
  let url: string
  beforeAll(async () => {
    const created = await database.create()
    url = databaseUrlOf(created.config)
    api = await openTestApi({ ...database, create: () => Promise.resolve(created) })
    owner = await api.signUp()
  })
  afterAll(() => api.close())
  beforeEach(async () => {
    ada = await api.signUp()
  })

  async function run(action: UserAction, json = false): Promise<string> {
    const lines: string[] = []
    const input = { env: { DATABASE_URL: url, FRONTEND_URL: 'https://dispatch.example.com' }, files: [] }
    await userCommand({ action, json, print: (line) => lines.push(line), input })
    return lines.join('\n')
  }
  const login = (email: string, password = PASSWORD) =>
    api.call({ method: 'POST', path: '/auth/login', body: { email, password } })
  const me = async ({ token }: Account) => (await api.call({ path: '/me', token })).status

  it('lists every account', async () => {
    const text = await run({ do: 'list' })
    expect(text).toMatch(new RegExp(`^${owner.email}  instance owner  not verified  since 20`, 'm'))
    const users: unknown = JSON.parse(await run({ do: 'list' }, true))
    expect(users).toContainEqual(
      expect.objectContaining({ email: ada.email, isDisabled: false, isInstanceOwner: false }),
    )
    expect(JSON.stringify(users)).not.toMatch(/argon2|password/i)
  })

  it('makes an account that can sign in at once', async () => {
    const email = `made-${ada.email}`
    const made = JSON.parse(await run({ do: 'create', email, name: 'Zoë', password: null }, true)) as {
      password: string
    }
    expect((await login(email, made.password)).json.data.user).toMatchObject({ email, name: 'Zoë' })
    const chosen = await run({ do: 'create', email: `x-${email}`, name: null, password: 'chosen by me' })
    expect(chosen).toBe(`Made the account x-${email}.`)
    expect((await login(`x-${email}`, 'chosen by me')).status).toBe(200)
    await expect(run({ do: 'create', email, name: null, password: null })).rejects.toThrow('already exists')
  })

  it('prints a link that sets a password once, without any mail', async () => {
    const text = await run({ do: 'reset-password', email: ada.email, random: false })
    const token = /^https:\/\/dispatch\.example\.com\/reset-password\?token=([\w-]{43})$/m.exec(text)?.[1]
    const reset = () =>
      api.call({ method: 'POST', path: '/auth/reset-password', body: { token, password: 'the new password' } })
    expect((await reset()).status).toBe(200)
    expect((await reset()).headers['x-error-code']).toBe('RESET_TOKEN_INVALID')
    expect([await me(ada), (await login(ada.email, 'the new password')).status]).toEqual([401, 200])
  })

  it('sets a random password and ends the sessions', async () => {
    const text = await run({ do: 'reset-password', email: ada.email, random: true })
    const password = /^Password: (.+)$/m.exec(text)?.[1] ?? ''
    expect([await me(ada), (await login(ada.email)).status]).toEqual([401, 401])
    expect((await login(ada.email, password)).status).toBe(200)
  })

  it('disables an account at once, which is told only to who knows the password, and enables it', async () => {
    expect(await run({ do: 'disable', email: ada.email, force: false })).toMatch(/^\S+ is disabled/)
    expect(await me(ada)).toBe(401)
    expect((await login(ada.email, 'not the password')).headers['x-error-code']).toBe('BAD_CREDENTIALS')
    const refused = await login(ada.email)
    expect([refused.status, refused.headers['x-error-code']]).toEqual([403, 'ACCOUNT_DISABLED'])
    await expect(run({ do: 'reset-password', email: ada.email, random: false })).rejects.toThrow('is disabled')
    await run({ do: 'enable', email: ada.email })
    expect([await me(ada), (await login(ada.email)).status]).toEqual([401, 200])
  })

  it('disables the owner of the instance only when it is told to all the same', async () => {
    await expect(run({ do: 'disable', email: owner.email, force: false })).rejects.toThrow('nobody could administer it')
    expect(await me(owner)).toBe(200)
    expect(await run({ do: 'disable', email: owner.email, force: true })).toMatch(/^\S+ is disabled/)
    expect(await me(owner)).toBe(401)
    await run({ do: 'enable', email: owner.email })
    owner = { ...owner, token: String((await login(owner.email)).json.data.token) }
  })

  it('makes another one the owner, who may then go', async () => {
    const remove = ({ token, password }: Account) =>
      api.call({ method: 'DELETE', path: '/me/account', token, body: { password } })
    const refused = await remove(owner)
    expect([refused.status, refused.headers['x-error-code']]).toEqual([409, 'OWNS_INSTANCE'])
    expect(await run({ do: 'promote', email: ada.email })).toBe(
      `${ada.email} owns this instance now; nobody else does.`,
    )
    expect((await remove(owner)).status).toBe(200)
    owner = ada
  })

  it('says when there is no such account', async () => {
    const disable = run({ do: 'disable', email: 'nobody@example.com', force: true })
    await expect(disable).rejects.toThrow('no account nobody@example.com')
    for (const name of ['promote', 'enable'] as const) {
      await expect(run({ do: name, email: 'nobody@example.com' })).rejects.toThrow('no account nobody@example.com')
    }
  })
})
