import { systemClock, type Clock } from './clock.js'
import { DispatchApiError } from './errors.js'
import { followEvents } from './follow-events.js'
import type { CancelledJobs, ExportedJob, Job, JobDetails, JobListItem, JobPage, JobRequest } from './job.js'
import type { LiveEvent } from './live-event.js'
import { renderFireAt, renderNewJob, type NewJob } from './new-job.js'
import type {
  CallOptions,
  CancelOptions,
  DispatchOptions,
  EventsOptions,
  ExportFileOptions,
  ExportOptions,
  ForecastOptions,
  GetRequestOptions,
  ListFilter,
  ListOptions,
  ListPageOptions,
  ReplayOptions,
  ScheduleOptions,
  StatsOptions,
} from './options.js'
import { readExport, readJobLines } from './read-export.js'
import type { Forecast, Stats } from './stats.js'
import { Transport, type Call, type Fetch } from './transport.js'

/** For tests. */
export interface Surroundings {
  readonly clock: Clock
  readonly random: () => number
}

const DEFAULT_TIMEOUT_MS = 10_000
const DEFAULT_RETRIES = 3
/** The server takes so many in one request. */
const MAX_IDS = 500

/**
 * A project's jobs on a Dispatch server. Every method rejects with a `DispatchError` (`DispatchApiError`,
 * `DispatchTimeoutError`, `DispatchConnectionError`), or with a `TypeError` when its arguments cannot be sent.
 */
export class Dispatch {
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #random: () => number

