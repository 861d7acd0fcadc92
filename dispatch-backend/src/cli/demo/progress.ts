/** What is known of the demo's jobs: what the API answered, and which deliveries arrived. */
import type { AttemptLog, Job, JobDetails, JobStatus } from 'dispatch-client'
import { parseInstant } from '../../domain/instant.js'
import type { PlannedJob } from './plan.js'

export type Step = JobStatus | AttemptLog['status']

export interface Arrival {
  readonly attempt: number
  readonly atMs: number
  /** Null until our answer to it is out: from then on the server records it. */
  answeredAtMs: number | null
}

export interface DemoJob {
  readonly planned: PlannedJob
  /** Null until it is scheduled. */
  job: Job | null
  /** As it was last read; null until then. */
  details: JobDetails | null
  readonly arrivals: Arrival[]
  /** Cancelled by us, and the server agreed. */
  isCancelled: boolean
}

/**
 * The states a job went through, in order. `FIRING` is seen by the delivery that arrives: it is over before it could be
 * asked for. The last attempt of a dead job shows as `DEAD`, as its state goes there from `FIRING` directly.
 */
export function stepsOf({ job, details, arrivals, isCancelled }: DemoJob): Step[] {
  if (!job) return []
  const logs = [...(details?.logs ?? [])].reverse()
  const recorded = logs.flatMap<Step>((log, index) => {
    const isLast = index === logs.length - 1 && details?.status === 'DEAD'
    return ['FIRING', isLast ? 'DEAD' : log.status]
  })
  const steps: Step[] = ['SCHEDULED', ...recorded]
  if (isCancelled || details?.status === 'CANCELLED') return [...steps, 'CANCELLED']
  const isUnderWay = !hasEnded({ details, isCancelled }) && arrivals.some(({ attempt }) => attempt > logs.length)
  return isUnderWay ? [...steps, 'FIRING'] : steps
}

export function hasEnded({ details, isCancelled }: Pick<DemoJob, 'details' | 'isCancelled'>): boolean {
  return isCancelled || (details !== null && ['SUCCESS', 'DEAD', 'CANCELLED'].includes(details.status))
}

/** When the next attempt is due, in epoch ms; undefined when there is none, or one is under way. */
export function nextDueMs({ job, details }: Pick<DemoJob, 'job' | 'details'>): number | undefined {
  return epochMs((details ?? job)?.nextAttemptAt)
}

/** What was asked for, in epoch ms. */
export function fireAtMs({ job }: Pick<DemoJob, 'job'>): number | undefined {
  return epochMs(job?.fireAt)
}

function epochMs(instant: string | null | undefined): number | undefined {
  const parsed = parseInstant(instant ?? '')
  return parsed.ok ? parsed.epochMs : undefined
}

/** Of each attempt that reached the wire, the first one first, in ms. */
export function latenessesOf({ details }: DemoJob): number[] {
  return [...(details?.logs ?? [])].reverse().flatMap(({ latenessMs }) => (latenessMs === null ? [] : [latenessMs]))
}

/** Holds the jobs, and tells of each change. */
export class Progress {
  readonly jobs: readonly DemoJob[]
  readonly #byKey: ReadonlyMap<string, DemoJob>
  #onChange: (job: DemoJob) => void = () => undefined

  constructor(planned: readonly PlannedJob[]) {
    this.jobs = planned.map((one) => ({ planned: one, job: null, details: null, arrivals: [], isCancelled: false }))
    this.#byKey = new Map(this.jobs.map((one) => [one.planned.key, one]))
  }

  /** From now on each change of a job is told. */
  listen(onChange: (job: DemoJob) => void): void {
    this.#onChange = onChange
  }

  find(key: string): DemoJob | undefined {
    return this.#byKey.get(key)
  }

  scheduled(one: DemoJob, job: Job): void {
    one.job = job
    this.#onChange(one)
  }

  /** A delivery came in; whoever answers it notes the time in what this returns. */
  arrived(one: DemoJob, attempt: number, atMs: number): Arrival {
    const arrival: Arrival = { attempt, atMs, answeredAtMs: null }
    one.arrivals.push(arrival)
    this.#onChange(one)
    return arrival
  }

  seen(one: DemoJob, details: JobDetails): void {
    const isNew = details.status !== one.details?.status || details.logs.length !== one.details.logs.length
    one.details = details
    if (isNew) this.#onChange(one)
  }

  cancelled(one: DemoJob): void {
    one.isCancelled = true
    this.#onChange(one)
  }
}
