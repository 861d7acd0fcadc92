/** What became of deliveries, and what is about to be due, for people. Each answer reads a bounded number of rows. */
import type { JobStatus, StatsRange } from 'dispatch-contract'
import type { Clock } from '../clock.js'
import { MAX_FAILURES, mergeEndpoints, newest } from '../stats/counts.js'
import { quantileMs } from '../stats/lateness-sketch.js'
import { OpenMinutesReader, type OpenMinutes } from '../stats/open-minutes.js'
import { SharedAnswers } from '../stats/shared-answers.js'
import { addOutcomes, byStart } from '../stats/sum-buckets.js'
import { HOUR_MS, MINUTE_MS, RANGES, startOf } from '../stats/widths.js'
import type {
  DueCounts,
  EndpointCounts,
  Failure,
  StateCount,
  Outcomes,
  StatsBucket,
  StatsCounts,
  StatsStore,
  StatsSums,
} from '../store/stats-store.js'
import type { JobScope } from '../store/store.js'
import { notFound, requireId } from './id.js'

export interface StatsRequest {
  readonly scope: JobScope
  readonly projectId?: string
}

export interface Statistics {
  readonly range: StatsRange
  readonly fromMs: number
  readonly nowMs: number
  readonly widthMs: number
  readonly states: Readonly<Record<JobStatus, { readonly count: number; readonly isExact: boolean }>>
  readonly buckets: readonly (Totals & { readonly atMs: number })[]
  readonly totals: Totals
  readonly endpoints: readonly (EndpointCounts & { readonly failureRate: number })[]
  readonly failures: readonly Failure[]
  readonly isExact: boolean
}

export interface Totals {
  readonly succeeded: number
  readonly failed: number
  readonly interrupted: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly maxMs: number | null
}

export interface Forecast {
  readonly nowMs: number
  readonly minutes: readonly { readonly atMs: number; readonly due: number }[]
  readonly hours: readonly { readonly atMs: number; readonly due: number }[]
  readonly isExact: boolean
}

/** Projects that one answer covers; who has more sees the newest, and that there are others. */
const MAX_PROJECTS = 100
/** Projects whose buckets are read at a time: some 1,200 of them. */
const PROJECTS_AT_ONCE = 10
/** Rows of an index that are counted, shared out to the projects: for each at least so many, and at most 10,000. */
const COUNTED_ROWS = 30_000
const LEAST_COUNTED_ROWS = 300
const MOST_COUNTED_ROWS = 10_000
const MAX_ENDPOINTS = 10
const FORECAST_MINUTES = 60
const FORECAST_HOURS = 24

export class StatsReader {
  readonly #store: StatsStore
  readonly #clock: Clock
  readonly #openMinutes: OpenMinutesReader
  readonly #counts: SharedAnswers<readonly StateCount[]>
  readonly #due: SharedAnswers<DueCounts>

  constructor(store: StatsStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
    this.#openMinutes = new OpenMinutesReader(store, clock)
    this.#counts = new SharedAnswers(clock)
    this.#due = new SharedAnswers(clock)
  }

  /** Throws `NOT_FOUND` when `projectId` is none of the caller's projects. */
  async read({ range, ...request }: StatsRequest & { range: StatsRange }): Promise<Statistics> {
    const projects = await this.#projectsOf(request)
    // Before the buckets: a minute that is rolled up in between is in both, and told by the bucket's `countedUntilMs`.
    const open = await this.#openMinutes.read()
    const { widthMs, buckets: count } = RANGES[range]
    const fromMs = startOf(open.nowMs, widthMs) - (count - 1) * widthMs
    const untilMs = fromMs + count * widthMs
    const own = ownMinutes(open, projects.ids)
    const [stored, states] = await Promise.all([
      this.#readSums(projects.ids, { widthMs, fromMs, untilMs }, own),
      this.#countStates(projects.ids),
    ])
    const latest = latestParts(
      stored.flatMap(({ later }) => later),
      { own, widthMs, fromMs },
    )
    const stretches = [...stored.flatMap((sums) => sums.stretches), ...latest]
    const starts = byStart(stretches)
    const all = [...stored, ...latest]
    const ids = newest(all.flatMap((part) => part.failureIds)).slice(0, MAX_FAILURES)
    return {
      ...{ range, fromMs, nowMs: open.nowMs, widthMs },
      states: { ...NO_JOBS, ...Object.fromEntries(states.map((state) => [state.status, state])) },
      buckets: Array.from({ length: count }, (_, index) => {
        const atMs = fromMs + index * widthMs
        return { atMs, ...totalsOf(starts.get(atMs) ?? []) }
      }),
      totals: totalsOf(stretches),
      endpoints: worstEndpoints(all),
      failures: await this.#store.readFailures({ ids, projectIds: projects.ids }),
      isExact: projects.areAll && open.isComplete && all.every((part) => !part.isCut),
    }
  }

