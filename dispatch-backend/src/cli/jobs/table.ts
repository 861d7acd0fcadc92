import { styleText } from 'node:util'
import type { AttemptLog, Job, JobDetails, JobListItem, JobStatus } from 'dispatch-client'
import { printable } from './printable.js'

/** Adds colour to a word, or does not. */
export type Paint = (status: JobStatus | AttemptLog['status'], text: string) => string

const COLOURS = {
  SCHEDULED: 'cyan',
  FIRING: 'yellow',
  SUCCESS: 'green',
  FAILED: 'yellow',
  INTERRUPTED: 'yellow',
  DEAD: 'red',
  CANCELLED: 'gray',
} as const

/** Colour on a terminal only; none in pipes, nor under `NO_COLOR`, which Node heeds. */
export function painter(stream: NodeJS.WriteStream): Paint {
  return (status, text) => (stream.isTTY ? styleText(COLOURS[status], text, { stream, validateStream: true }) : text)
}

const ID_WIDTH = 36
const STATUS_WIDTH = 9
const INSTANT_WIDTH = 24

export const LIST_HEAD = [
  'ID'.padEnd(ID_WIDTH),
  'STATUS'.padEnd(STATUS_WIDTH),
  'FIRE AT'.padEnd(INSTANT_WIDTH),
  'TITLE',
].join('  ')

/** A row below `LIST_HEAD`. */
export function listRow({ id, status, fireAt, title }: JobListItem, paint: Paint): string {
  const fields = [printable(id).padEnd(ID_WIDTH), paint(status, status.padEnd(STATUS_WIDTH)), printable(fireAt)]
  return [...fields, printable(title)].join('  ')
}

/** A job line by line: its fields, and its attempts when they are known. */
export function describeJob(job: Job | JobDetails, paint: Paint): string[] {
  const fields = [
    ['id', job.id],
    ['title', job.title],
    ...('project' in job ? [['project', `${job.project.name} (${job.project.id})`]] : []),
    ['status', job.status],
    ['fire at', job.fireAt],
    ...(job.nextAttemptAt !== null && job.nextAttemptAt !== job.fireAt ? [['next try', job.nextAttemptAt]] : []),
    ['webhook', job.webhookUrl],
    ['payload', job.payloadText],
  ]
  const lines = fields.map(([name = '', value = '']) => {
    const text = printable(value)
    return `${name.padEnd(8)}  ${name === 'status' ? paint(job.status, text) : text}`
  })
  const attempts = 'logs' in job ? [...job.logs].reverse() : []
  return [...lines, ...attempts.flatMap((log) => ['', ...describeAttempt(log, paint)])]
}

/** One attempt: when, what came of it and how late it was; then what was answered. */
export function describeAttempt(log: AttemptLog, paint: Paint): string[] {
  const { responseBody } = log
  const cut = log.responseTruncated ? ' … (cut off)' : ''
  const answer = responseBody === null || responseBody === '' ? [] : [`  answered  ${printable(responseBody)}${cut}`]
  return [attemptLine(log, paint), ...answer]
}

/** `attempt 1  SUCCESS  2031-06-13T09:30:00.004Z  200 in 12.3 ms, 0.8 ms late` */
export function attemptLine(log: AttemptLog, paint: Paint): string {
  const facts = [
    ...(log.responseCode === null ? [] : [`${log.responseCode}${inMs(log.durationMs)}`]),
    ...(log.latenessMs === null ? [] : [`${round(log.latenessMs)} ms late`]),
    ...(log.error === null ? [] : [printable(log.error)]),
  ]
  return `attempt ${log.attempt}  ${paint(log.status, log.status)}  ${printable(log.firedAt)}  ${facts.join(', ')}`
}

/** A job's state and what comes next. */
export function statusLine({ status, attempt, nextAttemptAt }: JobDetails, paint: Paint): string {
  const next = nextAttemptAt === null ? '' : printable(nextAttemptAt)
  const facts = { SCHEDULED: `due ${next}`, FIRING: `attempt ${attempt} is under way`, FAILED: `next try ${next}` }
  const fact = status in facts ? `  ${facts[status as keyof typeof facts]}` : ''
  return `${paint(status, status)}${fact}`
}

function inMs(durationMs: number | null): string {
  return durationMs === null ? '' : ` in ${round(durationMs)} ms`
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
