/** The engine's numbers that are not settings, each with its reason. Milliseconds unless the name says otherwise. */

/** How far ahead jobs are armed: several look-ahead passes, so that a slow one costs nothing. */
export const LOOK_AHEAD_MS = 10_000
/** Overdue by more than this is backlog, and any replica's: a wrong membership costs this much punctuality, never a job. */
export const ON_TIME_SLACK_MS = 2_000
/** Pause between look-ahead passes; also the longest the queue's timer sleeps before it reads the clock again. */
export const TICK_MS = 1_000
/** Pause between backlog passes: short, so that the catch-up rate flows rather than bursts. */
export const BACKLOG_EVERY_MS = 250
/** Claims are issued at most this long before the due time; a slower database makes us late, and the metric says so. */
export const LEAD_CAP_MS = 50
/** A claim takes along what is due this much later: at a steady 1,000/s that makes a sixth of the claims, and as few commits. */
export const CLAIM_AHEAD_MS = 10
/** A claimed job that is due later than this was claimed by a clock that has been set back since. */
export const CLAIMED_TOO_EARLY_MS = 1_000
/** A lease outlives the delivery it covers by this: room for pauses, clock error and a slow record. */
export const LEASE_MARGIN_MS = 30_000
export const HEARTBEAT_EVERY_MS = 3_000
/** A replica whose heartbeat is older than this is taken for dead. */
export const HEARTBEAT_STALE_MS = 15_000
/** The sweep that the guide promises: every 15 seconds. */
export const SWEEP_EVERY_MS = 15_000
/** After this many interruptions a job is DEAD: it may be what kills the process. */
export const MAX_INTERRUPTIONS = 10
/** A project, and an endpoint, may hold one part in this many of the due queue. */
export const DUE_QUEUE_SHARES = 8
/** Jobs of one look-ahead read. */
export const READ_PAGE = 1_000
/** Rows that one such read looks at: most may be other replicas', or of endpoints whose share is full. */
export const SCAN_PAGE = 4_000
/** Jobs of one claim. */
export const CLAIM_MAX_JOBS = 256
/** A record may wait this long for company; a claim never waits. */
export const RECORD_LINGER_MS = 20
/** First pause after the database went away, and the longest one. */
export const RETRY_PAUSE_MS = 100
export const RETRY_PAUSE_CAP_MS = 5_000
/** A clock offset to the database above this is announced. */
export const OFFSET_WARN_MS = 250

/** What bounds memory. */
export interface MemoryLimits {
  /** Armed jobs: ids and times only, some 250 bytes each. */
  readonly dueQueueCapacity: number
  /** Payload bytes that claimed, unfinished attempts may hold. */
  readonly inFlightMaxBytes: number
}

export const MEMORY_LIMITS: MemoryLimits = { dueQueueCapacity: 131_072, inFlightMaxBytes: 64 * 1024 * 1024 }

/** Lease of a claim: the delivery, how long before it the claim may be issued, and the margin. */
export function leaseMsFor(deliveryTimeoutMs: number): number {
  return deliveryTimeoutMs + LEAD_CAP_MS + CLAIM_AHEAD_MS + LEASE_MARGIN_MS
}
