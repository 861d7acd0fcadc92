import type { Clock } from './clock.js'
import type { Events } from './events.js'
import { Loop, type Service } from './lifecycle.js'
import { isAbsence, type Store } from './store/store.js'

export interface MaintenanceDeps {
  readonly store: Pick<Store, 'purgeExpired' | 'purgeDeleted'>
  readonly clock: Clock
  readonly events: Events
}

const PURGE_EVERY_MS = 60_000
/** Rows of a table in one transaction. The store bounds the bytes too, so that a claim never waits behind it for long. */
const PURGE_LIMIT = 500

/** Removes what is over: ended sessions, used-up idempotency keys, expired secrets, and what belongs to deleted projects. */
export function createMaintenance(deps: MaintenanceDeps): Service {
  const { clock, events } = deps
  return new Loop({
    clock,
    everyMs: PURGE_EVERY_MS,
    run: () => purge(deps),
    onError: (error) => {
      if (!isAbsence(error)) events.emit('unexpected', { where: 'purging what is over', error })
    },
  })
}

/** Answers whether there may be more. */
async function purge({ store, clock, events }: MaintenanceDeps): Promise<boolean> {
  const expired = await store.purgeExpired({ nowMs: clock.wallMs(), limit: PURGE_LIMIT })
  const deleted = await store.purgeDeleted({ limit: PURGE_LIMIT })
  if (expired + deleted > 0) events.emit('purged', { count: expired + deleted })
  return expired >= PURGE_LIMIT || deleted > 0
}
