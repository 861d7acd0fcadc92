/**
 * Jobs in the shapes of the contract. A job with its payload is put together as text: `JSON.parse` and back would change
 * key order and lose digits, so the bytes that were sent are set in as they are.
 */
import type * as api from 'dispatch-contract'
import { formatInstant } from '../clock.js'
import type { SentRequest } from '../domain/sent-request.js'
import type { Attempt, ExportedJob, Job, JobDetails, JobPage, JobSummary } from '../store/store.js'

/** The whole envelope around one job. */
export function renderJobAnswer(message: string, job: Job | JobDetails): string {
  return `{"status":true,"message":${JSON.stringify(message)},"data":${renderJob(job)}}`
}

export function renderJobPage(
  { jobs, total, totalIsExact, search }: JobPage,
  page: number,
  limit: number,
): api.JobPage {
  return {
    jobs: jobs.map(renderListItem),
    pagination: { total, page, limit, totalPages: Math.ceil(total / limit), totalIsExact },
    ...(search && { search }),
  }
}

export function renderSentRequest({
  headers,
  firedAtMs,
  url,
  body,
  attempt,
  signed,
  note,
}: SentRequest): api.JobRequest {
  const named = Object.entries(headers).map(([name, value]) => ({ name, value }))
  return { method: 'POST', url, headers: named, body, attempt, firedAt: formatInstant(firedAtMs), signed, note }
}

/** A job on one line, with the line's end. */
export function renderJobLine({ project, lastAttempt, payload, ...job }: ExportedJob): string {
  const text = payload ?? '{}'
  // Between the tokens of JSON a blank is as good as a line's end, and within a string there is none.
  const shown = text.replaceAll(/[\r\n]/g, ' ')
  const further = { payloadText: text, project, lastAttempt: lastAttempt && renderLastAttempt(lastAttempt) }
  return `${renderAround(job, shown, further)}\n`
}

function renderJob(job: Job | JobDetails): string {
  const history = 'attempts' in job ? renderHistory(job) : {}
  return renderAround(job, job.payload, { payloadText: job.payload, ...history })
}

function renderAround(job: JobSummary, payload: string, further: object): string {
  const { id, projectId, title, webhookUrl } = job
  const before = JSON.stringify({ id, projectId, title, webhookUrl })
  const after = JSON.stringify(Object.assign(renderState(job), further))
  return `${before.slice(0, -1)},"payload":${payload},${after.slice(1)}`
}

function renderState(job: JobSummary) {
  return {
    fireAt: formatInstant(job.fireAtMs),
    status: job.status,
    retryCount: job.retryCount,
    attempt: job.attempt,
    nextAttemptAt: job.nextAttemptAtMs === null ? null : formatInstant(job.nextAttemptAtMs),
    createdAt: formatInstant(job.createdAtMs),
    updatedAt: formatInstant(job.updatedAtMs),
    replayOf: job.replayOf,
  }
}

function renderHistory({ project, attempts }: JobDetails): Pick<api.JobDetails, 'project' | 'logs'> {
  return { project: { id: project.id, name: project.name }, logs: attempts.map(renderAttempt) }
}

/** `JSON.stringify` leaves out what is undefined. */
function renderLastAttempt(attempt: Omit<Attempt, 'responseBody'>): object {
  return Object.assign(renderAttempt({ responseBody: null, ...attempt }), { responseBody: undefined })
}

function renderAttempt(attempt: Attempt): api.AttemptLog {
  return {
    id: attempt.id,
    attempt: attempt.attempt,
    status: attempt.status,
    responseCode: attempt.responseCode,
    responseBody: attempt.responseBody,
    responseTruncated: attempt.responseTruncated,
    firedAt: formatInstant(attempt.firedAtMs),
    durationMs: attempt.durationMs,
    latenessMs: attempt.latenessMs,
    error: attempt.error,
  }
}

function renderListItem(job: JobPage['jobs'][number]): api.JobListItem {
  const { id, projectId, title, webhookUrl, project } = job
  const state = renderState(job)
  return Object.assign({ id, projectId, title, webhookUrl }, state, { project: { id: project.id, name: project.name } })
}
