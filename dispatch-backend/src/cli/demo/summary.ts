/** What came of the demo, in numbers, and where that is not what was to come of it. */
import { formatMs, latenessOf, type Lateness } from './lateness.js'
import { expectationOf } from './plan.js'
import { fireAtMs, hasEnded, latenessesOf, stepsOf, type DemoJob } from './progress.js'

export interface Summary {
  readonly scheduled: number
  readonly delivered: number
  readonly lateness: Lateness | undefined
  /** Attempts that left, or arrived, before their time. */
  readonly early: number
  /** Deliveries of an attempt that had arrived already. */
  readonly twice: number
  readonly failedAttempts: number
  readonly retries: number
  readonly dead: number
  /** Cancelled, and never sent. */
  readonly cancelled: number
  /** Their retry was due after the demo, so it was cancelled. */
  readonly calledOff: number
  /** Sentences; none = all came as planned. */
  readonly surprises: readonly string[]
}

/** `sharesClock`: the server runs on this machine, so that arrivals here can be held against its due times. */
export function summarise(jobs: readonly DemoJob[], { sharesClock }: { sharesClock: boolean }): Summary {
  const scheduled = jobs.filter(({ job }) => job !== null)
  const endedAs = (step: string): DemoJob[] => scheduled.filter((one) => stepsOf(one).at(-1) === step)
  const logs = scheduled.flatMap(({ details }) => details?.logs ?? [])
  const cancelled = endedAs('CANCELLED')
  const numbers = {
    scheduled: scheduled.length,
    delivered: endedAs('SUCCESS').length,
    lateness: latenessOf(scheduled.flatMap(latenessesOf)),
    early: scheduled.filter((one) => isEarly(one, sharesClock)).length,
    twice: scheduled.reduce((sum, one) => sum + repeatsOf(one), 0),
    failedAttempts: logs.filter(({ status }) => status === 'FAILED').length,
    retries: logs.filter(({ attempt }) => attempt > 1).length,
    dead: endedAs('DEAD').length,
    cancelled: cancelled.filter(({ arrivals }) => arrivals.length === 0).length,
    calledOff: cancelled.filter(({ arrivals }) => arrivals.length > 0).length,
  }
  return { ...numbers, surprises: surprisesOf(jobs, numbers) }
}

function isEarly(one: DemoJob, sharesClock: boolean): boolean {
  if (latenessesOf(one).some((ms) => ms < 0)) return true
  const [first] = one.arrivals
  return sharesClock && first !== undefined && first.atMs < (fireAtMs(one) ?? 0)
}

function repeatsOf({ arrivals }: DemoJob): number {
  return arrivals.length - new Set(arrivals.map(({ attempt }) => attempt)).size
}

function surprisesOf(jobs: readonly DemoJob[], { early, twice }: Pick<Summary, 'early' | 'twice'>): string[] {
  return [
    ...(early > 0 ? [`${early} fired early, which must never be.`] : []),
    ...(twice > 0 ? [`${twice} came twice: the server was interrupted and sent them again.`] : []),
    ...jobs.flatMap(surpriseOf),
  ]
}

function surpriseOf(one: DemoJob): string[] {
  const name = `"${one.planned.title}"`
  if (!one.job) return [`${name} was not scheduled.`]
  const end = stepsOf(one).at(-1)
  const expected = { delivered: 'SUCCESS', dead: 'DEAD', cancelled: 'CANCELLED' }[expectationOf(one.planned)]
  if (end === expected) return end === 'CANCELLED' && one.arrivals.length > 0 ? [`${name} was sent all the same.`] : []
  // Its first attempt failed as planned; this server's retries come after the demo.
  if (end === 'CANCELLED' && one.planned.answers[0] !== 200 && one.arrivals.length > 0) return []
  const error = one.details?.logs.find((log) => log.error !== null)?.error
  const state = hasEnded(one) ? `ended ${end}` : `is still ${end}`
  return [`${name} ${state}, expected ${expected}${error === undefined ? '.' : `: ${error}`}`]
}

const MOST_SURPRISES = 5

/** For people. */
export function summaryLines(summary: Summary): string[] {
  const { scheduled, delivered, lateness, early, failedAttempts, retries, dead, cancelled, calledOff } = summary
  const lines = [
    ['delivered', `${delivered} of ${scheduled} jobs`],
    ['lateness', lateness ? latenessWords(lateness) : 'nothing was sent'],
    ['early', early === 0 ? 'none' : String(early)],
    ['failed', `${counted(failedAttempts, 'attempt')}, ${retries} retried; ${counted(dead, 'job')} DEAD`],
    ['cancelled', `${cancelled}, never sent${calledOff === 0 ? '' : `; ${calledOff} between two attempts`}`],
  ]
  const { surprises } = summary
  const more = surprises.length - MOST_SURPRISES
  return [
    ...lines.map(([name = '', words = '']) => `  ${name.padEnd(9)}  ${words}`),
    ...(surprises.length === 0 ? [] : ['', 'Not as planned:']),
    ...surprises.slice(0, MOST_SURPRISES).map((sentence) => `  ${sentence}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ]
}

function latenessWords({ p50, p99, max }: Lateness): string {
  return `p50 ${formatMs(p50)}, p99 ${formatMs(p99)}, max ${formatMs(max)}`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
