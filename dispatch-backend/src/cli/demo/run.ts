/** One demo from the first job to the last: schedule, cancel, watch, tidy up. */
import type { Dispatch } from 'dispatch-client'
import type { Clock } from '../../clock.js'
import type { Plan } from './plan.js'
import type { Progress } from './progress.js'
import type { DemoReceiver } from './receiver.js'
import { callOffTheRest, cancelAsPlanned, scheduleGroup, type Scheduling } from './schedule.js'
import { watchJobs } from './watch.js'

export interface DemoRun {
  readonly client: Dispatch
  readonly progress: Progress
  readonly plan: Plan
  readonly receiver: Pick<DemoReceiver, 'urlOf'>
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** From then on nothing more is waited for: a retry of another server's may be due in minutes. */
const WATCH_MS = 9_000
/** For cancelling what is left; longer than that nobody wants to wait who pressed Ctrl-C. */
const TIDY_UP_MS = 3_000

/** Rejects with the client's error; what had been scheduled by then is cancelled all the same. */
export async function runDemo(run: DemoRun): Promise<void> {
  const { client, progress, plan, receiver, clock } = run
  const failed = new AbortController()
  const signal = AbortSignal.any([run.signal, failed.signal])
  const scheduling: Scheduling = { client, progress, clock, urlOf: (planned) => receiver.urlOf(planned), signal }
  try {
    const isBurst = new Set(plan.burst)
    const burst = progress.jobs.filter(({ planned }) => isBurst.has(planned))
    const named = progress.jobs.filter(({ planned }) => !isBurst.has(planned))
    // The burst first: it takes a while to schedule, and the others are due soon.
    await scheduleGroup(burst, scheduling)
    await scheduleGroup(named, scheduling)
    if (signal.aborted) return
    const untilMs = clock.wallMs() + WATCH_MS
    await Promise.all([cancelAsPlanned(scheduling), watchJobs({ client, progress, clock, untilMs, signal })])
  } catch (error) {
    failed.abort()
    // A call that was given up because of the signal is no failure of the server's.
    if (!run.signal.aborted) throw error
  } finally {
    await tidyUp(scheduling)
  }
}

async function tidyUp(scheduling: Scheduling): Promise<void> {
  const limit = new AbortController()
  const timer = scheduling.clock.setTimer(TIDY_UP_MS, () => limit.abort())
  try {
    await callOffTheRest(scheduling, limit.signal)
  } catch {
    // The server went away, and its jobs with it or not: the summary says what is open.
  } finally {
    timer.cancel()
  }
}
