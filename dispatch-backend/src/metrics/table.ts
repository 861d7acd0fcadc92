/**
 * Every metric there is. The registry (`metrics.ts`) and `docs/metrics.md` are made from this table. No label names an
 * endpoint, a project or a user: their number has no bound, and who they are is nobody's business.
 */

export type MetricKind = 'counter' | 'gauge' | 'histogram'

export interface MetricRow {
  readonly name: string
  readonly kind: MetricKind
  /** For operators: what is counted, and what a bad value means where that is not plain. */
  readonly help: string
  /** Label and, in words, its values. */
  readonly labels: Readonly<Record<string, string>>
  /** Upper bounds, for a histogram; in the unit that the name ends in. */
  readonly buckets: readonly number[]
}

/** From one millisecond to the longest usual delivery timeout and a little over, so that timeouts are not all infinite. */
const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
/** A commit on a local disk takes less than a millisecond. */
const COMMIT_SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** Up to the largest batch (256). */
const BATCH = [1, 2, 4, 8, 16, 32, 64, 128, 256]

const counter = (name: string, help: string, labels: MetricRow['labels'] = {}) =>
  ({ name, kind: 'counter', help, labels, buckets: [] }) as const

const gauge = (name: string, help: string, labels: MetricRow['labels'] = {}) =>
  ({ name, kind: 'gauge', help, labels, buckets: [] }) as const

const histogram = (name: string, buckets: readonly number[], help: string, labels: MetricRow['labels'] = {}) =>
  ({ name, kind: 'histogram', help, labels, buckets }) as const

const OUTCOME = {
  outcome:
    '`delivered`; `retry`: failed, will be tried again; `dead`: failed for the last time; `interrupted`: cut off by a stop or a crash, sent again',
}
const ROUTE = {
  method: 'the HTTP method',
  route: "the route's pattern, such as `/api/v1/jobs/:id`; `unknown` for addresses that do not exist",
}

export const METRICS = {
  attempts: counter('dispatch_attempts_total', 'Attempts that ended and were recorded, by outcome.', OUTCOME),
  lateness: histogram(
    'dispatch_attempt_lateness_seconds',
    SECONDS,
    'First byte out minus due time. Attempts of which no byte went out are not in it.',
  ),
  attemptDuration: histogram(
    'dispatch_attempt_duration_seconds',
    SECONDS,
    'From the start of an attempt to the end of the answer, or of the waiting for it.',
    OUTCOME,
  ),

  armed: gauge('dispatch_armed_jobs', 'Near jobs that this process holds in memory, with a share of the work.'),
  inFlight: gauge('dispatch_attempts_in_flight', 'Attempts that hold a slot. `MAX_CONCURRENCY` bounds them.'),
  recordsPending: gauge(
    'dispatch_records_pending',
    'Results that are not stored yet. They grow while the database is slow or away; at `MAX_CONCURRENCY` claiming stops.',
  ),
  backlog: gauge(
    'dispatch_backlog_jobs',
    'Jobs overdue by more than 2 s that nobody has claimed, of all replicas together; counted up to 1,000 and at most every 10 s. Absent while the database does not answer.',
  ),
  backlogAge: gauge(
    'dispatch_backlog_oldest_seconds',
    'How long the oldest of them is overdue; 0 when there is none. The one to raise an alarm on.',
  ),

  claimDuration: histogram(
    'dispatch_claim_duration_seconds',
    COMMIT_SECONDS,
    'One claim statement, as long as it was asked again after a lost connection included.',
  ),
  claimBatch: histogram('dispatch_claim_batch_jobs', BATCH, 'Jobs that one claim asked for.'),
  claimsMissed: counter(
    'dispatch_claims_missed_total',
    'Jobs asked for that did not come back: cancelled meanwhile, or claimed by another replica.',
  ),
  recordDuration: histogram('dispatch_record_duration_seconds', COMMIT_SECONDS, 'One commit of results.'),
  recordBatch: histogram('dispatch_record_batch_attempts', BATCH, 'Results in one commit.'),
  recordsFenced: counter(
    'dispatch_records_fenced_total',
    'Results refused because the claim was no longer ours: this process stood still for longer than its lease.',
  ),
  createDuration: histogram('dispatch_create_duration_seconds', COMMIT_SECONDS, 'One commit of new jobs.'),
  createBatch: histogram('dispatch_create_batch_jobs', BATCH, 'New jobs in one commit.'),
  handedBack: counter('dispatch_claims_handed_back_total', 'Claims given back unsent, as at a stop.'),
  released: counter('dispatch_claims_released_total', 'Claims of dead processes that this one took back.', {
    result: '`due`: sent again at once; `dead`: interrupted too often',
  }),
  purged: counter('dispatch_rows_purged_total', 'Rows removed because they were over.'),

  databaseAway: gauge('dispatch_database_away', '1 while the database does not answer, else 0.'),
  databaseOutages: counter('dispatch_database_outages_total', 'Times that the database went away.'),
  clockOffset: gauge(
    'dispatch_clock_offset_seconds',
    "The database's clock minus this machine's. Jobs fire by the corrected time; over 0.25 s either way is worth a look at NTP.",
  ),
  replicas: gauge('dispatch_replicas', 'Live processes on this database, as this one sees them.'),

  redisAway: gauge(
    'dispatch_redis_away',
    '1 while the Redis of `REDIS_URL` does not answer and each process limits rates by itself, else 0.',
  ),
  mails: counter('dispatch_mails_total', 'Tries to hand a mail to the mail server.', {
    result: '`sent`; `failed`: will be tried again; `lost`: given up',
  }),

  requestDuration: histogram('dispatch_http_request_duration_seconds', SECONDS, 'Answers of the API.', {
    ...ROUTE,
    status: 'the class of the status: `2xx`, `3xx`, `4xx`, `5xx`',
  }),
  eventStreams: gauge(
    'dispatch_event_streams',
    'Open streams of live events (`GET /api/v1/events`); at 500 more are refused.',
  ),
  unexpected: counter(
    'dispatch_unexpected_failures_total',
    'Failures that nobody expected. Each has its line in the log; more than none is worth a report to us.',
  ),
  build: gauge('dispatch_build_info', 'Always 1.', { version: "Dispatch's version" }),
} as const satisfies Record<string, MetricRow>

