/** From the mail settings to a mail server, or none. */
import type { MailServer } from '../mail/mailer.js'
import { maskDatabaseUrl } from './database.js'
import { SettingError, type Type } from './setting.js'

/** What `SMTP_URL` says; the sender comes from `MAIL_FROM`. */
export type SmtpServer = Omit<MailServer, 'from'>

const SMTP_EXPECTS = 'smtp:// or smtps:// and USER:PASSWORD@HOST:PORT (the credentials and the port may be left out)'
const SMTP_PORTS = { smtp: 587, smtps: 465 } as const
const TLS_WORDS = ['require', 'opportunistic', 'never', 'unverified'] as const

/** As database URLs: people paste passwords with special characters, so the last `@` ends the credentials. */
export const smtpUrl: Type<SmtpServer> = {
  expects: SMTP_EXPECTS,
  parse(text) {
    const found = /^(smtps?):\/\/(?:(.*)@)?(\[[0-9a-f:.]+\]|[^:/?#@[\]]+)(?::(\d{1,5}))?\/?(?:\?(.*))?$/i.exec(text)
    if (!found?.[1] || !found[3]) throw new SettingError(`expected ${SMTP_EXPECTS}`)
    const scheme = found[1].toLowerCase() as keyof typeof SMTP_PORTS
    const port = Number(found[4] ?? SMTP_PORTS[scheme])
    if (port < 1 || port > 65_535) throw new SettingError('expected a port from 1 to 65535')
    const credentials = parseCredentials(found[2])
    const tls = parseTls(found[5] ?? '')
    const host = found[3].replace(/^\[|\]$/g, '')
    return { host, port, credentials, ...encryption(scheme, tls, credentials !== null) }
  },
}

function parseCredentials(text: string | undefined): SmtpServer['credentials'] {
  if (text === undefined || text === '') return null
  const colon = text.indexOf(':')
  if (colon < 1) throw new SettingError('expected USER:PASSWORD before the @')
  return { user: decode(text.slice(0, colon)), password: decode(text.slice(colon + 1)) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A password that merely contains a percent sign.
    return text
  }
}

function parseTls(query: string): (typeof TLS_WORDS)[number] | undefined {
  let tls: (typeof TLS_WORDS)[number] | undefined
  for (const [name, value] of new URLSearchParams(query)) {
    tls = TLS_WORDS.find((word) => word === value.toLowerCase())
    if (name !== 'tls' || !tls) throw new SettingError(`takes only the parameter tls=${TLS_WORDS.join('|')}`)
  }
  return tls
}

/** A password never goes over the wire in the open unless `tls=never` or `tls=opportunistic` asks for it. */
function encryption(
  scheme: keyof typeof SMTP_PORTS,
  tls: (typeof TLS_WORDS)[number] | undefined,
  hasCredentials: boolean,
): Pick<SmtpServer, 'encryption' | 'verifiesCertificate'> {
  const verifiesCertificate = tls !== 'unverified' && tls !== 'opportunistic'
  if (scheme === 'smtps') return { encryption: 'implicit', verifiesCertificate }
  if (tls === 'never') return { encryption: 'never', verifiesCertificate }
  if (tls === 'require' || tls === 'unverified') return { encryption: 'required', verifiesCertificate }
  if (hasCredentials && tls === undefined) return { encryption: 'required', verifiesCertificate }
  // Whoever could forge the certificate could as well hide that the server offers TLS.
  return { encryption: 'opportunistic', verifiesCertificate: false }
}

export const maskSmtpUrl = maskDatabaseUrl

const ADDRESS = /^[^\s@<>()",;:\\[\]]+@[^\s@<>()",;:\\[\]]+$/

/** `you@example.com`. */
export const mailAddress: Type<string> = {
  expects: 'an email address such as you@example.com',
  parse(text) {
    if (text.length <= 254 && ADDRESS.test(text)) return text
    throw new SettingError(`expected ${this.expects}`)
  },
}

/** `you@example.com` or `Dispatch <you@example.com>`. */
export const mailbox: Type<MailServer['from']> = {
  expects: 'an email address such as you@example.com, or with a name: Dispatch <you@example.com>',
  parse(text) {
    const found = /^(?:"?([^"<>@\p{Cc}]{0,100}?)"?\s*<([^<>]+)>|([^<>]+))$/u.exec(text)
    const address = found?.[2] ?? found?.[3] ?? ''
    if (address.length > 254 || !ADDRESS.test(address)) throw new SettingError(`expected ${this.expects}`)
    return { name: found?.[1]?.trim() || SENDER, address }
  },
}

/** Google shows app passwords in four groups; the spaces are not part of them. */
export const appPassword: Type<string> = {
  expects: 'a Google App Password, 16 letters (spaces do not matter), not the password of the account',
  parse(text) {
    const password = text.replace(/\s/g, '')
    if (!/^[a-z]{16}$/i.test(password)) throw new SettingError(`expected ${this.expects}`)
    return password
  },
}

/** `https://dispatch.example.com`, perhaps with a path; answered without the slash at its end. */
export const webUrl: Type<string> = {
  expects: 'a URL such as https://dispatch.example.com, without query or fragment',
  parse(text) {
    const url = URL.canParse(text) ? new URL(text) : undefined
    const isPlain = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username && !url.password
    if (!isPlain) throw new SettingError(`expected ${this.expects}`)
    return url.href.replace(/\/+$/, '')
  },
}

export interface MailSettings {
  readonly gmailUser: string | null
  readonly gmailAppPassword: string | null
  readonly smtpUrl: SmtpServer | null
  readonly mailFrom: MailServer['from'] | null
  readonly frontendUrl: string | null
  readonly uiUrl: string | null
}

const SENDER = 'Dispatch'

/** The mail server that the settings describe; null = mail is off. */
export function chooseMail({ gmailUser, gmailAppPassword, smtpUrl, mailFrom }: MailSettings): MailServer | null {
  if (smtpUrl) return { ...smtpUrl, from: mailFrom ?? { name: SENDER, address: smtpUrl.credentials?.user ?? '' } }
  if (gmailUser === null || gmailAppPassword === null) return null
  return {
    host: 'smtp.gmail.com',
    port: 465,
    encryption: 'implicit',
    verifiesCertificate: true,
    credentials: { user: gmailUser, password: gmailAppPassword },
    from: mailFrom ?? { name: SENDER, address: gmailUser },
  }
}

/** Mail settings that are right by themselves but not together. */
export function mailContradictions(settings: MailSettings): string[] {
  const { gmailUser, gmailAppPassword, smtpUrl, mailFrom, frontendUrl, uiUrl } = settings
  const mistakes: string[] = []
  if (gmailUser !== null && gmailAppPassword === null) {
    mistakes.push(`GMAIL_APP_PASSWORD: expected ${appPassword.expects}, because GMAIL_USER is set; found nothing`)
  }
  if (gmailUser === null && gmailAppPassword !== null) {
    mistakes.push('GMAIL_USER: expected a Gmail address, because GMAIL_APP_PASSWORD is set; found nothing')
  }
  if (smtpUrl && gmailUser !== null) mistakes.push('SMTP_URL: expected nothing, because GMAIL_USER is set; keep one')
  if (smtpUrl && !mailFrom && !ADDRESS.test(smtpUrl.credentials?.user ?? '')) {
    mistakes.push(`MAIL_FROM: expected ${mailbox.expects}, because SMTP_URL is set; found nothing`)
  }
  if (frontendUrl !== null && uiUrl !== null && frontendUrl !== uiUrl) {
    mistakes.push(`DISPATCH_UI_URL: expected the same as FRONTEND_URL (${frontendUrl}), or nothing; found ${uiUrl}`)
  }
  return mistakes
}
