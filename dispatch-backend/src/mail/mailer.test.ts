import { createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../clock.js'
import { createMailer, MailError, type Letter, type MailServer } from './mailer.js'
import { plainServer, startMailReceiver, startSilentServer, type MailReceiverOptions } from './testing/mail-receiver.js'

const LETTER: Letter = {
  to: 'ada@example.com',
  subject: 'Dispatch: Grüße ☂',
  html: '<p>Ä&lt;b&gt;</p>',
  text: 'Ä code\n\n123456\n',
}
/** However slow the machine is. */
const PATIENT = { connectMs: 120_000, idleMs: 120_000, totalMs: 120_000 }
/** So that giving up can be watched; nothing measures how short. */
const HASTY = { connectMs: 300, idleMs: 300, totalMs: 600 }

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function receiver(options: MailReceiverOptions = {}) {
  const opened = await startMailReceiver(options)
  closing.push(opened.close)
  return opened
}

function send(server: MailServer, letter: Partial<Letter> = {}, signal = new AbortController().signal): Promise<void> {
  return createMailer(server, systemClock, PATIENT).send({ ...LETTER, ...letter }, signal)
}

/** Why it was not sent. */
async function failure(sending: Promise<void>): Promise<MailError> {
  const error: unknown = await sending.then(() => 'it was sent').catch((thrown: unknown) => thrown)
  if (!(error instanceof MailError)) throw new Error(`no MailError: ${String(error)}`)
  return error
}

const credentials = { user: 'dispatch', password: 'päss wörd@:/' }
const withLogin = (isRight = true): MailReceiverOptions => ({
  authOptional: false,
  allowInsecureAuth: true,
  onAuth: ({ username, password }, _session, callback) => {
    if (isRight && username === credentials.user && password === credentials.password)
      callback(null, { user: username })
    else callback(new Error('5.7.8 Username and password not accepted for ada@example.com'))
  },
})

describe('a letter', () => {
  it('arrives as HTML and text, from the configured sender, marked as written by a machine', async () => {
    const { server, mails } = await receiver()
    await send(server)
    expect(mails).toMatchObject([{ from: 'dispatch@example.com', to: ['ada@example.com'], isEncrypted: false }])
    const [{ raw, html, text }] = mails as [(typeof mails)[0]]
    expect([html.trim(), text.trim()]).toEqual([LETTER.html, LETTER.text.trim()])
    expect(raw).toMatch(/^From: Dispatch <dispatch@example.com>\r$/m)
    expect(raw).toMatch(/^To: ada@example.com\r$/m)
    expect(raw).toMatch(/^Auto-Submitted: auto-generated\r$/m)
    expect(raw).toMatch(/^Subject: =\?UTF-8\?/m)
  })

  it.each([
    'ada@example.com\r\nBcc: eve@example.com',
    'ada@example.com, eve@example.com',
    'Ada <ada@example.com>',
    'ada@example.com>\nRCPT TO:<eve@example.com',
    '"ada eve"@example.com',
    'ada\u0000@example.com',
    'ada',
  ])('goes to one plain address only, not to %j', async (to) => {
    const { server, mails } = await receiver()
    expect(await failure(send(server, { to }))).toMatchObject({ isFinal: true })
    expect(mails).toEqual([])
  })

  it('cannot smuggle a header in by its subject or sender', async () => {
    const { server, mails } = await receiver()
    const from = { name: 'Dispatch\r\nBcc: eve@example.com', address: 'dispatch@example.com' }
    await send({ ...server, from }, { subject: 'Hello\r\nX-Evil: 1\r\n\r\nbody' })
    expect(mails[0]!.to).toEqual(['ada@example.com'])
    expect(mails[0]!.raw).not.toMatch(/^(Bcc|X-Evil):/im)
  })
})

describe('signing in to the mail server', () => {
  it('sends the credentials as they are', async () => {
    const { server, mails } = await receiver(withLogin())
    await send({ ...server, credentials })
    expect(mails).toHaveLength(1)
  })

  it('that fails says where to look, without address or password, and is tried again', async () => {
    const { server } = await receiver(withLogin(false))
    const error = await failure(send({ ...server, credentials }))
    expect(error.isFinal).toBe(false)
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+: .*\(check the mail settings\)$/)
    expect(error.message).not.toMatch(/@example|wörd/)
  })

  it('never happens over an open connection when TLS is required', async () => {
    let tries = 0
    const { server } = await receiver({
      ...withLogin(),
      onAuth: (_auth, _session, callback) => {
        tries += 1
        callback(null, { user: 'x' })
      },
    })
    const error = await failure(send({ ...server, encryption: 'required', credentials }))
    expect([error.isFinal, tries]).toEqual([false, 0])
  })
})

