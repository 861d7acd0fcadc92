import type { Clock } from '../clock.js'
import type { HashCode } from '../domain/proof.js'
import type { MailSender } from '../domain/registration.js'
import type { Events } from '../events.js'
import type { Service } from '../lifecycle.js'
import type { Store } from '../store/store.js'
import { createMailer, type MailServer } from './mailer.js'
import { createOutbox } from './outbox.js'

export interface MailParts {
  readonly store: Store
  readonly clock: Clock
  readonly events: Events
  readonly hashCode: HashCode
  /** Where the dashboard is; asked when a letter is written. */
  readonly frontendUrl: () => string
}

export interface Mail extends Service {
  /** For the API; undefined = mail is off. */
  readonly sender: MailSender | undefined
  /** For people. */
  readonly description: string
}

/** Mail as it is configured; without a server nothing runs, and what waits in the outbox goes on waiting. */
export function openMail(server: MailServer | null, parts: MailParts): Mail {
  if (!server) {
    const nothing = (): Promise<void> => Promise.resolve()
    return { sender: undefined, description: 'off; accounts work without it', start: nothing, stop: nothing }
  }
  const mailer = createMailer(server, parts.clock)
  const outbox = createOutbox({ ...parts, mailer })
  return {
    sender: { hashCode: parts.hashCode, wake: () => outbox.wake() },
    description: `on, by ${mailer.description}`,
    start: () => outbox.start(),
    stop: () => outbox.stop(),
  }
}
