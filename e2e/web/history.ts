/**
 * A month of jobs, put straight into a database whose server is stopped: several endpoints, of which some fail, all states,
 * and lateness as a real machine has it. The same each time, but for the present moment.
 */
import { v7 as uuidv7 } from 'uuid'
import { systemClock } from '../../dispatch-backend/src/clock.js'
import { Events } from '../../dispatch-backend/src/events.js'
import { rollUp } from '../../dispatch-backend/src/stats/roll-up.js'
import { openStore } from '../../dispatch-backend/src/store/open.js'
import type { AttemptRecord, ClaimedJob, JobScope, NewJob, Store } from '../../dispatch-backend/src/store/store.js'

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const PAST_JOBS = 1400
const COMING_JOBS = 260
const CANCELLED_JOBS = 45
/** Nothing may fire while somebody looks: its endpoints are names on the internet. */
const SOONEST_MS = 15 * MINUTE_MS
const MAX_ATTEMPTS = 3

interface Endpoint {
  readonly url: string
  readonly titles: readonly string[]
  readonly failureRate: number
  readonly failure: Pick<AttemptRecord, 'responseCode' | 'responseBody' | 'error'>
}

const answered = (responseCode: number, responseBody: string): Endpoint['failure'] => ({
  ...{ responseCode, responseBody, error: `The endpoint answered ${responseCode}` },
})

const ENDPOINTS: readonly Endpoint[] = [
  {
    url: 'https://api.shop.example/hooks/orders',
    titles: ['Order 48213: confirm', 'Release the reserved stock', 'Ask for a review'],
    ...{ failureRate: 0.02, failure: answered(500, '{"error":"deadlock found"}') },
  },
  {
    url: 'https://billing.example/webhooks/dispatch',
    titles: ['Trial expiry reminder', 'Invoice 2041', 'Renewal of the yearly plan'],
    ...{ failureRate: 0.06, failure: answered(503, '{"error":"maintenance until 18:00"}') },
  },
  {
    url: 'https://warehouse.example:8443/sync',
    titles: ['Sync the stock', 'Pick list of the morning'],
    failureRate: 0.45,
    failure: { ...{ responseCode: null, responseBody: null }, error: 'No answer within 30 s' },
  },
  {
    url: 'https://mail.example/send',
    titles: ['Weekly digest', 'Welcome mail, second day'],
    ...{ failureRate: 0.01, failure: answered(429, 'slow down') },
  },
]

export interface HistoryRequest {
  readonly databaseFile: string
  readonly projectId: string
  readonly scope: JobScope
}

/** Resolves when statistics have counted it too. */
export async function writeHistory({ databaseFile, projectId, scope }: HistoryRequest): Promise<void> {
  const store = await openStore({ kind: 'sqlite', file: databaseFile }, { clock: systemClock })
  const nowMs = Date.now()
  const next = randomNumbers(20_260_613)
  const make = (fireAtMs: number, createdAtMs: number): NewJob =>
    newJob({ fireAtMs, createdAtMs, projectId, scope, next })
  const past = Array.from({ length: PAST_JOBS }, () => pastMs(nowMs, next)).sort((a, b) => a - b)
  await deliver(store, { nowMs, next, jobs: past.map((ms) => make(ms, ms - 5 * MINUTE_MS - next() * HOUR_MS)) })
  const coming = Array.from({ length: COMING_JOBS }, () => make(comingMs(nowMs, next), nowMs - next() * DAY_MS))
  await store.createJobs(coming)
  const cancelled = coming.slice(0, CANCELLED_JOBS)
  await store.cancelJobs(cancelled.map(({ id }) => ({ id, scope, retrying: false, nowMs })))
  await countAll(store, nowMs)
  await store.close()
}

/** The newer the more, and more by day than by night. */
function pastMs(nowMs: number, next: () => number): number {
  const ageMs = MINUTE_MS + next() ** 2 * 29 * DAY_MS
  const atMs = nowMs - ageMs
  const hour = new Date(atMs).getUTCHours()
  return hour >= 6 && hour < 20 ? atMs : atMs - next() * 8 * HOUR_MS
}

const comingMs = (nowMs: number, next: () => number): number =>
  nowMs + SOONEST_MS + (next() < 0.3 ? next() * 30 * MINUTE_MS : next() ** 2 * 3 * DAY_MS)