describe('TLS', () => {
  // smtp-server brings a certificate of its own, which nobody trusts.
  it('by STARTTLS is used when it is offered', async () => {
    const { server, mails } = await receiver({ disabledCommands: [] })
    await send(server)
    expect(mails[0]!.isEncrypted).toBe(true)
  })

  it('from the first byte is used when configured', async () => {
    const { server, mails } = await receiver({ secure: true })
    await send({ ...server, encryption: 'implicit' })
    expect(mails[0]!.isEncrypted).toBe(true)
  })

  it.each([{ encryption: 'required' }, { encryption: 'implicit' }] as const)(
    'with a certificate that nobody trusts is refused ($encryption)',
    async ({ encryption }) => {
      const { server, mails } = await receiver({ disabledCommands: [], secure: encryption === 'implicit' })
      const error = await failure(send({ ...server, encryption, verifiesCertificate: true }))
      expect([error.isFinal, mails]).toEqual([false, []])
      expect(error.message).toMatch(/certificate/i)
    },
  )

  it('is left out when asked for', async () => {
    const { server, mails } = await receiver({ disabledCommands: [] })
    await send({ ...server, encryption: 'never' })
    expect(mails[0]!.isEncrypted).toBe(false)
  })
})

describe('a mail server', () => {
  it('that refuses the address ends the matter, without repeating the address', async () => {
    const { server } = await receiver({
      onRcptTo: ({ address }, _session, callback) => {
        callback(Object.assign(new Error(`5.1.1 <${address}> unknown here`), { responseCode: 550 }))
      },
    })
    const error = await failure(send(server))
    expect(error.isFinal).toBe(true)
    expect(error.message).toMatch(/refuses the address: .*unknown here/)
    expect(error.message).not.toContain('ada')
  })

  it.each([
    ['550 no such user', true],
    ['550 5.1.1 no such user', true],
    ['551 5.1.6 moved elsewhere', true],
    ['553 5.1.3 no such name', true],
    ['550 5.7.1 your server is on a list', false],
    ['550 5.2.1 mailbox disabled for now', false],
    ['552 mailbox full', false],
    ['554 5.7.1 relay access denied', false],
    ['554 no', false],
    ['503 5.5.1 MAIL first', false],
  ])('that refuses the address by "%s" may take it later or not: final is %s', async (words, isFinal) => {
    const { server } = await receiver({
      onRcptTo: (_address, _session, callback) =>
        callback(Object.assign(new Error(words.slice(4)), { responseCode: Number(words.slice(0, 3)) })),
    })
    expect(await failure(send(server))).toMatchObject({ isFinal })
  })

  it.each([
    ['the address for now', 'onRcptTo', 450],
    ['the sender', 'onMailFrom', 550],
  ] as const)('that refuses %s may take it later', async (_what, hook, responseCode) => {
    const { server } = await receiver({
      [hook]: (_address: unknown, _session: unknown, callback: (error: Error) => void) =>
        callback(Object.assign(new Error('not now'), { responseCode })),
    })
    expect(await failure(send(server))).toMatchObject({ isFinal: false })
  })

  it('that is down is said to be', async () => {
    const probe = createServer()
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
    const { port } = probe.address() as AddressInfo
    await new Promise((resolve) => probe.close(resolve))
    const error = await failure(send(plainServer(port)))
    expect(error).toMatchObject({ isFinal: false })
    expect(error.message).toContain('ECONNREFUSED')
  })

  it('that never speaks is given up', async () => {
    const { server, close } = await startSilentServer()
    closing.push(close)
    const hasty = createMailer(server, systemClock, HASTY)
    const error = await failure(hasty.send(LETTER, new AbortController().signal))
    expect(error).toMatchObject({ isFinal: false })
  })

  it('that never ends its greeting is given up in all', async () => {
    const { server, close } = await startSilentServer((write) => {
      const timer = setInterval(() => write('220-wait\r\n'), 20)
      closing.push(() => {
        clearInterval(timer)
        return Promise.resolve()
      })
    })
    closing.push(close)
    const patient = createMailer(server, systemClock, { ...PATIENT, totalMs: 600 })
    const error = await failure(patient.send(LETTER, new AbortController().signal))
    expect(error.message).toMatch(/it took longer than 0.6 s$/)
  })

  it('is left at once when Dispatch stops', async () => {
    const { server, close } = await startSilentServer()
    closing.push(close)
    const stop = new AbortController()
    const sending = failure(createMailer(server, systemClock).send(LETTER, stop.signal))
    stop.abort()
    expect((await sending).message).toContain('Dispatch is stopping')
    expect((await failure(send(server, {}, stop.signal))).message).toContain('Dispatch is stopping')
  })
})