  /** Throws `NOT_FOUND` when `projectId` is none of the caller's projects. */
  async forecast(request: StatsRequest): Promise<Forecast> {
    const { ids, areAll } = await this.#projectsOf(request)
    const nowMs = this.#clock.wallMs()
    const fromMs = startOf(nowMs, MINUTE_MS)
    const untilMs = fromMs + FORECAST_HOURS * HOUR_MS
    // Whose they are was read just now: the counts are those of the projects, whoever asks.
    const read = (): Promise<DueCounts> =>
      this.#store.countDue({ projectIds: ids, fromMs, untilMs, limit: countedRows(ids) })
    const counted = await this.#due.get([fromMs, ...ids].join(' '), read)
    const buckets = (widthMs: number, length: number): { atMs: number; due: number }[] => {
      const due = Array.from({ length }, () => 0)
      for (const minute of counted.minutes) {
        const index = Math.floor((minute.minuteMs - fromMs) / widthMs)
        if (index < length) due[index]! += minute.due
      }
      return due.map((number, index) => ({ atMs: fromMs + index * widthMs, due: number }))
    }
    return {
      nowMs,
      minutes: buckets(MINUTE_MS, FORECAST_MINUTES),
      hours: buckets(HOUR_MS, FORECAST_HOURS),
      isExact: areAll && counted.isComplete,
    }
  }

  /** Up to 180,000 entries of an index, so everybody who asks for the same projects within a second shares one reading. */
  #countStates(projectIds: readonly string[]): Promise<readonly StateCount[]> {
    const read = (): Promise<StateCount[]> => this.#store.countStates({ projectIds, limit: countedRows(projectIds) })
    return this.#counts.get(projectIds.join(' '), read)
  }

  /** A few projects at a time, one after the other: neither the event loop nor SQLite's reading thread is held up for long. */
  async #readSums(
    projectIds: readonly string[],
    range: Pick<StatsBucket, 'widthMs'> & { readonly fromMs: number; readonly untilMs: number },
    own: OpenMinutes['minutes'],
  ): Promise<StatsSums[]> {
    const addedUntilMs = Math.min(range.untilMs, ...own.map(({ minuteMs }) => minuteMs))
    const sums: StatsSums[] = []
    for (let start = 0; start < projectIds.length; start += PROJECTS_AT_ONCE) {
      const some = projectIds.slice(start, start + PROJECTS_AT_ONCE)
      sums.push(await this.#store.sumStatsBuckets({ ...range, projectIds: some, addedUntilMs }))
    }
    return sums
  }

  async #projectsOf({ scope, projectId }: StatsRequest): Promise<{ ids: readonly string[]; areAll: boolean }> {
    const asked = projectId === undefined ? undefined : requireId(projectId, 'Project')
    const found = await this.#store.findReachableProjects({
      scope,
      ...(asked !== undefined && { projectId: asked }),
      limit: MAX_PROJECTS + 1,
    })
    if (asked !== undefined && found.length === 0) throw notFound('Project')
    return { ids: found.slice(0, MAX_PROJECTS), areAll: found.length <= MAX_PROJECTS }
  }
}

const NONE = { count: 0, isExact: true }
const NO_JOBS = { SCHEDULED: NONE, FIRING: NONE, SUCCESS: NONE, FAILED: NONE, DEAD: NONE, CANCELLED: NONE }

function countedRows(projectIds: readonly string[]): number {
  const share = Math.floor(COUNTED_ROWS / Math.max(1, projectIds.length))
  return Math.min(MOST_COUNTED_ROWS, Math.max(LEAST_COUNTED_ROWS, share))
}

function ownMinutes({ minutes }: OpenMinutes, projectIds: readonly string[]): OpenMinutes['minutes'] {
  const own = new Set(projectIds)
  return minutes.filter(({ projectId }) => own.has(projectId))
}

/** What was not added up already: buckets that may be behind the open minutes, and those of these that are not in them yet. */
function latestParts(
  stored: readonly StatsBucket[],
  { own, widthMs, fromMs }: { own: OpenMinutes['minutes']; widthMs: number; fromMs: number },
): (StatsCounts & { atMs: number })[] {
  const countedUntil = new Map(stored.map((bucket) => [`${bucket.projectId} ${bucket.atMs}`, bucket.countedUntilMs]))
  const open = own.flatMap(({ projectId, minuteMs, counts }) => {
    const atMs = startOf(minuteMs, widthMs)
    const isNew = atMs >= fromMs && minuteMs >= (countedUntil.get(`${projectId} ${atMs}`) ?? 0)
    return isNew ? [{ ...counts, atMs }] : []
  })
  return [...stored, ...open]
}

function totalsOf(parts: readonly Outcomes[]): Totals {
  const { lateness, ...counts } = addOutcomes(parts)
  return {
    ...counts,
    p50Ms: quantileMs(lateness, 0.5),
    p99Ms: quantileMs(lateness, 0.99),
    maxMs: lateness.maxMs,
  }
}

function worstEndpoints(parts: readonly Pick<StatsCounts, 'endpoints'>[]): Statistics['endpoints'] {
  return mergeEndpoints(parts.flatMap((part) => part.endpoints))
    .filter(({ failed }) => failed > 0)
    .map((counts) => ({ ...counts, failureRate: counts.failed / counts.attempts }))
    .toSorted((a, b) => leastRate(b) - leastRate(a) || b.attempts - a.attempts)
    .slice(0, MAX_ENDPOINTS)
}

/**
 * What the failure rate is at least, with 95 % confidence (lower bound of Wilson's score interval, JASA 22 (1927), p. 209):
 * one failure of one attempt says less than ninety of a hundred.
 */
function leastRate({ failed, attempts }: EndpointCounts): number {
  const z = 1.96
  const rate = failed / attempts
  const spread = z * Math.sqrt((rate * (1 - rate) + (z * z) / (4 * attempts)) / attempts)
  return (rate + (z * z) / (2 * attempts) - spread) / (1 + (z * z) / attempts)
}
