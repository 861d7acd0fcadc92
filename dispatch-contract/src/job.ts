import * as z from 'zod'
import { pagination } from './envelope.js'
import { isoInstant, text } from './text.js'

const TITLE = 'a text of 1 to 191 characters'
const WEBHOOK_URL = 'an http or https URL of at most 2048 characters'
const STATUS = 'one of SCHEDULED, FIRING, SUCCESS, FAILED, DEAD, CANCELLED'

export const jobStatus = z.enum(['SCHEDULED', 'FIRING', 'SUCCESS', 'FAILED', 'DEAD', 'CANCELLED'], { error: STATUS })
export type JobStatus = z.infer<typeof jobStatus>

/** Unknown members are ignored. */
export const createJobBody = z.object({
  title: z
    .string({ error: TITLE })
    .regex(/^[^\0\p{Cs}]{1,191}$/u, { error: TITLE })
    .describe('A name for people, shown in the dashboard and sent in the webhook body. Kept as it is.'),
  webhookUrl: z
    .string({ error: WEBHOOK_URL })
    .min(1, { error: WEBHOOK_URL })
    .max(2048, { error: WEBHOOK_URL })
    .describe(
      'Where Dispatch will POST to: an http or https URL. Private addresses are refused unless the operator allows them.',
    ),
  fireAt: z
    .string({ error: 'a UTC timestamp such as 2026-06-13T09:30:00Z' })
    .describe('When to fire: RFC 3339 in UTC (trailing `Z`), in the future. Finer than milliseconds is rounded up.'),
  payload: z
    .record(z.string(), z.unknown(), { error: 'a JSON object' })
    .optional()
    .describe('Delivered byte for byte as it was sent; `{}` when left out.'),
})
export type CreateJobBody = z.infer<typeof createJobBody>

/** Of the header `Idempotency-Key`. */
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, { error: '1 to 255 visible ASCII characters without spaces' })

const retryingFlag = z.enum(['true', 'false'], { error: 'true or false' })

export const cancelJobQuery = z.object({
  retrying: retryingFlag
    .default('false')
    .transform((value) => value === 'true')
    .describe('`true`: a FAILED job whose retry is armed is cancelled too.'),
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
    .meta({ type: 'integer', minimum: min, maximum: max, default: standard })
}

const isStatus = (text: string): text is JobStatus => (jobStatus.options as readonly string[]).includes(text)

const statusList = z
  .string({ error: STATUS })
  .refine((text) => text.split(',').every(isStatus), { error: STATUS })
  .transform((text) => [...new Set(text.split(',').filter(isStatus))])

const INSTANT = 'a UTC timestamp such as 2026-06-13T09:30:00Z'

export const jobSort = z.enum(['created', 'due'], { error: 'created or due' })
export type JobSort = z.infer<typeof jobSort>

export const sortOrder = z.enum(['desc', 'asc'], { error: 'desc or asc' })
export type SortOrder = z.infer<typeof sortOrder>

export const listJobsQuery = z.object({
  status: statusList
    .optional()
    .describe('Only jobs in this state; several are separated by commas: `FAILED,DEAD`.')
    .meta({ type: 'string', pattern: `^(${jobStatus.options.join('|')})(,(${jobStatus.options.join('|')}))*$` }),
  projectId: z.string({ error: 'the id of a project' }).optional().describe('Only jobs of this project.'),
  endpoint: text(1, 300)
    .optional()
    .describe(
      'Only jobs to this scheme, host and port: `https://hooks.example.com` or `https://hooks.example.com:8443`. Looked for as `q` is.',
    ),
  from: z
    .string({ error: INSTANT })
    .optional()
    .describe('Only jobs created (with `sort=due`: due) at or after this instant.'),
  to: z.string({ error: INSTANT }).optional().describe('Only jobs created (with `sort=due`: due) before this instant.'),
  q: text(1, 191)
    .optional()
    .describe(
      'Only jobs whose id begins with this text, or whose host or title holds it; case does not matter. Looked for among the first 10,000 jobs of the list as the other filters leave it; `search` tells how many there were.',
    ),
  sort: jobSort
    .default('created')
    .describe(
      '`created`: by the time of creation; `due`: by `fireAt`, which retries do not change; what fires next is `status=SCHEDULED,FAILED&sort=due&order=asc`. By `due` the pages end after 100,000 jobs; go on by `from` and `to`.',
    ),
  order: sortOrder.default('desc').describe('`desc`: latest first; `asc`: earliest first.'),
  page: numberText(1, 1_000_000, 1).describe('Page number, from 1.'),
  limit: numberText(1, 100, 20).describe('Results per page.'),
})
export type ListJobsQuery = z.infer<typeof listJobsQuery>

const summary = {
  id: z.uuid(),
  projectId: z.uuid(),
  title: z.string(),
  webhookUrl: z.string(),
  fireAt: isoInstant.describe('As it was asked for; retries do not change it.'),
  nextAttemptAt: isoInstant.nullable().describe('The next try; null when there will be none.'),
  status: jobStatus.describe('SUCCESS, DEAD and CANCELLED are final; a FAILED job waits for its retry.'),
  attempt: z.int().describe('Number of the last attempt; 0 before the first.'),
  retryCount: z.int().describe('Retries armed so far.'),
  createdAt: isoInstant,
  updatedAt: isoInstant,
  replayOf: z.uuid().nullable().describe('The job that this one fires again; null when it is no replay.'),
}

const projectOfJob = z.object({ id: z.uuid(), name: z.string() })

export const job = z.object({
  ...summary,
  payload: z.record(z.string(), z.unknown()).describe('Exactly as it was sent.'),
  payloadText: z
    .string()
    .describe("The payload's JSON text: for browsers, whose `JSON.parse` would lose digits of large numbers."),
})
export type Job = z.infer<typeof job>

export const attemptLog = z.object({
  id: z.uuid(),
  attempt: z.int().describe('Counted from 1.'),
  status: z
    .enum(['SUCCESS', 'FAILED', 'INTERRUPTED'])
    .describe('INTERRUPTED: Dispatch stopped while it was under way; the endpoint may have received it.'),
  responseCode: z.int().nullable().describe('Status of the answer; null when there was none.'),
  responseBody: z.string().nullable().describe('What the endpoint answered, at most 64 KiB.'),
  responseTruncated: z.boolean().describe('The body was longer, broke off or stalled.'),
  firedAt: isoInstant.describe('The same value as in the webhook body.'),
  durationMs: z.number().nullable(),
  latenessMs: z.number().nullable().describe('First byte out minus due time.'),
  error: z.string().nullable().describe('What went wrong, in words; null on success.'),
})
export type AttemptLog = z.infer<typeof attemptLog>

export const jobDetails = job.extend({ project: projectOfJob, logs: z.array(attemptLog) })
export type JobDetails = z.infer<typeof jobDetails>

export const jobListItem = z.object({ ...summary, project: projectOfJob })
export type JobListItem = z.infer<typeof jobListItem>

/** Filters that no index decides look at a bounded number of jobs. */
export const jobSearch = z.object({
  searched: z.int().describe('How many jobs were looked at, from the beginning of the list.'),
  limited: z
    .boolean()
    .describe('True when there are more, which were not looked at: narrow the list with `from` and `to`.'),
})
export type JobSearch = z.infer<typeof jobSearch>

export const jobPage = z.object({
  jobs: z.array(jobListItem),
  pagination,
  search: jobSearch
    .optional()
    .describe('Only there when matching jobs were looked for among a bounded number of them.'),
})
export type JobPage = z.infer<typeof jobPage>
