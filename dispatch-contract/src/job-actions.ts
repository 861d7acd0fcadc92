import * as z from 'zod'
import { isoInstant } from './text.js'

const IDS = 'an array of 1 to 500 ids of jobs'

export const cancelJobsBody = z.object({
  ids: z
    .array(z.uuid({ error: 'the id of a job (a UUID)' }), { error: IDS })
    .min(1, { error: IDS })
    .max(500, { error: IDS }),
  retrying: z
    .boolean({ error: 'true or false' })
    .default(false)
    .describe('`true`: FAILED jobs whose retry is armed are cancelled too.'),
})
export type CancelJobsBody = z.infer<typeof cancelJobsBody>

export const cancelledJobs = z.object({
  cancelled: z.array(z.uuid()).describe('These will not fire any more.'),
  refused: z
    .array(
      z.object({
        id: z.uuid(),
        code: z.string().describe('What cancelling it alone would have answered as `x-error-code`.'),
        message: z.string(),
      }),
    )
    .describe('These were left as they are.'),
})
export type CancelledJobs = z.infer<typeof cancelledJobs>

export const replayJobBody = z.object({
  fireAt: z
    .string({ error: 'a UTC timestamp such as 2026-06-13T09:30:00Z' })
    .optional()
    .describe('When to fire, in the future; when left out, now.'),
})
export type ReplayJobBody = z.infer<typeof replayJobBody>

const ATTEMPT = 'the number of an attempt, from 1'

export const jobRequestQuery = z.object({
  attempt: z
    .string({ error: ATTEMPT })
    .regex(/^[1-9][0-9]{0,4}$/, { error: ATTEMPT })
    .transform(Number)
    .optional()
    .describe('Which attempt; when left out, the last one that was recorded, or before the first what would be sent.')
    .meta({ type: 'integer', minimum: 1 }),
})
export type JobRequestQuery = z.infer<typeof jobRequestQuery>

export const jobRequest = z.object({
  method: z.literal('POST'),
  url: z.string(),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  body: z.string().describe('Byte for byte what is delivered, as text.'),
  attempt: z.int().describe('Counted from 1.'),
  firedAt: isoInstant.describe('As in the body; before the first attempt it is when the job is due.'),
  signed: z
    .enum(['complete', 'partial', 'gone', 'hidden'])
    .describe(
      'Which of the signatures `headers` holds: all; some, as a secret that also signed may be gone; none, as the secrets are gone; none, as the caller may not see the signing secret either.',
    ),
  note: z.string().nullable().describe('What to know about it, in words; null when there is nothing to say.'),
})
export type JobRequest = z.infer<typeof jobRequest>
