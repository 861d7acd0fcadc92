/**
 * Sends what the outbox holds. A mail is claimed for a while, so that two replicas do not send it twice, and goes back when it
 * could not be sent: a mail server that is down delays mails, and loses none until they expire.
 */
import type { Clock } from '../clock.js'
import { newId } from '../domain/id.js'
import type { Events } from '../events.js'
import { Loop, type Service } from '../lifecycle.js'
import type { MailStore, QueuedMail } from '../store/account-store.js'
import { isAbsence } from '../store/store.js'
import { MailError, type Mailer } from './mailer.js'
import { writeLetter, type LetterDeps } from './write-letter.js'

export interface OutboxDeps extends LetterDeps {
  readonly store: LetterDeps['store'] & MailStore
  readonly clock: Clock
  readonly events: Events
  readonly mailer: Mailer
}

export interface Outbox extends Service {
  /** There is a new mail in it. */
  wake(): void
}

/** For mails of other replicas, retries, and what a crash left. */
const LOOK_EVERY_MS = 5_000
/** Connections at a time; large mail services allow about ten. */
const AT_ONCE = 5
/** Twice what the longest sending takes. */
const LEASE_MS = 120_000
/** After the n-th try; the last one repeats. */
const PAUSES_MS = [10_000, 30_000, 60_000, 120_000, 300_000, 600_000]
/** For letters on the wire when Dispatch stops; what is cut off is sent again after the next start. */
const STOP_GRACE_MS = 5_000

export function createOutbox(deps: OutboxDeps): Outbox {
  const { clock, events } = deps
  let cutOff = new AbortController()
  /** Each mail under way has a place of its own, so that one which hangs holds up no other. */
  const places = new Set<Promise<void>>()
  const onError = (error: unknown): void => {
    if (!isAbsence(error)) events.emit('unexpected', { where: 'sending mail', error })
  }
  const loop = new Loop({ clock, everyMs: LOOK_EVERY_MS, run: fillPlaces, onError })

  async function fillPlaces(): Promise<void> {
    const limit = AT_ONCE - places.size
    if (limit === 0) return
    const claimId = newId()
    const mails = await deps.store.claimMails({ claimId, nowMs: clock.wallMs(), leaseMs: LEASE_MS, limit })
    for (const mail of mails) occupy(sendOne(deps, mail, claimId, cutOff.signal))
  }

  function occupy(sending: Promise<void>): void {
    const place = sending.catch(onError).then(() => {
      places.delete(place)
      loop.runSoon()
    })
    places.add(place)
  }

  return {
    wake: () => loop.runSoon(),
    start() {
      cutOff = new AbortController()
      return loop.start()
    },
    async stop() {
      const grace = clock.setTimer(STOP_GRACE_MS, () => cutOff.abort())
      await loop.stop()
      await Promise.all(places)
      grace.cancel()
    },
  }
}

async function sendOne(deps: OutboxDeps, mail: QueuedMail, claimId: string, signal: AbortSignal): Promise<void> {
  const { store, clock, events, mailer } = deps
  const { id, kind, tries } = mail
  try {
    const letter = await writeLetter(deps, mail)
    if (letter) await mailer.send(letter, signal)
    await store.finishMail({ id, claimId })
    if (letter) events.emit('mailed', { kind, tries })
  } catch (error) {
    if (!(error instanceof MailError)) throw error
    const nextTryAtMs = clock.wallMs() + (PAUSES_MS[tries - 1] ?? PAUSES_MS.at(-1) ?? 0)
    const isLost = error.isFinal || nextTryAtMs >= mail.expiresAtMs
    if (isLost) await store.finishMail({ id, claimId })
    else await store.retryMail({ id, claimId, nextTryAtMs, error: error.message })
    events.emit('mailFailed', { kind, tries, error: error.message, willRetry: !isLost })
  }
}
