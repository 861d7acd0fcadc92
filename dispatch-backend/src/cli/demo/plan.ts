/** What the demo schedules, and what is to come of it. */

export interface PlannedJob {
  /** Names it in the receiver's paths. */
  readonly key: string
  readonly title: string
  /** From the moment its group begins to be scheduled, in ms. */
  readonly dueInMs: number
  /** What the receiver answers to attempt 1, 2, …; the last repeats. */
  readonly answers: readonly number[]
  /** How long it holds its answer, in ms: a delivery to this very machine would be over before anybody saw it FIRING. */
  readonly holdMs: number
  /** It is cancelled so long after it was scheduled, in ms. */
  readonly cancelAfterMs?: number
}

export interface Plan {
  /** Shown one by one. */
  readonly named: readonly PlannedJob[]
  /** Due at one instant, shown as one. */
  readonly burst: readonly PlannedJob[]
}

const BURST_SIZE = 200

const NAMED: readonly PlannedJob[] = [
  { key: 'welcome', title: 'Welcome mail', dueInMs: 1_000, answers: [200], holdMs: 250 },
  { key: 'trial', title: 'Trial reminder', dueInMs: 1_500, answers: [200], holdMs: 250 },
  { key: 'slow', title: 'Slow endpoint', dueInMs: 1_750, answers: [200], holdMs: 1_500 },
  { key: 'flaky', title: 'Fails once', dueInMs: 2_000, answers: [503, 200], holdMs: 250 },
  { key: 'broken', title: 'Always fails', dueInMs: 1_250, answers: [500], holdMs: 250 },
  { key: 'cancelled', title: 'Cancelled in time', dueInMs: 6_000, answers: [200], holdMs: 250, cancelAfterMs: 1_500 },
]

/** Late enough that scheduling the burst and watching the others is over by then. */
const BURST_DUE_MS = 5_000

export const PLAN: Plan = {
  named: NAMED,
  burst: Array.from({ length: BURST_SIZE }, (_, index) => ({
    key: `burst-${index + 1}`,
    title: `Burst ${index + 1} of ${BURST_SIZE}`,
    dueInMs: BURST_DUE_MS,
    answers: [200],
    holdMs: 0,
  })),
}

export type Expectation = 'delivered' | 'dead' | 'cancelled'

/** What is to come of a job where failed attempts are tried again. */
export function expectationOf({ answers, cancelAfterMs }: PlannedJob): Expectation {
  if (cancelAfterMs !== undefined) return 'cancelled'
  return answers.at(-1) === 200 ? 'delivered' : 'dead'
}
