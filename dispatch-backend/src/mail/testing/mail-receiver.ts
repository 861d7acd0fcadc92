/** A real SMTP server on loopback that keeps what it takes, and can be told to misbehave. */
import { EventEmitter } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { MailServer } from '../mailer.js'

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  /** As it came. */
  readonly raw: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly isEncrypted: boolean
}

export interface MailReceiver {
  readonly server: MailServer
  readonly mails: readonly ReceivedMail[]
  /** The `count`-th mail (from 1) to the address, once it is there. */
  readonly mailTo: (address: string, count?: number) => Promise<ReceivedMail>
  readonly close: () => Promise<void>
}

export interface MailReceiverOptions extends SMTPServerOptions {
  readonly port?: number
}

export const SENDER = { name: 'Dispatch', address: 'dispatch@example.com' }

export async function startMailReceiver({ port = 0, ...options }: MailReceiverOptions = {}): Promise<MailReceiver> {
  const mails: ReceivedMail[] = []
  const arrivals = new EventEmitter().setMaxListeners(0)
  const smtp = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'], logger: false },
    ...options,
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const to = rcptTo.map(({ address }) => address)
        const parsed = parseMail(Buffer.concat(chunks).toString())
        mails.push({ ...parsed, from: mailFrom ? mailFrom.address : '', to, isEncrypted: session.secure })
        callback()
        arrivals.emit('mail')
      })
    },
  })
  smtp.on('error', () => undefined)
  await new Promise<void>((resolve) => smtp.listen(port, '127.0.0.1', resolve))
  const address = smtp.server.address() as AddressInfo
  return {
    server: plainServer(address.port),
    mails,
    async mailTo(to, count = 1) {
      for (;;) {
        const found = mails.filter((mail) => mail.to.includes(to))[count - 1]
        if (found) return found
        await new Promise((resolve) => arrivals.once('mail', resolve))
      }
    },
    close: () => new Promise((resolve) => smtp.close(() => resolve())),
  }
}

export function plainServer(port: number): MailServer {
  const security = { encryption: 'opportunistic', verifiesCertificate: false, credentials: null } as const
  return { host: '127.0.0.1', port, from: SENDER, ...security }
}

/** Takes connections and says what `greet` says, byte by byte if need be; nothing else. */
export async function startSilentServer(
  greet: (write: (text: string) => void) => void = () => undefined,
): Promise<{ server: MailServer; close: () => Promise<void> }> {
  const sockets = new Set<{ destroy(): void }>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    greet((text) => void socket.write(text))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(() => resolve()))
  }
  return { server: plainServer(port), close }
}

/** Six digits that stand alone in the mail. */
export function codeIn({ text }: ReceivedMail): string {
  return /^\d{6}$/m.exec(text)?.[0] ?? 'no code'
}

export function tokenIn({ text }: ReceivedMail): string {
  return /\/reset-password\?token=([\w-]+)$/m.exec(text)?.[1] ?? 'no token'
}

function parseMail(raw: string): Pick<ReceivedMail, 'raw' | 'subject' | 'text' | 'html'> {
  const subject = /^Subject: (.*(?:\r\n[ \t].*)*)/im.exec(raw)?.[1]?.replace(/\r\n/g, '') ?? ''
  return { raw, subject, text: partOf(raw, 'text/plain'), html: partOf(raw, 'text/html') }
}

function partOf(raw: string, type: string): string {
  const boundary = /boundary="([^"]+)"/.exec(raw)?.[1] ?? '\0'
  const part = raw.split(`--${boundary}`).find((each) => each.includes(`Content-Type: ${type}`)) ?? ''
  const end = part.indexOf('\r\n\r\n')
  const [head, body] = [part.slice(0, end), part.slice(end + 4)]
  if (/Content-Transfer-Encoding: base64/i.test(head)) return Buffer.from(body, 'base64').toString()
  if (!/Content-Transfer-Encoding: quoted-printable/i.test(head)) return body.replaceAll('\r\n', '\n')
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString().replaceAll('\r\n', '\n')
}
