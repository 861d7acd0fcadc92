import { describe, expect, it } from 'vitest'
import { examineConfig, loadConfig } from '../config.js'

const load = async (env: Record<string, string>) => (await loadConfig({ env, files: [] })).mail
const mistakes = async (env: Record<string, string>) => (await examineConfig({ env, files: [] })).mistakes

describe('mail settings', () => {
  it('leave mail off when there are none', async () => {
    expect(await load({})).toBeNull()
  })

  it('take a Gmail pair, with the spaces that Google shows', async () => {
    expect(await load({ GMAIL_USER: 'you@gmail.com', GMAIL_APP_PASSWORD: 'abcd efgh ijkl mnop' })).toEqual({
      host: 'smtp.gmail.com',
      port: 465,
      encryption: 'implicit',
      verifiesCertificate: true,
      credentials: { user: 'you@gmail.com', password: 'abcdefghijklmnop' },
      from: { name: 'Dispatch', address: 'you@gmail.com' },
    })
  })

  it.each([
    ['smtps://me:pw@mail.example.com', 465, 'implicit', true],
    ['smtp://me:pw@mail.example.com', 587, 'required', true],
    ['smtp://me:pw@mail.example.com:25?tls=unverified', 25, 'required', false],
    ['smtp://me:pw@mail.example.com?tls=never', 587, 'never', true],
    ['smtp://mail.example.com:25', 25, 'opportunistic', false],
    ['smtp://mail.example.com?tls=require', 587, 'required', true],
  ])('read %s', async (url, port, encryption, verifiesCertificate) => {
    const mail = await load({ SMTP_URL: url, MAIL_FROM: 'Team Ä <team@example.com>' })
    expect(mail).toMatchObject({ host: 'mail.example.com', port, encryption, verifiesCertificate })
    expect(mail?.from).toEqual({ name: 'Team Ä', address: 'team@example.com' })
  })

  it('take passwords as people paste them, and the user as the sender', async () => {
    const mail = await load({ SMTP_URL: 'smtp://me@example.com:p@ss:w/rd%@[::1]:2525' })
    expect(mail).toMatchObject({ host: '::1', port: 2525, credentials: { user: 'me@example.com', password: 'p@ss:w/rd%' } }) // prettier-ignore
    expect(mail?.from.address).toBe('me@example.com')
  })

  it.each([
    [{ GMAIL_USER: 'you@gmail.com' }, /^GMAIL_APP_PASSWORD: expected a Google App Password.*found nothing$/],
    [{ GMAIL_APP_PASSWORD: 'abcdefghijklmnop' }, /^GMAIL_USER: expected a Gmail address/],
    [{ GMAIL_USER: 'you@gmail.com', GMAIL_APP_PASSWORD: 'hunter2' }, /^GMAIL_APP_PASSWORD: .*found \(secret, 7 char/],
    [{ SMTP_URL: 'smtp://relay.example.com' }, /^MAIL_FROM: expected an email address.*because SMTP_URL is set/],
    [{ SMTP_URL: 'http://relay.example.com' }, /^SMTP_URL: expected smtp:\/\/ or smtps:/],
    [{ SMTP_URL: 'smtp://relay?tsl=never', MAIL_FROM: 'a@b.c' }, /^SMTP_URL: takes only the parameter tls=/],
    [{ MAIL_FROM: 'Dispatch <a@b.c>, x@y.z' }, /^MAIL_FROM: expected an email address/],
    [{ FRONTEND_URL: 'dispatch.example.com' }, /^FRONTEND_URL: expected a URL/],
    [{ FRONTEND_URL: 'https://a.example.com', DISPATCH_UI_URL: 'https://b.example.com' }, /^DISPATCH_UI_URL: expected the same as FRONTEND_URL/], // prettier-ignore
  ])('refuse %j', async (env, message) => {
    expect(await mistakes(env as Record<string, string>)).toEqual([expect.stringMatching(message)])
  })

  it('refuse two mail servers', async () => {
    const gmail = { GMAIL_USER: 'you@gmail.com', GMAIL_APP_PASSWORD: 'abcdefghijklmnop' }
    const found = await mistakes({ ...gmail, SMTP_URL: 'smtp://a@b.c:secretpw@relay' })
    expect(found).toEqual([expect.stringMatching(/^SMTP_URL: expected nothing/)])
    expect(found.join()).not.toContain('secretpw')
  })

  it('take the dashboard by either name, without the slash at its end', async () => {
    const urls = { FRONTEND_URL: 'https://a.example.com/', DISPATCH_UI_URL: 'https://a.example.com' }
    expect(await mistakes(urls)).toEqual([])
    expect((await loadConfig({ env: { FRONTEND_URL: 'https://a.example.com/x/' }, files: [] })).frontendUrl).toBe('https://a.example.com/x') // prettier-ignore
  })
})
