/** Statistics in the shapes of the contract. */
import type * as api from 'dispatch-contract'
import { formatInstant } from '../clock.js'
import type { Forecast, Statistics, Totals } from '../domain/stats.js'
import type { Failure } from '../store/stats-store.js'

export function renderStats(stats: Statistics): api.Stats {
  const { buckets, totals, nowMs, widthMs } = stats
  const place = (atMs: number) => ({ at: formatInstant(atMs), isOpen: atMs + widthMs > nowMs })
  return {
    range: {
      name: stats.range,
      from: formatInstant(stats.fromMs),
      to: formatInstant(nowMs),
      bucketSeconds: widthMs / 1_000,
    },
    states: renderStates(stats.states),
    deliveries: buckets.map(({ atMs, ...bucket }) => ({ ...place(atMs), ...outcomes(bucket) })),
    lateness: buckets.map(({ atMs, p50Ms, p99Ms, maxMs }) => ({ ...place(atMs), p50: p50Ms, p99: p99Ms, max: maxMs })),
    totals: {
      attempts: totals.succeeded + totals.failed + totals.interrupted,
      ...outcomes(totals),
      latenessP50: totals.p50Ms,
      latenessP99: totals.p99Ms,
      latenessMax: totals.maxMs,
    },
    endpoints: stats.endpoints.map(({ endpoint, attempts, failed, failureRate, lastError, lastFailedAtMs }) => ({
      ...{ endpoint, attempts, failed, failureRate, lastError },
      lastFailedAt: lastFailedAtMs === null ? null : formatInstant(lastFailedAtMs),
    })),
    latestFailures: stats.failures.map(renderFailure),
    isExact: stats.isExact,
  }
}

function outcomes({ succeeded, failed, interrupted }: Totals): Pick<Totals, 'succeeded' | 'failed' | 'interrupted'> {
  return { succeeded, failed, interrupted }
}

function renderStates({ SCHEDULED, FIRING, SUCCESS, FAILED, DEAD, CANCELLED }: Statistics['states']): api.StateCounts {
  const render = ({ count, isExact }: Statistics['states']['DEAD']) => ({ count, isExact })
  return {
    SCHEDULED: render(SCHEDULED),
    FIRING: render(FIRING),
    SUCCESS: render(SUCCESS),
    FAILED: render(FAILED),
    DEAD: render(DEAD),
    CANCELLED: render(CANCELLED),
  }
}

function renderFailure(failure: Failure): api.LatestFailure {
  const { jobId, projectId, title, endpoint, attempt, firedAtMs, responseCode, error, willRetry } = failure
  return { jobId, projectId, title, endpoint, attempt, at: formatInstant(firedAtMs), responseCode, error, willRetry }
}

export function renderForecast({ nowMs, minutes, hours, isExact }: Forecast): api.Forecast {
  const render = (bucket: Forecast['minutes'][number]) => ({ at: formatInstant(bucket.atMs), due: bucket.due })
  return {
    from: formatInstant(minutes[0]!.atMs),
    computedAt: formatInstant(nowMs),
    minutes: minutes.map(render),
    hours: hours.map(render),
    isExact,
  }
}