  /** Throws a `TypeError` that names the option which cannot be used. */
  constructor(options: DispatchOptions, { clock, random }: Surroundings = { clock: systemClock, random: Math.random }) {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, retries = DEFAULT_RETRIES } = options
    const { fetch = platformFetch } = options
    checkNumber('timeoutMs', timeoutMs, 1, 2 ** 31 - 1)
    checkNumber('retries', retries, 0, 20)
    const [url, apiKey] = [readUrl(options.url), readApiKey(options.apiKey)]
    this.#clock = clock
    this.#random = random
    this.#transport = new Transport({ url, apiKey, timeoutMs, retries, fetch, clock, random })
  }

  /** Schedules a job and answers it as stored. However often it is tried, one job comes of it. */
  async schedule(job: NewJob, { idempotencyKey, signal }: ScheduleOptions = {}): Promise<Job> {
    const body = renderNewJob(job, this.#clock.nowMs())
    const headers = { 'idempotency-key': idempotencyKey ?? globalThis.crypto.randomUUID() }
    return this.#call<Job>({ method: 'POST', path: '/jobs', body, headers, signal })
  }

  /** The job with its payload, project and attempts. */
  async get(id: string, { signal }: CallOptions = {}): Promise<JobDetails> {
    return this.#call<JobDetails>({ method: 'GET', path: `/jobs/${checkId(id)}`, signal })
  }

  /**
   * Cancels a job that is `SCHEDULED` (with `retrying` also `FAILED`). Rejects with code `JOB_NOT_CANCELLABLE` when it is
   * too late: then nothing was changed.
   */
  async cancel(id: string, { retrying = false, signal }: CancelOptions = {}): Promise<void> {
    const path = `/jobs/${checkId(id)}${retrying ? '?retrying=true' : ''}`
    let doubts = 0
    try {
      await this.#call({ method: 'DELETE', path, signal, onDoubt: () => (doubts += 1) })
    } catch (error) {
      // An earlier try may have cancelled it, and only its answer was lost.
      const isTooLate = error instanceof DispatchApiError && error.code === 'JOB_NOT_CANCELLABLE'
      if (doubts === 0 || !isTooLate) throw error
      const { status } = await this.get(id, signal && { signal })
      if (status !== 'CANCELLED') throw error
    }
  }

  /**
   * Schedules the job's webhook once more, as a new job, at `fireAt` or else now. What became of the first does not matter,
   * and it stays as it is. However often it is tried, one job comes of it.
   */
  async replay(id: string, { fireAt, idempotencyKey, signal }: ReplayOptions = {}): Promise<Job> {
    const path = `/jobs/${checkId(id)}/replay`
    const body = JSON.stringify(fireAt === undefined ? {} : { fireAt: renderFireAt(fireAt, this.#clock.nowMs()) })
    const headers = { 'idempotency-key': idempotencyKey ?? globalThis.crypto.randomUUID() }
    return this.#call<Job>({ method: 'POST', path, body, headers, signal })
  }

  /**
   * Cancels each of the jobs that can be cancelled, 500 a request, and says of the others why not: one that cannot is no
   * error. When the answer to a try was lost, jobs that it cancelled are found in `refused` as `JOB_NOT_CANCELLABLE`.
   */
  async cancelMany(ids: readonly string[], { retrying = false, signal }: CancelOptions = {}): Promise<CancelledJobs> {
    const checked = ids.map(checkId)
    const all: CancelledJobs = { cancelled: [], refused: [] }
    for (let start = 0; start < checked.length; start += MAX_IDS) {
      const body = JSON.stringify({ ids: checked.slice(start, start + MAX_IDS), retrying })
      const { cancelled, refused } = await this.#call<CancelledJobs>({
        method: 'POST',
        path: '/jobs/cancel',
        body,
        signal,
      })
      all.cancelled.push(...cancelled)
      all.refused.push(...refused)
    }
    return all
  }

  /**
   * Each job that matches, in the order asked for, fetched page by page while you read. Jobs made meanwhile may not be in it;
   * one whose status changes meanwhile may be missed when you filter by status.
   */
  async *list({ pageSize = 100, ...filter }: ListOptions = {}): AsyncGenerator<JobListItem, void, undefined> {
    let last: JobListItem | undefined
    for (let page = 1; ; page++) {
      const { jobs } = await this.listPage({ ...filter, page, limit: pageSize })
      for (const job of jobs) {
        // New jobs move the pages: what was shown would come again.
        if (last !== undefined && !comesAfter(job, last, filter)) continue
        last = job
        yield job
      }
      if (jobs.length < pageSize) return
    }
  }

  /** One page of jobs, with how many there are. */
  async listPage({ signal, ...filter }: ListPageOptions = {}): Promise<JobPage> {
    return this.#call<JobPage>({ method: 'GET', path: `/jobs${renderQuery({ ...filter })}`, signal })
  }

  /**
   * Every job that matches, in the order asked for and with its payload, in one request however many there are: the server reads
   * on as you do. None comes twice; those made meanwhile may be left out. It is all of them only when the loop ends without an
   * error: a download that breaks off rejects with a `DispatchConnectionError`, and is not taken up again.
   */
  export(options: ExportOptions = {}): AsyncGenerator<ExportedJob, void, undefined> {
    return readJobLines(this.exportFile({ ...options, format: 'jsonl' }))
  }

  /** The same as the bytes of a file. */
  exportFile({ signal, ...query }: ExportFileOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
    const source = { transport: this.#transport, clock: this.#clock }
    return readExport(source, `/jobs/export${renderQuery({ ...query })}`, signal)
  }

  /** How deliveries went over a range of time, and how many jobs are in each state now. */
  async stats({ signal, ...query }: StatsOptions = {}): Promise<Stats> {
    return this.#call<Stats>({ method: 'GET', path: `/stats${renderQuery({ ...query })}`, signal })
  }

  /** How much comes due in the next hour and the next day. */
  async forecast({ signal, ...query }: ForecastOptions = {}): Promise<Forecast> {
    return this.#call<Forecast>({ method: 'GET', path: `/stats/forecast${renderQuery({ ...query })}`, signal })
  }

  /** What an attempt sent, byte for byte. A key is not shown the signatures: they prove the sender. */
  async getRequest(id: string, { signal, ...query }: GetRequestOptions = {}): Promise<JobRequest> {
    if (query.attempt !== undefined) checkNumber('attempt', query.attempt, 1, 99_999)
    const path = `/jobs/${checkId(id)}/request${renderQuery({ ...query })}`
    return this.#call<JobRequest>({ method: 'GET', path, signal })
  }

  /**
   * Jobs as they change, from when the iteration begins until `signal` aborts or you leave the loop. A stream that breaks or
   * falls silent is opened again for as long as it takes, from where it broke off; `retries` does not count here. Throws when
   * the server refuses it: `DispatchApiError` with status 401, 403, 404 and every other that does not pass by itself. Only
   * `signal` ends it while it waits: `return()` is heard at the next event.
   */
  events({ projectId, signal }: EventsOptions = {}): AsyncGenerator<LiveEvent, void, undefined> {
    const source = { transport: this.#transport, clock: this.#clock, random: this.#random }
    return followEvents(source, `/events${renderQuery({ projectId })}`, signal)
  }

  /** Types the answer: the server is of the contract that the types are compared with. */
  async #call<Data>(call: Call): Promise<Data> {
    return (await this.#transport.call(call)) as Data
  }
}

type QueryValue = string | number | Date | readonly string[]

/** With its question mark; empty when nothing is asked for. */
function renderQuery(values: Readonly<Record<string, QueryValue | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) query.set(name, renderQueryValue(name, value))
  }
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

function renderQueryValue(name: string, value: QueryValue): string {
  if (!(value instanceof Date)) return String(value)
  if (Number.isNaN(value.getTime())) throw new TypeError(`${name}: expected a valid Date or a UTC text`)
  return value.toISOString()
}

/** In the order of the list. Ids ascend with time; instants of the API compare as texts. */
function comesAfter(job: JobListItem, last: JobListItem, { sort, order }: ListFilter): boolean {
  const [one, other] = [job, last].map(({ id, fireAt }) => (sort === 'due' ? `${fireAt} ${id}` : id)) as [
    string,
    string,
  ]
  return order === 'asc' ? one > other : one < other
}

/** Looked up at each call, as somebody may replace it. */
const platformFetch: Fetch = (url, init) => globalThis.fetch(url, init)

// These take `unknown`: callers without TypeScript pass anything, and an unset variable most of all.

function readUrl(text: unknown): string {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError(`url: expected where the server is, such as https://dispatch.example.com; got ${String(text)}`)
  }
  // People paste the address of the API, too.
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '').replace(/\/api\/v1$/, '')
}

function readApiKey(text: unknown): string {
  if (typeof text === 'string' && /^[\x21-\x7e]+$/.test(text)) return text
  throw new TypeError("apiKey: expected a project's key (sk_…); got nothing, or something with blanks in it")
}

/** Ids go into the path: nothing else may be said there. */
function checkId(id: unknown): string {
  if (typeof id === 'string' && /^[\w-]{1,100}$/.test(id)) return id
  throw new TypeError("id: expected a job's id")
}

function checkNumber(name: string, value: unknown, least: number, most: number): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return
  throw new TypeError(`${name}: expected a whole number from ${least} to ${most}; got ${String(value)}`)
}