/** What prom-client reads of process and runtime. Linux has all of them, other systems fewer. */
export const PROCESS_METRICS: Readonly<Record<string, string>> = {
  process_cpu_user_seconds_total: 'CPU time spent in user mode.',
  process_cpu_system_seconds_total: 'CPU time spent in the kernel.',
  process_cpu_seconds_total: 'Both together.',
  process_start_time_seconds: 'Start of the process, in seconds since 1970.',
  process_resident_memory_bytes: 'Memory in RAM.',
  process_virtual_memory_bytes: 'Address space.',
  process_heap_bytes: 'The data segment.',
  process_open_fds: 'Open files and sockets.',
  process_max_fds: 'Limit of the same: keep it well above `MAX_CONCURRENCY`.',
  nodejs_eventloop_lag_seconds: 'Delay of the event loop at the last scrape.',
  nodejs_eventloop_lag_min_seconds: 'Least delay of the event loop since the last scrape.',
  nodejs_eventloop_lag_max_seconds: 'Greatest delay since then. What delays the loop makes webhooks late.',
  nodejs_eventloop_lag_mean_seconds: 'Mean delay since then.',
  nodejs_eventloop_lag_stddev_seconds: 'Its standard deviation.',
  nodejs_eventloop_lag_p50_seconds: 'Half of the delays were shorter.',
  nodejs_eventloop_lag_p90_seconds: 'Nine of ten delays were shorter.',
  nodejs_eventloop_lag_p99_seconds: 'Ninety-nine of a hundred delays were shorter.',
  nodejs_active_resources: 'What keeps the event loop alive, by `type`.',
  nodejs_active_resources_total: 'The same in all.',
  nodejs_active_handles: 'Open handles, by `type`.',
  nodejs_active_handles_total: 'The same in all.',
  nodejs_active_requests: 'Requests to the system under way, by `type`.',
  nodejs_active_requests_total: 'The same in all.',
  nodejs_heap_size_total_bytes: "Size of JavaScript's heap.",
  nodejs_heap_size_used_bytes: 'Of it in use.',
  nodejs_external_memory_bytes: 'Memory held by objects outside of the heap.',
  nodejs_heap_space_size_total_bytes: 'Size of the heap, by `space`.',
  nodejs_heap_space_size_used_bytes: 'Of it in use, by `space`.',
  nodejs_heap_space_size_available_bytes: 'Of it free, by `space`.',
  nodejs_version_info: 'Always 1; `version`, `major`, `minor` and `patch` of Node.',
  nodejs_gc_duration_seconds: 'Garbage collections, by `kind` (a histogram).',
}
