/**
 * Jobs as the API answers them. These are the contract's types written out, so that no package comes along with them; a
 * test compares the two.
 */

/** `SUCCESS`, `DEAD` and `CANCELLED` are final; a `FAILED` job waits for its retry. */
export type JobStatus = 'SCHEDULED' | 'FIRING' | 'SUCCESS' | 'FAILED' | 'DEAD' | 'CANCELLED'

interface JobSummary {
  id: string
  projectId: string
  title: string
  webhookUrl: string
  /** As it was asked for, in UTC; retries do not change it. */
  fireAt: string
  /** The next try; null when there will be none. */
  nextAttemptAt: string | null
  status: JobStatus
  /** Number of the last attempt; 0 before the first. */
  attempt: number
  /** Retries armed so far. */
  retryCount: number
  createdAt: string
  updatedAt: string
  /** The job that this one fires again; null when it is no replay. */
  replayOf: string | null
}

export interface Job extends JobSummary {
  /** As `JSON.parse` reads it: numbers beyond 2^53 are rounded. */
  payload: Record<string, unknown>
  /** The payload's JSON text, byte for byte as it was sent. */
  payloadText: string
}

export interface AttemptLog {
  id: string
  /** Counted from 1. */
  attempt: number
  /** `INTERRUPTED`: Dispatch stopped while it was under way; the endpoint may have received it. */
  status: 'SUCCESS' | 'FAILED' | 'INTERRUPTED'
  /** Status of the answer; null when there was none. */
  responseCode: number | null
  /** What the endpoint answered, at most 64 KiB. */
  responseBody: string | null
  /** The body was longer, broke off or stalled. */
  responseTruncated: boolean
  /** The same value as in the webhook body. */
  firedAt: string
  durationMs: number | null
  /** First byte out minus due time. */
  latenessMs: number | null
  /** What went wrong, in words; null on success. */
  error: string | null
}

export interface JobDetails extends Job {
  project: { id: string; name: string }
  /** Newest first. */
  logs: AttemptLog[]
}

/** A job in a list: without its payload. */
export interface JobListItem extends JobSummary {
  project: { id: string; name: string }
}

/** A job in an export. */
export interface ExportedJob extends Job {
  project: { id: string; name: string }
  /** The last one recorded, without its response body; null before the first. */
  lastAttempt: Omit<AttemptLog, 'responseBody'> | null
}

export interface Pagination {
  total: number
  page: number
  limit: number
  totalPages: number
  /** False when `total` is an earlier count (at most 60 seconds old). */
  totalIsExact: boolean
}

export interface JobPage {
  jobs: JobListItem[]
  pagination: Pagination
  /** Only there when matching jobs were looked for among a bounded number of them (`endpoint`, `q`). */
  search?: JobSearch | undefined
}

export interface JobSearch {
  /** How many jobs were looked at, from the beginning of the list. */
  searched: number
  /** True when there are more, which were not looked at: narrow the list with `from` and `to`. */
  limited: boolean
}

/** What became of many cancellations. */
export interface CancelledJobs {
  cancelled: string[]
  /** These were left as they are; `code` is what cancelling one alone would have failed with. */
  refused: { id: string; code: string; message: string }[]
}

/** What an attempt sent, or before the first one would send. */
export interface JobRequest {
  method: 'POST'
  url: string
  headers: { name: string; value: string }[]
  /** Byte for byte, as text. */
  body: string
  /** Counted from 1. */
  attempt: number
  /** As in the body; before the first attempt it is when the job is due. */
  firedAt: string
  /** Which signatures `headers` holds: all; some; none, as the secrets are gone; none, as you may not see the secret either. */
  signed: 'complete' | 'partial' | 'gone' | 'hidden'
  /** What to know about it, in words; null when there is nothing to say. */
  note: string | null
}
