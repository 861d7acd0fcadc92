import * as z from 'zod'
import { isoInstant } from './text.js'

const RANGE = 'one of 1h, 24h, 7d, 30d'

/** How far back statistics look; each range has buckets of one length: 1 minute, 15 minutes, 2 hours, 6 hours. */
export const statsRange = z.enum(['1h', '24h', '7d', '30d'], { error: RANGE })
export type StatsRange = z.infer<typeof statsRange>

const projectId = z
  .string({ error: 'the id of a project' })
  .optional()
  .describe('Only this project; when left out, all of yours.')

export const statsQuery = z.object({
  projectId,
  range: statsRange.default('24h').describe('How far back to look.'),
})
export type StatsQuery = z.infer<typeof statsQuery>

export const forecastQuery = z.object({ projectId })
export type ForecastQuery = z.infer<typeof forecastQuery>

const at = isoInstant.describe('Start of the bucket, aligned in UTC.')
const isOpen = z.boolean().describe('It is not over yet: its numbers still grow.')
const attempts = z.int().describe('All that ended: succeeded, failed and interrupted.')
const milliseconds = z.number().nullable()
const atLeast = 'False: there are at least so many; counting stopped there.'

const count = z.object({ count: z.int(), isExact: z.boolean().describe(atLeast) })

export const stateCounts = z.object({
  SCHEDULED: count,
  FIRING: count,
  SUCCESS: count,
  FAILED: count,
  DEAD: count,
  CANCELLED: count,
})
export type StateCounts = z.infer<typeof stateCounts>

export const deliveriesBucket = z.object({
  at,
  isOpen,
  succeeded: z.int(),
  failed: z.int(),
  interrupted: z.int(),
})
export type DeliveriesBucket = z.infer<typeof deliveriesBucket>

/** Null where no attempt sent a byte. */
export const latenessBucket = z.object({ at, isOpen, p50: milliseconds, p99: milliseconds, max: milliseconds })
export type LatenessBucket = z.infer<typeof latenessBucket>

export const endpointStats = z.object({
  endpoint: z.string().describe('Scheme, host and port.'),
  attempts,
  failed: z.int(),
  failureRate: z.number().describe('Failed of all attempts, from 0 to 1.'),
  lastError: z.string().nullable().describe('Of the last failure, in words (its first 200 characters).'),
  lastFailedAt: isoInstant.nullable(),
})
export type EndpointStats = z.infer<typeof endpointStats>

export const latestFailure = z.object({
  jobId: z.uuid(),
  projectId: z.uuid(),
  title: z.string(),
  endpoint: z.string().describe('Scheme, host and port.'),
  attempt: z.int(),
  at: isoInstant.describe('When the attempt fired.'),
  responseCode: z.int().nullable(),
  error: z.string().nullable(),
  willRetry: z.boolean().describe('Another attempt is armed, under way, or was made.'),
})
export type LatestFailure = z.infer<typeof latestFailure>

export const stats = z.object({
  range: z.object({
    name: statsRange,
    from: isoInstant.describe('Start of the first bucket.'),
    to: isoInstant.describe('The moment of the answer, within the last bucket.'),
    bucketSeconds: z.int(),
  }),
  states: stateCounts.describe('How many jobs are in each state now, whatever the range.'),
  deliveries: z.array(deliveriesBucket).describe('Every bucket of the range, oldest first, also the empty ones.'),
  lateness: z
    .array(latenessBucket)
    .describe('The same buckets. First byte out minus due time in ms; percentiles are true to 5 %.'),
  totals: z.object({
    attempts,
    succeeded: z.int(),
    failed: z.int(),
    interrupted: z.int(),
    latenessP50: milliseconds,
    latenessP99: milliseconds,
    latenessMax: milliseconds,
  }),
  endpoints: z
    .array(endpointStats)
    .describe(
      'Those with failures, at most 10; worst first by what the failure rate is at least with 95 % confidence: one failure of one attempt says less than ninety of a hundred.',
    ),
  latestFailures: z
    .array(latestFailure)
    .describe('Newest first, at most 10. Those whose job was deleted are left out.'),
  isExact: z
    .boolean()
    .describe(
      'False: something was left out to keep the answer cheap: the oldest attempts of a very busy last minute, endpoints beyond the worst of a bucket, or all but the newest 100 projects.',
    ),
})
export type Stats = z.infer<typeof stats>

const due = z.int().describe('Jobs that come due in the bucket, first attempts and retries.')

export const forecast = z.object({
  from: isoInstant.describe('Start of the first bucket, the current minute.'),
  computedAt: isoInstant.describe('The forecast may be some seconds old.'),
  minutes: z.array(z.object({ at: isoInstant, due })).describe('The next hour: 60 buckets of a minute.'),
  hours: z
    .array(z.object({ at: isoInstant, due }))
    .describe('The next day: 24 buckets of an hour, from the current minute.'),
  isExact: z.boolean().describe('False: more comes due than was counted; the numbers are a lower bound.'),
})
export type Forecast = z.infer<typeof forecast>
