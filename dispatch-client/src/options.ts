/** What the methods of `Dispatch` take. */
import type { JobStatus } from './job.js'
import type { FireAt } from './new-job.js'
import type { StatsRange } from './stats.js'
import type { Fetch } from './transport.js'

export interface DispatchOptions {
  /** Where the server is: `https://dispatch.example.com`. */
  readonly url: string
  /** A project's key, `sk_…`. It belongs on a server: whoever has it can schedule and cancel. */
  readonly apiKey: string
  /** How long one try may take, to the last byte of its answer. Default: 10,000. */
  readonly timeoutMs?: number
  /** How often a call is tried again while the server cannot be reached or asks to wait. Default: 3; 0 = never. */
  readonly retries?: number
  /** Instead of the platform's. */
  readonly fetch?: Fetch
}

export interface ScheduleOptions {
  /**
   * Makes scheduling the same job twice harmless, within 24 hours and across processes: 1 to 255 visible ASCII characters.
   * Give such a job a fixed `fireAt`, as another body under the same key is refused. Default: a new one for each call,
   * which makes the retries within it safe.
   */
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
}

export interface CallOptions {
  readonly signal?: AbortSignal
}

export interface CancelOptions extends CallOptions {
  /** Also a job that failed and waits for its retry. */
  readonly retrying?: boolean
}

export interface ReplayOptions extends ScheduleOptions {
  /** Default: now. */
  readonly fireAt?: FireAt
}

export interface ListFilter {
  readonly status?: JobStatus | readonly JobStatus[]
  /** The key's own; any other is refused. */
  readonly projectId?: string
  /** Scheme, host and port. The server looks among the first 10,000 jobs; the page's `search` says how far. */
  readonly endpoint?: string
  /** Created (with `sort: 'due'`: due) at or after this instant; a `Date` or a UTC text. */
  readonly from?: Date | string
  /** Before this instant. */
  readonly to?: Date | string
  /** The beginning of an id, or a part of host or title; looked for as `endpoint` is. */
  readonly q?: string
  /** Default: `created`. `due` is by `fireAt`. */
  readonly sort?: 'created' | 'due'
  /** Default: `desc`, latest first. */
  readonly order?: 'desc' | 'asc'
}

export interface ListPageOptions extends ListFilter, CallOptions {
  /** From 1, which is the default. */
  readonly page?: number
  /** 1 to 100; default 20. */
  readonly limit?: number
}

export interface ListOptions extends ListFilter, CallOptions {
  /** Jobs per request, 1 to 100. Default: 100. */
  readonly pageSize?: number
}

/** `endpoint` and `q` look at all jobs here. */
export interface ExportOptions extends ListFilter, CallOptions {}

export interface ExportFileOptions extends ExportOptions {
  /** Default: `csv`, for spreadsheets. `jsonl` also has the payloads. */
  readonly format?: 'csv' | 'jsonl'
}

export interface StatsOptions extends CallOptions {
  /** The key's own; any other is refused. */
  readonly projectId?: string
  /** How far back to look. Default: `24h`. */
  readonly range?: StatsRange
}

export interface ForecastOptions extends CallOptions {
  /** The key's own; any other is refused. */
  readonly projectId?: string
}

export interface GetRequestOptions extends CallOptions {
  /** From 1. Default: the last one that was recorded; before the first, what would be sent. */
  readonly attempt?: number
}

export interface EventsOptions {
  /** The key's own; any other is refused. */
  readonly projectId?: string
  /** Ends the iteration. */
  readonly signal?: AbortSignal
}
