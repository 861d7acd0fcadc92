/** From the raw body of `POST /jobs` to a job that may be stored, or to all that is wrong with it at once. */
import { createJobBody } from 'dispatch-contract'
import { formatInstant } from '../clock.js'
import { parseJobBody, PayloadSpanError } from '../delivery/payload-span.js'
import { DispatchError } from '../errors.js'
import type { Job } from '../store/store.js'
import { parseInstant } from './instant.js'
import { problem, validationError } from './problem.js'
import { parseWebhookUrl } from './webhook-url.js'

export interface JobRequest {
  readonly title: string
  readonly webhookUrl: string
  readonly endpoint: string
  readonly fireAtMs: number
  /** The JSON text exactly as it was sent. */
  readonly payload: string
  /** The job that it fires again. */
  readonly replayOf?: string
}

export interface JobRules {
  /** When the request came: `fireAt` must lie after it. */
  readonly nowMs: number
  readonly checkUrl: (url: URL) => { allowed: true } | { allowed: false; reason: string }
}

const NO_PAYLOAD = '{}'

/** Throws `MALFORMED_JSON`, `VALIDATION` or, when nothing else is wrong, `ADDRESS_NOT_ALLOWED`. */
export function readJobRequest(raw: Buffer, rules: JobRules): JobRequest {
  const { value, payloadText } = parse(raw)
  const problems: string[] = []
  const title = readTitle(value['title'], problems)
  const webhook = readWebhookUrl(value['webhookUrl'], problems)
  const fireAtMs = readFireAt(value['fireAt'], rules.nowMs, problems)
  const payload = readPayload(value['payload'], payloadText, problems)
  const verdict = webhook ? rules.checkUrl(webhook.url) : { allowed: true as const }
  if (!verdict.allowed) {
    const refusal = `webhookUrl: ${verdict.reason}`
    if (problems.length === 0) throw new DispatchError('ADDRESS_NOT_ALLOWED', { message: refusal })
    problems.push(refusal)
  }
  if (problems.length > 0 || !webhook) throw validationError(problems)
  return { title, webhookUrl: value['webhookUrl'] as string, endpoint: webhook.endpoint, fireAtMs, payload }
}

/**
 * The same webhook once more, at `fireAt` or else now. Throws `VALIDATION`, or `ADDRESS_NOT_ALLOWED` when the settings have
 * changed since the job was made.
 */
export function replayRequest(job: Job, fireAt: string | undefined, rules: JobRules): JobRequest {
  const problems: string[] = []
  const webhook = readWebhookUrl(job.webhookUrl, problems)
  const fireAtMs = fireAt === undefined ? rules.nowMs : readFireAt(fireAt, rules.nowMs, problems)
  const verdict = webhook ? rules.checkUrl(webhook.url) : { allowed: true as const }
  if (problems.length > 0 || !webhook) throw validationError(problems)
  if (!verdict.allowed) throw new DispatchError('ADDRESS_NOT_ALLOWED', { message: `webhookUrl: ${verdict.reason}` })
  const { title, webhookUrl, payload } = job
  return { title, webhookUrl, endpoint: webhook.endpoint, fireAtMs, payload, replayOf: job.id }
}

function parse(raw: Buffer): ReturnType<typeof parseJobBody> {
  try {
    return parseJobBody(raw)
  } catch (error) {
    if (!(error instanceof PayloadSpanError)) throw error
    throw new DispatchError('MALFORMED_JSON', { message: error.message, cause: error })
  }
}

function readTitle(value: unknown, problems: string[]): string {
  const title = createJobBody.shape.title.safeParse(value)
  if (title.success) return title.data
  problems.push(problem('title', title.error.issues[0]?.message ?? 'a text', value))
  return ''
}

function readWebhookUrl(
  value: unknown,
  problems: string[],
): Exclude<ReturnType<typeof parseWebhookUrl>, string> | null {
  const webhook = parseWebhookUrl(value)
  if (typeof webhook !== 'string') return webhook
  problems.push(webhook)
  return null
}

function readFireAt(value: unknown, nowMs: number, problems: string[]): number {
  const text = createJobBody.shape.fireAt.safeParse(value)
  const expected = 'a UTC timestamp such as 2026-06-13T09:30:00Z'
  if (!text.success) {
    problems.push(problem('fireAt', expected, value))
    return 0
  }
  const instant = parseInstant(text.data)
  if (!instant.ok) problems.push(`${problem('fireAt', expected, value)} (${instant.problem})`)
  else if (instant.epochMs > nowMs) return instant.epochMs
  else problems.push(`${problem('fireAt', 'a time in the future', value)} (it is ${formatInstant(nowMs)} now)`)
  return 0
}

function readPayload(value: unknown, text: string | null, problems: string[]): string {
  if (text === null) return NO_PAYLOAD
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text
  problems.push(problem('payload', 'a JSON object', value))
  return NO_PAYLOAD
}
