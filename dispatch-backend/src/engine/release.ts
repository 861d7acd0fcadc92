import type { EngineClock } from './engine-clock.js'
import type { DatabaseLink } from './database-link.js'
import type { Events } from '../events.js'
import type { EngineStore, ReleasedJob } from '../store/store.js'
import { HEARTBEAT_STALE_MS, MAX_INTERRUPTIONS } from './limits.js'

export interface ReleaseOptions {
  readonly engineClock: EngineClock
  readonly store: EngineStore
  readonly link: DatabaseLink
  readonly events: Events
  readonly replicaId: string
  readonly leaseMs: number
  /** Only one engine can run on this database, so what is claimed by another owner belongs to a dead process. */
  readonly singleEngine: boolean
  readonly onReleased: (job: ReleasedJob) => void
}

/** Jobs of one transaction. */
const BATCH = 500

/**
 * The sweep that takes back claims of dead replicas. It holds off until this replica has had the database for a full lease
 * without a gap: after an outage all replicas, this one included, must first have had the chance to record what they
 * delivered during it. (Records are retried every few seconds, so a full lease is ample.)
 */
export async function releaseExpired(options: ReleaseOptions, signal: AbortSignal): Promise<void> {
  const { engineClock, store, link, events, replicaId, leaseMs, singleEngine } = options
  const hadTheDatabase = link.connectedForMs() >= leaseMs
  // What another owner left on a `singleEngine` database belongs to a dead process: nobody's record can be on its way.
  if (!singleEngine && !hadTheDatabase) return
  for (;;) {
    const request = {
      replicaId,
      includeOwn: hadTheDatabase,
      staleAfterMs: HEARTBEAT_STALE_MS,
      maxInterruptions: MAX_INTERRUPTIONS,
      nowMs: engineClock.nowMs(),
      limit: BATCH,
    }
    const released = await link.call('releaseExpired', () => store.releaseExpired(request))
    if (released.length > 0) {
      events.emit('released', { count: released.length, dead: released.filter((job) => job.dead).length })
    }
    for (const job of released) {
      events.emit('jobChanged', { jobId: job.id, projectId: job.projectId })
      if (!job.dead) options.onReleased(job)
    }
    if (released.length < BATCH || signal.aborted) return
  }
}
