/**
 * One mail to one mail server, over a connection of its own. Every step has a time limit and the whole has one, so that a
 * server that hangs holds up nothing but its own mail.
 */
import { connect, isIP, type Socket } from 'node:net'
import { createTransport } from 'nodemailer'
import type { Clock } from '../clock.js'

export interface MailServer {
  readonly host: string
  readonly port: number
  /** `implicit`: TLS from the first byte. `required`: STARTTLS, or no mail. `opportunistic`: STARTTLS if it is offered. */
  readonly encryption: 'implicit' | 'required' | 'opportunistic' | 'never'
  readonly verifiesCertificate: boolean
  readonly credentials: { readonly user: string; readonly password: string } | null
  readonly from: { readonly name: string; readonly address: string }
}

/** What a person reads. All of it is plain text but `html`. */
export interface Letter {
  readonly to: string
  readonly subject: string
  readonly html: string
  readonly text: string
}

export interface Mailer {
  /** For people, without credentials: `smtp.gmail.com:465 as you@gmail.com`. */
  readonly description: string
  /**
   * Resolves once the server has taken the letter. Rejects with a `MailError`; after `signal` at once. A letter that was
   * rejected at the very end may have been taken all the same.
   */
  send(letter: Letter, signal: AbortSignal): Promise<void>
}

/** The letter was not sent, in words for the log: without addresses, codes or passwords. */
export class MailError extends Error {
  /** The server will never take a letter to this address; trying again is useless. */
  readonly isFinal: boolean

  constructor(message: string, isFinal: boolean) {
    super(message)
    this.name = 'MailError'
    this.isFinal = isFinal
  }
}

export interface MailTimeouts {
  readonly connectMs: number
  /** Nothing moves on the connection. */
  readonly idleMs: number
  /** For the whole letter. */
  readonly totalMs: number
}

const TIMEOUTS: MailTimeouts = { connectMs: 10_000, idleMs: 20_000, totalMs: 60_000 }

export function createMailer(server: MailServer, clock: Clock, timeouts: MailTimeouts = TIMEOUTS): Mailer {
  const { host, port, from } = server
  return {
    description: `${host}:${port} as ${from.address}`,
    async send(letter, signal) {
      if (!isPlainAddress(letter.to)) throw new MailError('the address is none that mail can be sent to', true)
      const sending = new Sending(server, timeouts)
      const onStop = (): void => sending.abort('Dispatch is stopping')
      if (signal.aborted) onStop()
      signal.addEventListener('abort', onStop, { once: true })
      const { totalMs } = timeouts
      const deadline = clock.setTimer(totalMs, () => sending.abort(`it took longer than ${totalMs / 1000} s`))
      try {
        await sending.send(letter)
      } catch (error) {
        throw toMailError(sending.abortedBecause ?? error, server)
      } finally {
        deadline.cancel()
        signal.removeEventListener('abort', onStop)
        sending.abort('done')
      }
    },
  }
}

/** No line breaks, no second address, no comments: it stands in a header and in a command. */
function isPlainAddress(address: string): boolean {
  return /^[^\s@<>()",;:\\[\]\p{Cc}]+@[^\s@<>()",;:\\[\]\p{Cc}]+$/u.test(address)
}

/** One letter under way. The socket is ours, so that it can be destroyed at any moment. */
class Sending {
  readonly #server: MailServer
  readonly #timeouts: MailTimeouts
  #socket: Socket | undefined
  #abortedBecause: string | undefined

  constructor(server: MailServer, timeouts: MailTimeouts) {
    this.#server = server
    this.#timeouts = timeouts
  }

  get abortedBecause(): string | undefined {
    return this.#abortedBecause
  }

  async send({ to, subject, html, text }: Letter): Promise<void> {
    const { from } = this.#server
    await this.#transport().sendMail({
      from: { name: from.name, address: from.address },
      to: { name: '', address: to },
      ...{ subject, html, text },
      // Out-of-office replies and mailing lists leave such mails alone.
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      disableFileAccess: true,
      disableUrlAccess: true,
    })
  }

  abort(because: string): void {
    this.#abortedBecause = because
    this.#socket?.destroy(new Error(because))
  }

  #transport(): ReturnType<typeof createTransport> {
    const { host, port, encryption, verifiesCertificate, credentials } = this.#server
    const { connectMs, idleMs } = this.#timeouts
    return createTransport({
      ...{ host, port, secure: encryption === 'implicit' },
      requireTLS: encryption === 'required',
      ignoreTLS: encryption === 'never',
      ...(credentials && { auth: { user: credentials.user, pass: credentials.password } }),
      tls: { rejectUnauthorized: verifiesCertificate, ...(isIP(host) === 0 ? { servername: host } : {}) },
      ...{ connectionTimeout: connectMs, greetingTimeout: connectMs, socketTimeout: idleMs },
      getSocket: (_options, callback) => this.#dial(callback),
    })
  }

  #dial(callback: (error: Error | null, socket?: { connection: Socket }) => void): void {
    const { host, port } = this.#server
    if (this.#abortedBecause !== undefined) {
      callback(new Error(this.#abortedBecause))
      return
    }
    const socket = connect({ host, port, timeout: this.#timeouts.connectMs })
    this.#socket = socket
    // Whoever else listens may have left when it is destroyed.
    socket.on('error', () => undefined)
    const fail = (error: Error): void => callback(error)
    socket.once('error', fail)
    socket.once('timeout', () => socket.destroy(new Error('connecting took too long')))
    socket.once('connect', () => {
      socket.off('error', fail)
      socket.setTimeout(0).removeAllListeners('timeout')
      callback(null, { connection: socket })
    })
  }
}

/**
 * 550, 551 or 553 (RFC 5321 §4.2.3: no such mailbox, not here, not allowed as a name) which no enhanced code (RFC 3463) blames
 * on anything but the address: `550 5.7.1` is a policy, which may be another one tomorrow, and so are 552 and 554.
 */
function isNoSuchMailbox(response: string): boolean {
  const [, enhanced] = /^55[013](?:[ -](\d\.\d{1,3}\.\d{1,3})\b)?/.exec(response) ?? []
  return /^55[013]\b/.test(response) && (enhanced === undefined || enhanced.startsWith('5.1.'))
}

/** What went wrong, in words that hold no address: mail servers like to repeat what they refuse. */
function toMailError(error: unknown, { host, port }: MailServer): MailError {
  // nodemailer hangs these on its errors.
  const fields = (error instanceof Error ? error : {}) as Readonly<Record<string, unknown>>
  const words = error instanceof Error ? error.message : String(error)
  const reason = words.replace(/[^\s<>@]+@[^\s<>@]+/g, '(address)').replace(/[\r\n]+/g, ' ')
  if (fields['command'] === 'RCPT TO' && isNoSuchMailbox(String(fields['response']))) {
    return new MailError(`${host}:${port} refuses the address: ${reason}`, true)
  }
  const advice = fields['code'] === 'EAUTH' ? ' (check the mail settings)' : ''
  return new MailError(`${host}:${port}: ${reason}${advice}`, false)
}
