/** Counting attempts, and adding up what was counted. Pure. */
import type { AttemptFact, EndpointCounts, StatsCounts } from '../store/stats-store.js'
import { mergeSketches, sketchOf } from './lateness-sketch.js'

/** Endpoints kept of a bucket: all of a usual project's. */
export const MAX_ENDPOINTS = 20
/** As many as are shown. */
export const MAX_FAILURES = 10

/**
 * Of one project's attempts, which come in pages: counting a busy minute at once would hold up the event loop, and with it
 * the webhooks, for most of a second.
 */
export class AttemptTally {
  readonly #outcomes = { succeeded: 0, failed: 0, interrupted: 0 }
  readonly #endpoints = new Map<string, EndpointCounts>()
  #lateness = sketchOf([])
  #failureIds: readonly string[] = []

  add(facts: readonly AttemptFact[]): void {
    for (const fact of facts) {
      this.#outcomes[OUTCOMES[fact.status]] += 1
      addEndpointTo(this.#endpoints, endpointOf(fact))
    }
    this.#lateness = mergeSketches([this.#lateness, sketchOf(facts.flatMap(({ latenessMs }) => latenessMs ?? []))])
    const failed = facts.filter(({ status }) => status === 'FAILED').map(({ id }) => id)
    this.#failureIds = newest([...this.#failureIds, ...failed])
  }

  counts(): StatsCounts {
    const [lateness, failureIds] = [this.#lateness, this.#failureIds]
    return { ...this.#outcomes, lateness, failureIds, ...keepWorst([...this.#endpoints.values()]) }
  }
}

const OUTCOMES = { SUCCESS: 'succeeded', FAILED: 'failed', INTERRUPTED: 'interrupted' } as const

export function addCounts(parts: readonly StatsCounts[]): StatsCounts {
  if (parts.length === 1) return parts[0]!
  const sum = (of: (part: StatsCounts) => number): number => parts.reduce((total, part) => total + of(part), 0)
  const { endpoints, isCut } = keepWorst(mergeEndpoints(parts.flatMap((part) => part.endpoints)))
  return {
    succeeded: sum((part) => part.succeeded),
    failed: sum((part) => part.failed),
    interrupted: sum((part) => part.interrupted),
    lateness: mergeSketches(parts.map((part) => part.lateness)),
    endpoints,
    failureIds: newest(parts.flatMap((part) => part.failureIds)),
    isCut: isCut || parts.some((part) => part.isCut),
  }
}

function endpointOf({ endpoint, status, error, firedAtMs }: AttemptFact): EndpointCounts {
  const hasFailed = status === 'FAILED'
  return {
    endpoint,
    attempts: 1,
    failed: hasFailed ? 1 : 0,
    lastError: hasFailed ? error : null,
    lastFailedAtMs: hasFailed ? firedAtMs : null,
  }
}

/** One entry for each endpoint. */
export function mergeEndpoints(parts: readonly EndpointCounts[]): EndpointCounts[] {
  const merged = new Map<string, EndpointCounts>()
  for (const part of parts) addEndpointTo(merged, part)
  return [...merged.values()]
}

function addEndpointTo(merged: Map<string, EndpointCounts>, part: EndpointCounts): void {
  const other = merged.get(part.endpoint)
  merged.set(part.endpoint, other ? addEndpoint(other, part) : part)
}

function addEndpoint(a: EndpointCounts, b: EndpointCounts): EndpointCounts {
  const later = (b.lastFailedAtMs ?? -1) >= (a.lastFailedAtMs ?? -1) ? b : a
  return {
    endpoint: a.endpoint,
    attempts: a.attempts + b.attempts,
    failed: a.failed + b.failed,
    lastError: later.lastError,
    lastFailedAtMs: later.lastFailedAtMs,
  }
}

function keepWorst(endpoints: readonly EndpointCounts[]): Pick<StatsCounts, 'endpoints' | 'isCut'> {
  const worst = endpoints.toSorted((a, b) => b.failed - a.failed || b.attempts - a.attempts)
  return { endpoints: worst.slice(0, MAX_ENDPOINTS), isCut: worst.length > MAX_ENDPOINTS }
}

/** Ids carry their time: the greatest is the newest. */
export function newest(ids: readonly string[]): string[] {
  return ids.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0)).slice(0, MAX_FAILURES)
}
