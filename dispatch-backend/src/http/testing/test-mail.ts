/** The API with mail switched on: a real outbox on the test's database, and a real mail server on loopback. */
import { createCodeHash } from '../../domain/proof.js'
import { createMailer } from '../../mail/mailer.js'
import { createOutbox, type Outbox } from '../../mail/outbox.js'
import { startMailReceiver, type MailReceiver } from '../../mail/testing/mail-receiver.js'
import type { TestDatabase } from '../../testing/databases.js'
import type { AppDeps } from '../app.js'
import { openTestApi, type TestApi } from './test-api.js'

export interface MailApi extends TestApi {
  readonly receiver: MailReceiver
  readonly outbox: Outbox
}

export const FRONTEND_URL = 'https://dispatch.example.com'

/** Accounts are made as users make them, by code; the first one owns the instance. */
export async function openMailApi(database: TestDatabase, settings: Partial<AppDeps> = {}): Promise<MailApi> {
  const receiver = await startMailReceiver()
  const hashCode = createCodeHash(Buffer.alloc(32, 2))
  // The outbox needs the API's database, and the API wakes the outbox.
  const parts: { outbox?: Outbox } = {}
  const api = await openTestApi(database, { mail: { hashCode, wake: () => parts.outbox?.wake() }, ...settings })
  const { store, clock, events } = api
  const mailer = createMailer(receiver.server, clock)
  const outbox = createOutbox({ store, clock, events, mailer, hashCode, frontendUrl: () => FRONTEND_URL })
  parts.outbox = outbox
  await outbox.start()
  return {
    ...api,
    receiver,
    outbox,
    async close() {
      await outbox.stop()
      await api.close()
      await receiver.close()
    },
  }
}
