import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock, type Clock } from '../clock.js'
import { createCodeHash } from '../domain/proof.js'
import { Events, type DispatchEvents } from '../events.js'
import type { MailKind } from '../store/account-store.js'
import { newMail as queued } from '../domain/new-mail.js'
import { migrate } from '../store/migrate.js'
import { openStore } from '../store/open.js'
import type { Store } from '../store/store.js'
import { newId } from '../domain/id.js'
import { databases } from '../testing/databases.js'
import { createMailer, MailError, type Mailer } from './mailer.js'
import { createOutbox, type Outbox } from './outbox.js'
import { plainServer, startMailReceiver } from './testing/mail-receiver.js'

type Failure = DispatchEvents['mailFailed']

describe.each(databases)('the outbox on $name', (database) => {
  let store: Store
  let clock: Clock & { advance(ms: number): void }
  let events: Events
  const closing: (() => Promise<void>)[] = []

  beforeEach(async () => {
    const { config, drop } = await database.create()
    clock = steppedClock()
    events = new Events()
    await migrate(config)
    // The deadlines of its statements are timers too.
    store = await openStore(config, { clock: systemClock })
    closing.push(drop, () => store.close())
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  function open(mailer: Mailer): Outbox {
    const outbox = createOutbox({
      ...{ store, clock, events, mailer },
      hashCode: createCodeHash(Buffer.alloc(32, 2)),
      frontendUrl: () => 'https://dispatch.example.com',
    })
    closing.push(() => outbox.stop())
    return outbox
  }
  const queue = (email: string, kind: MailKind = 'password-changed') =>
    store.queueMail(queued(clock, kind, email, { userId: newId(), detail: null }))
  const next = <Name extends 'mailed' | 'mailFailed'>(name: Name) =>
    new Promise<DispatchEvents[Name]>((resolve) => events.on(name, resolve))
  const waiting = (atMs = clock.wallMs() + 2 * 24 * 3_600_000) =>
    store.claimMails({ claimId: newId(), nowMs: atMs, leaseMs: 1, limit: 100 })

  async function receiver(options: Parameters<typeof startMailReceiver>[0] = {}) {
    const opened = await startMailReceiver(options)
    closing.push(opened.close)
    return opened
  }

  it('sends what waits, more than one batch of it, and forgets it then', async () => {
    const { server, mails, mailTo } = await receiver()
    const emails = Array.from({ length: 12 }, (_, n) => `user-${n}@example.com`)
    for (const email of emails) await queue(email)
    const outbox = open(createMailer(server, systemClock))
    await outbox.start()
    await Promise.all(emails.map((email) => mailTo(email)))
    await outbox.stop()
    expect(mails).toHaveLength(12)
    expect(await waiting()).toEqual([])
  })

  it('sends others while a letter hangs, also those that come later', async () => {
    const { server, mails, mailTo } = await receiver({
      onRcptTo: ({ address }, _session, callback) => {
        // A tarpit never answers for this address.
        if (!address.startsWith('slow')) callback()
      },
    })
    const emails = Array.from({ length: 12 }, (_, n) => `user-${n}@example.com`)
    await queue('slow@example.com')
    for (const email of emails) await queue(email)
    // Given up long after this test.
    const outbox = open(createMailer(server, systemClock, { connectMs: 10_000, idleMs: 600_000, totalMs: 600_000 }))
    await outbox.start()
    await Promise.all(emails.map((email) => mailTo(email)))
    await queue('late@example.com')
    outbox.wake()
    await mailTo('late@example.com')
    expect(mails).toHaveLength(13)
  })

  it('waits longer after each failure, and sends when the server is back', async () => {
    const { server, close } = await startMailReceiver()
    await close()
    const outbox = open(createMailer(server, systemClock))
    await queue('ada@example.com')
    const failures: Failure[] = []
    const firstFailure = next('mailFailed')
    events.on('mailFailed', (failure) => failures.push(failure))
    await outbox.start()
    expect(await firstFailure).toMatchObject({ kind: 'password-changed', tries: 1, willRetry: true })
    await retried(outbox, 10_000)
    await retried(outbox, 30_000)
    expect(failures.map(({ tries }) => tries)).toEqual([1, 2, 3])
    const back = await receiver({ port: server.port })
    const sent = next('mailed')
    clock.advance(60_000)
    outbox.wake()
    expect(await sent).toEqual({ kind: 'password-changed', tries: 4 })
    expect(back.mails).toHaveLength(1)
  })

  async function retried(outbox: Outbox, pauseMs: number): Promise<void> {
    const due = await new Promise<boolean>((resolve) => {
      // The row is written before the event is announced, so it is there to be looked at.
      void store
        .claimMails({ claimId: newId(), nowMs: clock.wallMs() + pauseMs - 1_000, leaseMs: 0, limit: 9 })
        .then((mails) => resolve(mails.length > 0))
    })
    expect(due).toBe(false)
    const failed = next('mailFailed')
    clock.advance(pauseMs)
    outbox.wake()
    await failed
  }

  it('gives up an address that is refused, and what has expired, and says so', async () => {
    const { server, mails, mailTo } = await receiver({
      onRcptTo: ({ address }, _session, callback) =>
        address.startsWith('nobody')
          ? callback(Object.assign(new Error('no such user'), { responseCode: 550 }))
          : callback(),
    })
    const outbox = open(createMailer(server, systemClock))
    const refused = next('mailFailed')
    await queue('nobody@example.com')
    await queue('ada@example.com')
    await outbox.start()
    await mailTo('ada@example.com')
    expect(await refused).toMatchObject({ willRetry: false, tries: 1 })
    await outbox.stop()
    expect([mails.length, await waiting()]).toEqual([1, []])
  })

  it('keeps a mail whose server is down only until it expires', async () => {
    const outbox = open(createMailer(plainServer(1), systemClock))
    const mail = { ...queued(clock, 'password-changed', 'ada@example.com'), expiresAtMs: clock.wallMs() + 9_000 }
    await store.queueMail(mail)
    const failed = next('mailFailed')
    await outbox.start()
    expect(await failed).toMatchObject({ willRetry: false })
    await outbox.stop()
    expect(await waiting(clock.wallMs())).toEqual([])
  })

  it('sends each mail once from two replicas', async () => {
    const { server, mails, mailTo } = await receiver()
    const emails = Array.from({ length: 8 }, (_, n) => `user-${n}@example.com`)
    for (const email of emails) await queue(email)
    const outboxes = [open(createMailer(server, systemClock)), open(createMailer(server, systemClock))]
    await Promise.all(outboxes.map((outbox) => outbox.start()))
    await Promise.all(emails.map((email) => mailTo(email)))
    await Promise.all(outboxes.map((outbox) => outbox.stop()))
    expect(mails).toHaveLength(8)
  })

  it('has nothing secret in it, and nothing to say to who is not there', async () => {
    const { server, mails, mailTo } = await receiver()
    await queue('nobody@example.com', 'password-reset')
    await queue('nobody@example.com', 'registration')
    await queue('ada@example.com')
    const rows = JSON.stringify(await waiting(clock.wallMs()))
    expect(rows).not.toMatch(/token|code|secret/i)
    clock.advance(10)
    const outbox = open(createMailer(server, systemClock))
    await outbox.start()
    await mailTo('ada@example.com')
    await outbox.stop()
    expect([mails.length, await waiting()]).toEqual([1, []])
  })

  it('stops while a letter is under way, and sends it after the next start', async () => {
    const { server, mailTo } = await receiver()
    let tellStarted: () => void = () => undefined
    const started = new Promise<void>((resolve) => (tellStarted = resolve))
    const stuck: Mailer = {
      description: 'stuck',
      send: (_letter, signal) => {
        tellStarted()
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new MailError('Dispatch is stopping', false)))
        })
      },
    }
    await queue('ada@example.com')
    const first = open(stuck)
    await first.start()
    await started
    await first.stop()
    clock.advance(120_000)
    const second = open(createMailer(server, systemClock))
    await second.start()
    await mailTo('ada@example.com')
  })
})

/** Only tests move its time. Sleeps end soon, whatever they were asked for, so that no test waits for a back-off. */
function steppedClock(): Clock & { advance(ms: number): void } {
  let nowMs = systemClock.wallMs()
  return {
    ...systemClock,
    wallMs: () => nowMs,
    advance(ms) {
      nowMs += ms
    },
    sleep: (delayMs, signal) => systemClock.sleep(Math.min(delayMs, 2_000), signal),
  }
}
