import { systemClock, type Clock } from './clock.js'
import { DispatchApiError } from './errors.js'
import type { Job, JobDetails, JobListItem, JobPage, JobStatus } from './job.js'
import { renderNewJob, type NewJob } from './new-job.js'
import { Transport, type Call, type Fetch } from './transport.js'

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

/** For tests. */
export interface Surroundings {
  readonly clock: Clock
  readonly random: () => number
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

export interface ListFilter {
  readonly status?: JobStatus
  /** The key's own; any other is refused. */
  readonly projectId?: string
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

const DEFAULT_TIMEOUT_MS = 10_000
const DEFAULT_RETRIES = 3

/**
 * A project's jobs on a Dispatch server. Every method rejects with a `DispatchError` (`DispatchApiError`,
 * `DispatchTimeoutError`, `DispatchConnectionError`), or with a `TypeError` when its arguments cannot be sent.
 */
export class Dispatch {
  readonly #transport: Transport
  readonly #clock: Clock

  /** Throws a `TypeError` that names the option which cannot be used. */
  constructor(options: DispatchOptions, { clock, random }: Surroundings = { clock: systemClock, random: Math.random }) {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, retries = DEFAULT_RETRIES } = options
    const { fetch = platformFetch } = options
    checkNumber('timeoutMs', timeoutMs, 1, 2 ** 31 - 1)
    checkNumber('retries', retries, 0, 20)
    const [url, apiKey] = [readUrl(options.url), readApiKey(options.apiKey)]
    this.#clock = clock
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
   * Each job that matches, newest first, fetched page by page while you read. Jobs made meanwhile are not in it; one whose
   * status changes meanwhile may be missed when you filter by status.
   */
  async *list({ pageSize = 100, ...filter }: ListOptions = {}): AsyncGenerator<JobListItem, void, undefined> {
    let lastId: string | undefined
    for (let page = 1; ; page++) {
      const { jobs } = await this.listPage({ ...filter, page, limit: pageSize })
      for (const job of jobs) {
        // New jobs move the pages: what was shown would come again. Ids ascend with time.
        if (lastId !== undefined && job.id >= lastId) continue
        lastId = job.id
        yield job
      }
      if (jobs.length < pageSize) return
    }
  }

  /** One page of jobs, newest first, with how many there are. */
  async listPage({ signal, ...filter }: ListPageOptions = {}): Promise<JobPage> {
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries<string | number | undefined>({ ...filter })) {
      if (value !== undefined) query.set(name, String(value))
    }
    return this.#call<JobPage>({ method: 'GET', path: `/jobs?${query.toString()}`, signal })
  }

  /** Types the answer: the server is of the contract that the types are compared with. */
  async #call<Data>(call: Call): Promise<Data> {
    return (await this.#transport.call(call)) as Data
  }
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
