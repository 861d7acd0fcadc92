/** Jobs of the demo in a given state, as the API would have told of them. */
import type { AttemptLog, JobDetails, JobStatus } from 'dispatch-client'
import { formatInstant } from '../../../clock.js'
import type { PlannedJob } from '../plan.js'
import type { DemoJob } from '../progress.js'

export const NOW_MS = Date.UTC(2031, 5, 13, 9, 30)

const PLANNED: PlannedJob = { key: 'x', title: 'Welcome mail', dueInMs: 1_000, answers: [200], holdMs: 0 }

export function attempt(number: number, status: AttemptLog['status'], latenessMs: number | null = 1): AttemptLog {
  return {
    ...{ id: `log-${number}`, attempt: number, status, latenessMs, firedAt: formatInstant(NOW_MS) },
    ...{ responseCode: status === 'SUCCESS' ? 200 : 500, responseBody: null, responseTruncated: false, durationMs: 1 },
    error: status === 'SUCCESS' ? null : 'the endpoint answered 500',
  }
}

export interface Given {
  readonly planned?: Partial<PlannedJob>
  /** As last read; absent = not read since it was scheduled. */
  readonly status?: JobStatus
  /** The first attempt first. */
  readonly logs?: readonly AttemptLog[]
  /** From `NOW_MS` to when it is, or was, due. */
  readonly dueInMs?: number
  readonly nextAttemptInMs?: number
  /** Attempts that arrived at the receiver. */
  readonly arrived?: readonly number[]
  readonly answered?: boolean
  readonly isCancelled?: boolean
}

/** A scheduled job. */
export function demoJob(given: Given = {}): DemoJob {
  const { planned, status, logs = [], dueInMs = -1_000, nextAttemptInMs, arrived = [], isCancelled = false } = given
  const fireAt = formatInstant(NOW_MS + dueInMs)
  const job: JobDetails = {
    ...{ id: 'job', projectId: 'project', title: 'Demo', webhookUrl: 'http://127.0.0.1:1/x', fireAt },
    ...{ payload: {}, payloadText: '{}', createdAt: fireAt, updatedAt: fireAt, replayOf: null },
    ...{ status: status ?? 'SCHEDULED', attempt: logs.length, retryCount: 0 },
    nextAttemptAt: nextAttemptInMs === undefined ? null : formatInstant(NOW_MS + nextAttemptInMs),
    project: { id: 'project', name: 'demo' },
    logs: [...logs].reverse(),
  }
  const answeredAtMs = given.answered === false ? null : NOW_MS
  return {
    planned: { ...PLANNED, ...planned },
    job: { ...job, status: 'SCHEDULED', nextAttemptAt: fireAt },
    details: status === undefined ? null : job,
    arrivals: arrived.map((number) => ({ attempt: number, atMs: NOW_MS, answeredAtMs })),
    isCancelled,
  }
}

export function unscheduled(): DemoJob {
  return { ...demoJob(), job: null }
}
