/** What the stream of events tells: the contract's types written out; a test compares the two. */
import type { JobStatus } from './job.js'

/** A job was created, claimed, recorded, released or cancelled, and is now so. */
export interface JobEvent {
  jobId: string
  projectId: string
  status: JobStatus
  /** Number of the last attempt; 0 before the first. */
  attempt: number
  nextAttemptAt: string | null
  /** When it changed. */
  at: string
}

/** Jobs have changed that are not told one by one. */
export interface RefreshEvent {
  /**
   * `missed`: what happened while the stream was broken is not known any more; `busy`: too many changes at once; `slow`: you
   * read too slowly; `unseen`: changes by other servers may have been missed.
   */
  reason: 'missed' | 'busy' | 'slow' | 'unseen'
}

/** At `open` and `refresh` read what you need of the jobs: nothing tells you what changed before. */
export type LiveEvent =
  | ({ type: 'job' } & JobEvent)
  | ({ type: 'refresh' } & RefreshEvent)
  | {
      /** The stream tells everything from now on. First of all events; never again once the server gave a place to go on from. */
      type: 'open'
    }
