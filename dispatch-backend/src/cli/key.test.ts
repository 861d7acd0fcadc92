import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestApi, TEST_ENCRYPTION_KEY, type Account, type TestApi } from '../http/testing/test-api.js'
import { databases } from '../testing/databases.js'
import { databaseUrlOf } from '../testing/server-url.js'
import { keyCommand, type KeyCommand } from './key.js'

// The API stands for the running server: it has the same database open.
describe.each(databases)('dispatch key create on $name, beside a running server', (database) => {
  let api: TestApi
  let account: Account
  let url: string
  beforeAll(async () => {
    const created = await database.create()
    url = databaseUrlOf(created.config)
    api = await openTestApi({ ...database, create: () => Promise.resolve(created) })
    account = await api.signUp()
  })
  afterAll(() => api.close())

  async function create(options: Partial<KeyCommand> = {}): Promise<{ out: string[]; err: string[] }> {
    const [out, err]: [string[], string[]] = [[], []]
    await keyCommand({
      ...{ email: account.email, project: null, label: 'laptop', json: false },
      print: (line) => out.push(line),
      printError: (line) => err.push(line),
      input: { env: { DATABASE_URL: url, DISPATCH_ENCRYPTION_KEY: TEST_ENCRYPTION_KEY.toString('base64') }, files: [] },
      ...options,
    })
    return { out, err }
  }
  const projects = async () =>
    (await api.call({ path: '/projects', token: account.token })).json.data as { id: string; name: string }[]

  it('makes the first project, and a key that opens it; the key alone is on standard output', async () => {
    const { out, err } = await create()
    expect(out).toEqual([expect.stringMatching(/^sk_[0-9a-f]{64}$/)])
    const [project, ...others] = await projects()
    expect(others).toEqual([])
    expect(err).toEqual([`A key of the project "default" (${project?.id ?? ''}). It is shown only this once.`])
    expect((await api.call({ path: '/jobs', key: out[0]! })).status).toBe(200)
    const secret = await api.call({ path: `/projects/${project?.id ?? ''}/signing-secret`, token: account.token })
    expect(secret.json.data.secret).toMatch(/^whsec_/)
  })

  it('takes the only project, or the one that is named, and makes that when it is new', async () => {
    await create()
    expect(await projects()).toHaveLength(1)
    const made = JSON.parse((await create({ project: 'staging', label: 'CI', json: true })).out.join()) as object
    expect(made).toMatchObject({ key: expect.stringMatching(/^sk_/), label: 'CI', project: { name: 'staging' } })
    await create({ project: 'staging' })
    expect(await projects()).toHaveLength(2)
    await expect(create()).rejects.toThrow(/several projects \("\w+", "\w+"\); say which with --project NAME/)
  })

  it('refuses an account that is not there, and a key that is not the server’s', async () => {
    await expect(create({ email: 'nobody@example.com' })).rejects.toThrow('npx dispatch user list')
    const env = { DATABASE_URL: url, DISPATCH_ENCRYPTION_KEY: Buffer.alloc(32, 9).toString('base64') }
    await expect(create({ project: 'other', input: { env, files: [] } })).rejects.toThrow(/the encryption key is not/)
  })
})
