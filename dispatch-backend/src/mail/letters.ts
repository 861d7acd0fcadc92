/** The words of each letter, as HTML in one look and as plain text. */
import type { Letter } from './mailer.js'
import { TEMPLATES } from './templates/compiled.js'

interface Content {
  readonly subject: string
  readonly lead: string
  readonly note: string
  readonly code?: string
  readonly link?: string
  readonly button?: string
}

const NOT_YOU =
  'If it was not you, ignore this mail: without the code nobody gets any further. Never tell it to anybody.'

export function verificationLetter(to: string, code: string): Letter {
  const lead = 'Enter this code to verify your email address and finish making your Dispatch account.'
  return letter(to, {
    subject: 'Your verification code',
    lead,
    code,
    note: `The code is valid for 15 minutes. ${NOT_YOU}`,
  })
}

export function emailChangeLetter(to: string, code: string): Letter {
  const lead = 'Enter this code in Dispatch, where you are signed in, to make this the email address of your account.'
  return letter(to, {
    subject: 'Confirm your new address',
    lead,
    code,
    note: `The code is valid for 15 minutes. ${NOT_YOU}`,
  })
}

/** Somebody tried to register, or to change to, an address that has an account already. */
export function addressTakenLetter(to: string, frontendUrl: string): Letter {
  const lead =
    'Somebody tried to use this address for a Dispatch account, but you have one already. Nothing was changed.'
  const note = `If it was you, sign in at ${frontendUrl}, or ask there for a new password. If not, you need not do anything.`
  return letter(to, { subject: 'You already have an account', lead, note })
}

export function resetLetter(to: string, link: string): Letter {
  const lead =
    'You can now choose a new password for your Dispatch account. Everybody who is signed in to it is signed out then.'
  const note =
    'The link works once, for one hour. If you did not ask for it, ignore this mail: your password stays as it is.'
  return letter(to, { subject: 'Choose a new password', lead, link, button: 'Choose a new password', note })
}

export function passwordChangedLetter(to: string, frontendUrl: string): Letter {
  const lead = 'The password of your Dispatch account was changed, and other sessions were ended.'
  const note = `If it was not you, ask for a new password at ${frontendUrl} at once, and tell whoever runs this server.`
  return letter(to, { subject: 'Your password was changed', lead, note })
}

export function emailChangedLetter(to: string, newEmail: string): Letter {
  const lead = `The email address of your Dispatch account was changed to ${newEmail}. Mails no longer come to this address.`
  const note = 'If it was not you, tell whoever runs this server at once.'
  return letter(to, { subject: 'Your email address was changed', lead, note })
}

/** `contents`: what went with it, such as `1 organization, 2 projects and 3 pending jobs`. */
export function accountDeletedLetter(to: string, contents: string): Letter {
  const lead = `Your Dispatch account was deleted, with ${contents}. No webhook of it fires any more.`
  const note = 'If it was not you, tell whoever runs this server at once. This was the last mail to this address.'
  return letter(to, { subject: 'Your account was deleted', lead, note })
}

function letter(to: string, content: Content): Letter {
  const template = content.code !== undefined ? 'code' : content.link !== undefined ? 'link' : 'notice'
  return { to, subject: `Dispatch: ${content.subject}`, html: fill(TEMPLATES[template], content), text: plain(content) }
}

/** Values are escaped for HTML, where text and attributes are all they stand in. */
function fill(template: string, content: Content): string {
  const values: Readonly<Record<string, string | undefined>> = { ...content }
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => escapeHtml(values[name] ?? ''))
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

function plain({ subject, lead, code, link, note }: Content): string {
  return `${[subject, lead, code ?? link, note].filter((part) => part !== undefined).join('\n\n')}\n`
}