interface JobRequest {
  readonly fireAtMs: number
  readonly createdAtMs: number
  readonly projectId: string
  readonly scope: JobScope
  readonly next: () => number
}

function newJob({ fireAtMs, createdAtMs, projectId, scope, next }: JobRequest): NewJob {
  const endpoint = ENDPOINTS[Math.floor(next() ** 1.6 * ENDPOINTS.length)]!
  return {
    ...{ projectId, scope, fireAtMs: Math.floor(fireAtMs), nowMs: Math.floor(createdAtMs) },
    id: uuidv7({ msecs: Math.floor(createdAtMs) }),
    title: endpoint.titles[Math.floor(next() * endpoint.titles.length)]!,
    webhookUrl: endpoint.url,
    endpoint: new URL(endpoint.url).origin,
    payload: '{"userId":"usr_812","plan":"pro"}',
  }
}

interface Deliveries {
  readonly jobs: readonly NewJob[]
  readonly nowMs: number
  readonly next: () => number
}

/** Attempt after attempt; retries that would still be to come stay armed. */
async function deliver(store: Store, { jobs, nowMs, next }: Deliveries): Promise<void> {
  await store.createJobs(jobs)
  let due = jobs.map(({ id, fireAtMs }) => ({ id, dueAtMs: fireAtMs }))
  for (let attempt = 1; attempt <= MAX_ATTEMPTS && due.length > 0; attempt += 1) {
    const claimId = uuidv7()
    const claim = { claimId, replicaId: 'history', leaseMs: HOUR_MS, nowMs, jobs: due }
    const claimed = await store.claim(claim)
    const records = claimed.jobs.map((job) => attemptRecord(job, { claimId, nowMs, next }))
    await store.recordAttempts(records)
    due = records.flatMap(({ jobId, next: state }) =>
      state.status === 'FAILED' && state.retryAtMs < nowMs ? [{ id: jobId, dueAtMs: state.retryAtMs }] : [],
    )
  }
}

function attemptRecord(
  job: ClaimedJob,
  { claimId, nowMs, next }: { claimId: string; nowMs: number; next: () => number },
): AttemptRecord {
  const endpoint = ENDPOINTS.find(({ url }) => url === job.webhookUrl)!
  const hasFailed = next() < endpoint.failureRate
  // Log-normal, with now and then a busy moment.
  const latenessMs = Math.round(10 ** (next() + next() - 0.6 + (next() < 0.02 ? 1.5 : 0)) * 10) / 10
  const firedAtMs = Math.ceil(job.dueAtMs + latenessMs)
  const durationMs = Math.round(20 + 300 * next() ** 4)
  return {
    attemptId: uuidv7({ msecs: firedAtMs + durationMs }),
    ...{ jobId: job.id, claimId, attempt: job.attempt, scheduledForMs: job.dueAtMs, firedAtMs },
    ...{ latenessMs, durationMs, responseTruncated: false, nowMs: firedAtMs + durationMs },
    ...(hasFailed
      ? { status: 'FAILED', ...endpoint.failure, next: afterFailure(job, nowMs, next) }
      : { status: 'SUCCESS', responseCode: 200, responseBody: 'ok', error: null, next: { status: 'SUCCESS' } }),
  }
}

function afterFailure({ attempt, dueAtMs }: ClaimedJob, nowMs: number, next: () => number): AttemptRecord['next'] {
  if (attempt >= MAX_ATTEMPTS) return { status: 'DEAD' }
  const retryAtMs = Math.floor(dueAtMs + 30 * SECOND_MS * attempt)
  // Of the last hours some still wait.
  const isWaiting = retryAtMs > nowMs || (nowMs - dueAtMs < 6 * HOUR_MS && next() < 0.4)
  return { status: 'FAILED', retryAtMs: isWaiting ? Math.floor(nowMs + SOONEST_MS + next() * HOUR_MS) : retryAtMs }
}

/** Also what is older than late attempts are counted again for. */
async function countAll(store: Store, nowMs: number): Promise<void> {
  await store.finishStats({ countedUntilMs: nowMs - 31 * DAY_MS, lateIds: [] })
  const deps = { store, clock: systemClock, events: new Events(), replicaId: 'history' }
  while (await rollUp(deps, new AbortController().signal));
}

/** Equal for equal seeds, from 0 to 1: mulberry32 (public domain). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
