/** Statistics as the API answers them: the contract's types written out; a test compares the two. */
import type { JobStatus } from './job.js'

export type StatsRange = '1h' | '24h' | '7d' | '30d'

/** In UTC, aligned; the last one is not over yet. */
interface Bucket {
  /** Its start. */
  at: string
  /** Its numbers still grow. */
  isOpen: boolean
}

interface Outcomes {
  succeeded: number
  failed: number
  /** Dispatch stopped while they were under way. */
  interrupted: number
}

export interface DeliveriesBucket extends Bucket, Outcomes {}

/** In ms; null where no attempt sent a byte. */
export interface LatenessBucket extends Bucket {
  p50: number | null
  p99: number | null
  max: number | null
}

export interface EndpointStats {
  /** Scheme, host and port. */
  endpoint: string
  attempts: number
  failed: number
  /** Failed of all attempts, from 0 to 1. */
  failureRate: number
  /** Of the last failure, in words. */
  lastError: string | null
  lastFailedAt: string | null
}

export interface LatestFailure {
  jobId: string
  projectId: string
  title: string
  /** Scheme, host and port. */
  endpoint: string
  attempt: number
  /** When the attempt fired. */
  at: string
  responseCode: number | null
  error: string | null
  /** Another attempt is armed, under way, or was made. */
  willRetry: boolean
}

export interface Stats {
  range: {
    name: StatsRange
    from: string
    /** The moment of the answer, within the last bucket. */
    to: string
    bucketSeconds: number
  }
  /** How many jobs are in each state now; there may be more when `isExact` is false. */
  states: Record<JobStatus, { count: number; isExact: boolean }>
  /** Every bucket of the range, oldest first. */
  deliveries: DeliveriesBucket[]
  /** The same buckets: first byte out minus due time; percentiles are true to 5 %. */
  lateness: LatenessBucket[]
  totals: Outcomes & {
    /** All that ended. */
    attempts: number
    latenessP50: number | null
    latenessP99: number | null
    latenessMax: number | null
  }
  /** Those with failures, worst first, at most 10. */
  endpoints: EndpointStats[]
  /** Newest first, at most 10. */
  latestFailures: LatestFailure[]
  /** False when something was left out to keep the answer cheap. */
  isExact: boolean
}

/** Jobs that come due, first attempts and retries. */
export interface DueBucket {
  /** Its start. */
  at: string
  due: number
}

export interface Forecast {
  from: string
  /** It may be some seconds old. */
  computedAt: string
  /** The next hour: 60 buckets of a minute. */
  minutes: DueBucket[]
  /** The next day: 24 buckets of an hour. */
  hours: DueBucket[]
  /** False when more comes due than was counted. */
  isExact: boolean
}
