import type { Clock, Timer } from '../../clock.js'
import type { Events } from '../../events.js'
import type { Store } from '../store.js'
import { ROUTES, type Verb } from './routes.js'
import { WorkerLane } from './worker-lane.js'

export interface SqliteStoreOptions {
  readonly file: string
  readonly clock: Clock
  readonly events?: Events | undefined
  /** `SQLite 3.50.4 at /srv/dispatch.db`. */
  readonly description: string
}

/** How often the write-ahead log is moved into the database file while there are writes. */
const CHECKPOINT_EVERY_MS = 1_000

/**
 * The store on SQLite: each verb is sent to one of two worker threads (`routes.ts`), so no statement ever blocks the event
 * loop, and long reads do not hold up writes. The schema must be there.
 *
 * Checkpoints: the reader's thread copies the log into the file while the writer goes on; the writer then has only the rest
 * to do before it may start the log anew, and does that when nothing else waits.
 */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  const { clock, file, description } = options
  const startLane = (readOnly: boolean): WorkerLane =>
    new WorkerLane({
      clock,
      setup: { file, readOnly, description },
      onCrash: (error) => options.events?.emit('unexpected', { where: 'database thread', error }),
    })
  const lanes = { writer: startLane(false), reader: startLane(true) }
  let checkpoint: Timer | undefined

  async function runCheckpoint(): Promise<void> {
    await lanes.reader.run('other', { verb: 'checkpoint', args: [] })
    await lanes.writer.run('other', { verb: 'checkpoint', args: [] })
  }

  function checkpointSoon(): void {
    checkpoint ??= clock.setTimer(
      CHECKPOINT_EVERY_MS,
      () => {
        checkpoint = undefined
        // Whatever stops it (closing, a dead thread) leaves the log as it is, and the next write asks again.
        runCheckpoint().catch(() => undefined)
      },
      { unref: true },
    )
  }

  const call = (verb: Verb, args: readonly unknown[]): Promise<unknown> => {
    const { lane, priority } = ROUTES[verb]
    if (lane === 'writer') checkpointSoon()
    return lanes[lane].run(priority, { verb, args })
  }

  const verbs = Object.keys(ROUTES).map((verb) => [verb, (...args: unknown[]) => call(verb as Verb, args)])
  return {
    // `ROUTES` has exactly the verbs of `Store`, and each worker runs them on a `Store`.
    ...(Object.fromEntries(verbs) as Pick<Store, Verb>),
    capabilities: { singleEngine: true, sharesHostClock: true, description },
    async close() {
      checkpoint?.cancel()
      // The reader first: the last connection to close removes the log.
      await lanes.reader.close()
      await lanes.writer.close()
    },
  }
}
