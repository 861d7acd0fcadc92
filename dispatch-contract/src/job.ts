import * as z from 'zod'
import { pagination } from './envelope.js'
import { isoInstant } from './text.js'

const TITLE = 'a text of 1 to 191 characters'
const WEBHOOK_URL = 'an http or https URL of at most 2048 characters'
const STATUS = 'one of SCHEDULED, FIRING, SUCCESS, FAILED, DEAD, CANCELLED'

export const jobStatus = z.enum(['SCHEDULED', 'FIRING', 'SUCCESS', 'FAILED', 'DEAD', 'CANCELLED'], { error: STATUS })
export type JobStatus = z.infer<typeof jobStatus>

/** Unknown members are ignored. */
export const createJobBody = z.object({
  /** Kept as it is; without NUL and lone surrogates. */
  title: z.string({ error: TITLE }).regex(/^[^\0\p{Cs}]{1,191}$/u, { error: TITLE }),
  webhookUrl: z.string({ error: WEBHOOK_URL }).min(1, { error: WEBHOOK_URL }).max(2048, { error: WEBHOOK_URL }),
  /** RFC 3339 in UTC (`2026-06-13T09:30:00Z`) and in the future; finer than milliseconds is rounded up. */
  fireAt: z.string({ error: 'a UTC timestamp such as 2026-06-13T09:30:00Z' }),
  /** Delivered byte for byte as it was sent. */
  payload: z.record(z.string(), z.unknown(), { error: 'a JSON object' }).optional(),
})
export type CreateJobBody = z.infer<typeof createJobBody>

/** Of the header `Idempotency-Key`. */
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, { error: '1 to 255 visible ASCII characters without spaces' })

const retryingFlag = z.enum(['true', 'false'], { error: 'true or false' })

export const cancelJobQuery = z.object({
  /** `true`: also a FAILED job whose retry is armed is cancelled. */
  retrying: retryingFlag.default('false').transform((value) => value === 'true'),
})

/** A number in a query string. */
function numberText(min: number, max: number, standard: number) {
  const expected = `a whole number from ${min} to ${max}`
  return z
    .string({ error: expected })
    .regex(/^[0-9]{1,9}$/, { error: expected })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: expected })
    .default(standard)
}

export const listJobsQuery = z.object({
  status: jobStatus.optional(),
  projectId: z.string({ error: 'the id of a project' }).optional(),
  page: numberText(1, 1_000_000, 1),
  limit: numberText(1, 100, 20),
})
export type ListJobsQuery = z.infer<typeof listJobsQuery>

const summary = {
  id: z.uuid(),
  projectId: z.uuid(),
  title: z.string(),
  webhookUrl: z.string(),
  fireAt: isoInstant,
  nextAttemptAt: isoInstant.nullable(),
  status: jobStatus,
  attempt: z.int(),
  retryCount: z.int(),
  createdAt: isoInstant,
  updatedAt: isoInstant,
}

const projectOfJob = z.object({ id: z.uuid(), name: z.string() })

export const job = z.object({
  ...summary,
  payload: z.record(z.string(), z.unknown()),
  /** The payload's JSON text: for browsers, whose `JSON.parse` would lose digits of large numbers. */
  payloadText: z.string(),
})
export type Job = z.infer<typeof job>

export const attemptLog = z.object({
  id: z.uuid(),
  attempt: z.int(),
  /** INTERRUPTED: Dispatch stopped while it was under way; the endpoint may have received it. */
  status: z.enum(['SUCCESS', 'FAILED', 'INTERRUPTED']),
  responseCode: z.int().nullable(),
  responseBody: z.string().nullable(),
  responseTruncated: z.boolean(),
  firedAt: isoInstant,
  durationMs: z.number().nullable(),
  /** First byte out minus due time. */
  latenessMs: z.number().nullable(),
  error: z.string().nullable(),
})
export type AttemptLog = z.infer<typeof attemptLog>

export const jobDetails = job.extend({ project: projectOfJob, logs: z.array(attemptLog) })
export type JobDetails = z.infer<typeof jobDetails>

export const jobListItem = z.object({ ...summary, project: projectOfJob })
export type JobListItem = z.infer<typeof jobListItem>

export const jobPage = z.object({ jobs: z.array(jobListItem), pagination })
export type JobPage = z.infer<typeof jobPage>
